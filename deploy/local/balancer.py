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
Ends: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Balancer:
    def __init__(self, backends: Sequence[int], is_ready: IsReady, *, wait_s: float) -> None:
        self._backends = list(backends)
        self._is_ready = is_ready
        self._wait_s = wait_s
        self._ready: set[int] = set()
        self._any_ready = asyncio.Event()
        self._serving: set[asyncio.Task[None]] = set()

    async def watch(self, port: int) -> None:
        """Look after one backend for ever. Each by itself: one that is stalled stalls no other."""
        while True:
            self._note(port, is_ready=await self._is_ready(port))
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
        try:
            async with asyncio.timeout(self._wait_s):
                backend = await self._connected()
            await joined((reader, writer), backend)
        except TimeoutError:
            pass
        finally:
            writer.transport.abort()

    async def _connected(self) -> Ends:
        """A connection to the next one that takes it, once there is one."""
        while (backend := await self._next()) is None:
            await self._any_ready.wait()
        return backend

    async def _next(self) -> Ends | None:
        for _ in self._backends:
            self._backends.append(self._backends.pop(0))
            port = self._backends[-1]
            if port not in self._ready:
                continue
            try:
                async with asyncio.timeout(CONNECT_S_MAX):
                    return await asyncio.open_connection(HOST, port)
            except (OSError, TimeoutError):
                self._note(port, is_ready=False)
        return None

    def _note(self, port: int, *, is_ready: bool) -> None:
        if is_ready:
            self._ready.add(port)
            self._any_ready.set()
        else:
            self._ready.discard(port)
            if not self._ready:
                self._any_ready.clear()


async def joined(ours: Ends, theirs: Ends) -> None:
    """Over when both sides have ended, or at once when one breaks."""
    try:
        async with asyncio.TaskGroup() as pipes:
            pipes.create_task(piped(ours[0], theirs[1]))
            pipes.create_task(piped(theirs[0], ours[1]))
    except* OSError:
        pass
    finally:
        theirs[1].transport.abort()


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
