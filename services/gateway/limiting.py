"""Soft limits at the door, where guessing or flooding would pay. Exact locks are the services'.

How many, and why so many, stands beside the routes; all of them in docs/operations.md.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Network, ip_address

from aiohttp import web

from chassis.access import Caller
from chassis.errors import AppError, Kind
from chassis.redis import Limits
from services.gateway.routes import Limit

WINDOW_S = 60.0
SOURCE_LENGTH_MAX = 64
# Whose addresses were read lately: most ask again.
SOURCES_MAX = 10_000


class TooManyRequestsError(AppError):
    kind, reason = Kind.RESOURCE_EXHAUSTED, "TOO_MANY_REQUESTS"


class Limiter:
    """Counts by subject where somebody is signed in, else by address.

    Args:
        proxies_count: How many proxies of ours stand before us, each of which adds the address
            it was spoken to from to X-Forwarded-For. What stands left of those anybody may write.
    """

    def __init__(self, limits: Limits, *, proxies_count: int) -> None:
        self._limits = limits
        self._proxies_count = proxies_count

    async def check(self, limit: Limit | None, request: web.Request, caller: Caller | None) -> None:
        """Raises TooManyRequestsError."""
        if limit is None:
            return
        who = self.source(request) if caller is None else f"{caller.issuer} {caller.subject}"
        allowed = await self._limits.allows(
            f"{limit.name} {who}", count_max=limit.per_minute_max, window_s=WINDOW_S
        )
        if not allowed:
            raise TooManyRequestsError(
                f"at most {limit.per_minute_max} such requests a minute: wait a moment",
                per_minute_max=limit.per_minute_max,
                retry_after_s=WINDOW_S,
            )

    def source(self, request: web.Request) -> str:
        """Where a request comes from."""
        # Some proxies add to the line that came, some put one of their own behind it.
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")
        if 0 < self._proxies_count <= len(forwarded) and forwarded != [""]:
            return source_of(forwarded[-self._proxies_count].strip())
        return source_of(request.remote or "")


@lru_cache(SOURCES_MAX)
def source_of(address: str) -> str:
    """An IPv4 address as it is; of an IPv6 one the /64, all of which one line has.

    What is no address stands for itself: a proxy of ours said so.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address[:SOURCE_LENGTH_MAX]
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((found, 64), strict=False))
