"""Which MongoDB and which Redis a run on one machine uses: given ones, or its own children.

Decided for each by itself: an address given, a program on PATH, a program in a
wheel, else an error. One that is found but unfit is an error too, never skipped.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import mongod, redis_server
from deploy.local.binaries import Sources
from deploy.local.given import check_mongo as check_mongo
from deploy.local.given import check_redis as check_redis
from deploy.local.leftovers import alone, stop_leftovers

MONGO_CACHE_GB = 0.5
NAMES = ("mongod", "redis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    mongo_uri: str
    redis_url: str


@asynccontextmanager
async def running(
    folder: Path,
    *,
    mongo_uri: str = "",
    redis_url: str = "",
    sources: Sources | None = None,
    mongo_cache_gb: float = MONGO_CACHE_GB,
) -> AsyncIterator[Engines]:
    """Have both engines ready for as long as the block lasts.

    An address that is not empty is checked and used as it is; otherwise a child
    runs on the loopback with its data, port and log in `folder`. All processes
    that an earlier run left there are stopped first, services included. Raises
    LocalError: EngineError, FolderInUseError, ProcessError for a deaf leftover.
    """
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(alone(folder))
        await stop_leftovers(folder, last=NAMES)
        sources = sources or Sources()
        if mongo_uri:
            await check_mongo(mongo_uri)
        else:
            embedded = mongod.embedded(folder, sources, cache_gb=mongo_cache_gb)
            mongo_uri = await stack.enter_async_context(embedded)
        if redis_url:
            await check_redis(redis_url)
        else:
            redis_url = await stack.enter_async_context(redis_server.embedded(folder, sources))
        yield Engines(mongo_uri=mongo_uri, redis_url=redis_url)
