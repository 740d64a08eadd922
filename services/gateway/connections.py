"""Connections of callers: what is no request gets a problem too, and nobody is waited for long.

aiohttp answers itself what never becomes a request of the application. It does so with the
bytes that came, logs them with the caller's address, and tells its own version.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, cast

from aiohttp import HttpVersion10, HttpVersion11, web
from aiohttp.web_protocol import RequestHandler

from services.gateway.problems import HttpError, response_of, response_to, unexpected

log = logging.getLogger(__name__)

# Whoever does not read for this long holds memory of ours for nobody.
WRITE_S_MAX = 30.0
# Whoever takes longer to say what is wanted holds a connection for nobody.
HEAD_S_MAX = 10.0

Handle: TypeAlias = Callable[[Any], Awaitable[web.StreamResponse]]


class Connection(RequestHandler):
    """One connection, cut when what we have to say has waited `write_s` for its reader, and
    closed when a head that has begun has not ended after `head_s`.

    One that begins before the answer to the one before is out has as long as a connection
    that rests: of that the parser tells nothing.
    """

    def __init__(self, server: "Server", *, write_s: float, head_s: float, **settings: Any) -> None:
        super().__init__(server, **settings)
        self._unread = Countdown(write_s)
        self._unasked = Countdown(head_s)
        self._unended = Countdown(write_s)
        self._wire: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._wire = cast(asyncio.Transport, transport)  # uvloop's are of no class of asyncio's.

    async def start(self) -> None:
        """Serve its requests. What is still unsent then has its time too: a transport that was
        closed waits for its reader, and for ever."""
        try:
            await super().start()
        finally:
            if self._wire is not None:
                self._unended.begin(self._cut)

    def data_received(self, data: bytes) -> None:
        before_count = self._request_count
        super().data_received(data)
        if self._request_count > before_count:
            self._unasked.end()
        elif self._waits() and data.strip(b"\r\n"):  # RFC 9112, 2.2: an empty line is nothing.
            self._unasked.begin(self._hang_up)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """For what the parser refuses (400), and for what a handler let fly."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        if status == 400:
            # Neither logged nor sent back in their words, which hold what came.
            response = response_to(malformed())
        else:
            log.error("unexpected error beside the routes", exc_info=exc)
            response = response_of(unexpected())
        response.force_close()
        return response

    def close(self) -> None:
        """Also one so new that no request is waited for yet: from then on none is read, and
        aiohttp would wait for one until `shutdown_timeout` is over, as would who sent it."""
        super().close()
        if not self._request_count:
            self.force_close()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread.begin(self._cut)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unread.end()

    def connection_lost(self, exc: BaseException | None) -> None:
        super().connection_lost(exc)
        for countdown in (self._unread, self._unasked, self._unended):
            countdown.end()
        self._wire = None

    def _waits(self) -> bool:
        """For the head of a request; the first may come before that is waited for."""
        return not self._request_count or (self._waiter is not None and not self._waiter.done())

    def _hang_up(self) -> None:
        if self._waits():
            self.force_close()

    def _cut(self) -> None:
        if self._wire is not None:
            self._wire.abort()


class Countdown:
    """Calls what it is begun with once, `length_s` later, unless it is ended before."""

    def __init__(self, length_s: float) -> None:
        self._length_s = length_s
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, over: Callable[[], object]) -> None:
        """Does nothing while it runs."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._length_s, self._end, over)

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self, over: Callable[[], object]) -> None:
        self._timer = None
        over()


class Server(web.Server):
    """Makes connections of ours, otherwise as `made`."""

    def __init__(self, made: web.Server, *, write_s: float, head_s: float) -> None:
        super().__init__(
            explaining(made.request_handler),
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            **made._kwargs,
        )
        self._write_s = write_s
        self._head_s = head_s

    def __call__(self) -> Connection:
        return Connection(
            self, write_s=self._write_s, head_s=self._head_s, loop=self._loop, **self._kwargs
        )


class Runner(web.AppRunner):
    """aiohttp's own, with a server of ours."""

    def __init__(
        self,
        app: web.Application,
        *,
        write_s: float = WRITE_S_MAX,
        head_s: float = HEAD_S_MAX,
        **settings: Any,
    ) -> None:
        super().__init__(app, **settings)
        self._write_s = write_s
        self._head_s = head_s

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return Server(made, write_s=self._write_s, head_s=self._head_s)


def explaining(handle: Handle) -> Handle:
    """`handle`, with problems instead of aiohttp's own refusals."""

    async def explained(request: Any) -> web.StreamResponse:
        if request.version < HttpVersion11 and is_ambiguous(request):
            response = response_to(malformed())
            response.force_close()
            return response
        try:
            return await handle(request)
        except web.HTTPClientError as error:
            return response_to(problem_instead_of(error))

    return explained


def is_ambiguous(request: web.BaseRequest) -> bool:
    """Of an older version, where it ends is not sure (RFC 9112, 6.1): a proxy that knows no
    chunks there would take what follows for a request of somebody else's."""
    return request.version < HttpVersion10 or "Transfer-Encoding" in request.headers


def problem_instead_of(error: web.HTTPClientError) -> HttpError:
    """Of what aiohttp refuses before any route: an odd Expect, or a target that is no path."""
    if error.status == 417:
        return HttpError(417, "EXPECTATION_FAILED", "send no Expect header, or `100-continue`")
    return HttpError(404, "NOT_FOUND", "there is nothing at this path")


def malformed() -> HttpError:
    return HttpError(
        400,
        "MALFORMED_REQUEST",
        "what came is no HTTP request, or its first line or headers are too large",
    )
