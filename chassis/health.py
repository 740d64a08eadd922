"""Health (grpc.health.v1) on a server of its own: no limit, token or full queue hides it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from chassis import known_paths

log = logging.getLogger(__name__)

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING

LIVE = "live"  # The liveness name. Restarting us does not bring an engine back.


class Health:
    """The readiness of `names`. Liveness is true till the end."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._servicer = health.aio.HealthServicer()
        self.server = known_paths.new_server(options=[("grpc.so_reuseport", 0)])
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, self.server)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Answer inside the block; not ready until told."""
        await self._servicer.set(LIVE, SERVING)
        await self.ready(False)
        await self.server.start()
        try:
            yield
        finally:
            await self.server.stop(grace=None)

    async def ready(self, ready: bool) -> None:
        for name in self._names:
            await self._servicer.set(name, SERVING if ready else NOT_SERVING)


async def report(check: Callable[[], Awaitable[object]], health: Health, interval_s: float) -> None:
    """Check for ever, and tell readiness when the answer changes."""
    ready = False  # As `serving` left it.
    while True:
        before = ready
        try:
            # Within the interval, so that checks never pile up. Not by `wait_for`: until
            # Python 3.12 that loses a cancellation, and a drain then waits for ever.
            async with asyncio.timeout(interval_s):
                await check()
            ready = True
        except Exception as error:
            log.warning("not ready: %s", type(error).__name__)
            ready = False
        if ready != before:
            await health.ready(ready)
        await asyncio.sleep(interval_s)
