"""The line between a browser and the suite: it can be cut, and carry another release."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import ClientSession, web

# Those of one connection, not of the answer; and what aiohttp has undone already.
OF_THE_LINE = {"Connection", "Transfer-Encoding", "Content-Encoding", "Content-Length", "Date"}


@dataclass
class Line:
    """Passes requests on. `instead` replaces bytes in the answers at a path."""

    http: ClientSession
    url: str = ""
    is_cut: bool = False
    instead: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)

    async def carry(self, request: web.Request) -> web.StreamResponse:
        if self.is_cut:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        # Asked whether what it has still holds, the gateway would say yes for what is replaced.
        own = {"Host", "If-None-Match", "If-Modified-Since"}
        given = {name: text for name, text in request.headers.items() if name not in own}
        body = await request.read()
        async with self.http.request(
            request.method, request.rel_url, headers=given, data=body or None
        ) as answer:
            headers = {k: v for k, v in answer.headers.items() if k not in OF_THE_LINE}
            before, after = self.instead.get(request.path, (b"", b""))
            content = await answer.read()
            content = content.replace(before, after) if before else content
            return web.Response(status=answer.status, body=content, headers=headers)


@asynccontextmanager
async def line_to(url: str) -> AsyncIterator[Line]:
    async with ClientSession(url) as http:
        line = Line(http)
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", line.carry)
        runner = web.AppRunner(app, shutdown_timeout=1.0)  # A page that is open keeps its stream.
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        line.url = f"http://{host}:{port}"
        yield line
        await runner.cleanup()
