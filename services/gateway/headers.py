"""Headers that every answer has."""

from collections.abc import Mapping

# Server: else aiohttp tells everybody its version and Python's.
COMMON: Mapping[str, str] = {"Server": "comptoir", "X-Content-Type-Options": "nosniff"}
NO_STORE: Mapping[str, str] = {**COMMON, "Cache-Control": "no-store"}
