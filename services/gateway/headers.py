"""Headers that every answer has."""

from collections.abc import Mapping

from aiohttp import web

# Server: else aiohttp tells everybody its version and Python's.
COMMON: Mapping[str, str] = {"Server": "comptoir", "X-Content-Type-Options": "nosniff"}
# Browsers then come by HTTPS alone, for a year from each answer, also where somebody types or
# links http://, whose first answer anybody on the line could forge (RFC 6797, 6.1.1). Without
# `includeSubDomains`: what else is under the retailer's name is not ours to decide.
STRICT_TRANSPORT = ("Strict-Transport-Security", "max-age=31536000")
NO_STORE: Mapping[str, str] = {**COMMON, "Cache-Control": "no-store"}


async def say_https_alone(request: web.Request, response: web.StreamResponse) -> None:
    """For whatever is answered, just before it goes. Never where it may go in plain HTTP, or
    nobody reaches us by it any more (RFC 6797, 7.2)."""
    name, value = STRICT_TRANSPORT
    response.headers[name] = value
