"""Serves a registry at /metrics over plain HTTP, for scrapers: a page, and no more of HTTP.

prometheus_client's own server runs in threads and asks the DNS for its name before it
listens (`http.server`), which in a cluster may take seconds of every start.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry

from chassis.telemetry import metrics_text

HEAD_BYTES_MAX = 8192
ANSWER_S_MAX = 5.0
# Scrapers come one at a time; whoever holds lines open must not hold our descriptors.
CONNECTIONS_MAX = 16
UNREADABLE = (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError)


@asynccontextmanager
async def metrics_served(
    registry: CollectorRegistry, *, host: str, port: int
) -> AsyncIterator[int]:
    """Answer inside the block; yields the port. Raises OSError where it cannot be had."""
    page = MetricsPage(registry)
    server = await asyncio.start_server(page.answer, host, port, limit=HEAD_BYTES_MAX)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await page.close()
        await server.wait_closed()


class MetricsPage:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._under_way: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._under_way[task] = writer
        try:
            if len(self._under_way) <= CONNECTIONS_MAX:
                await self._answer(reader, writer)
        finally:
            del self._under_way[task]
            writer.close()

    async def close(self) -> None:
        """Hang up on whoever is still asking.

        Not by cancelling: until Python 3.12 asyncio's streams complain of a cancelled handler.
        """
        for writer in self._under_way.values():
            writer.transport.abort()
        await asyncio.gather(*self._under_way)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(ANSWER_S_MAX):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._response_to(head))
                await writer.drain()
        except UNREADABLE:
            pass  # Whoever speaks no HTTP, or too slowly, is not told so in HTTP.

    def _response_to(self, head: bytes) -> bytes:
        method, _, rest = head.partition(b" ")
        target = rest.partition(b" ")[0].partition(b"?")[0]
        if target != b"/metrics":
            return response("404 Not Found")
        if method not in (b"GET", b"HEAD"):
            return response("405 Method Not Allowed", "Allow: GET, HEAD")
        text = metrics_text(self._registry)
        whole = response("200 OK", f"Content-Type: {CONTENT_TYPE_LATEST}", body=text)
        return whole if method == b"GET" else whole[: len(whole) - len(text)]


def response(status: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body
