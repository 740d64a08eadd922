"""Stands before several gateways at one port, as a cluster's load balancer does. Knows no HTTP.

A connection goes, in turn, to one that is ready, and stays with it to its end. Where none is,
it waits a moment: on a busy machine all may be late to say that they are.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias

from deploy.local.ports import HOST

LOOK_S = 0.2
CONNECT_S_MAX = 0.5
WAIT_S_MAX = 2.0
CHUNK_BYTES = 64 * 1024

# Whether the backend at this port may get connections; raises nothing.
IsReady: TypeAlias = Callable[[int], Awaitable[bool]]


class Balancer:
    def __init__(self, backends: Sequence[int], is_ready: IsReady, *, wait_s: float) -> None:
        self._backends = list(backends)
        self._is_ready = is_ready
        self._wait_s = wait_s
        self._ready: set[int] = set()
        self._serving: set[asyncio.Task[None]] = set()

    async def watch(self, port: int) -> None:
        """Look after one backend for ever. Each by itself: one that is stalled stalls no other."""
        while True:
            if await self._is_ready(port):
                self._ready.add(port)
            else:
                self._ready.discard(port)
            await asyncio.sleep(LOOK_S)

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def end(self) -> None:
        """Cut every connection."""
        for task in list(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        backend = await self._connected()
        if backend is None:
            writer.transport.abort()
            return
        their_reader, their_writer = backend
        try:
            # Over when both sides have ended, or at once when one breaks.
            async with asyncio.TaskGroup() as pipes:
                pipes.create_task(piped(reader, their_writer))
                pipes.create_task(piped(their_reader, writer))
        except* OSError:
            pass
        finally:
            their_writer.transport.abort()
            writer.transport.abort()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """A connection to the next one that takes it; None where nobody does for `wait_s`."""
        backend = await self._next()
        for _ in range(int(self._wait_s / LOOK_S)):
            if backend is not None:
                break
            await asyncio.sleep(LOOK_S)
            backend = await self._next()
        return backend

    async def _next(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in self._backends:
            self._backends.append(self._backends.pop(0))
            port = self._backends[-1]
            if port not in self._ready:
                continue
            try:
                async with asyncio.timeout(CONNECT_S_MAX):
                    return await asyncio.open_connection(HOST, port)
            except (OSError, TimeoutError):
                self._ready.discard(port)
        return None


async def piped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bytes from one to the other until the end, which is passed on."""
    while chunk := await reader.read(CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()
    writer.write_eof()


@asynccontextmanager
async def balancing(
    port: int, backends: Sequence[int], is_ready: IsReady, *, wait_s: float = WAIT_S_MAX
) -> AsyncIterator[None]:
    """Takes connections at `port` inside the block."""
    balancer = Balancer(backends, is_ready, wait_s=wait_s)
    server = await asyncio.start_server(balancer.serve, HOST, port)
    watching = [asyncio.create_task(balancer.watch(backend)) for backend in backends]
    try:
        yield
    finally:
        server.close()
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        await balancer.end()
