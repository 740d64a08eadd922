"""Connections of callers: what is no request gets a problem too, and who neither goes on asking
nor reads is left.

aiohttp answers itself what never becomes a request of the application. It does so with the
bytes that came, logs them with the caller's address, and tells its own version.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from aiohttp import HttpVersion10, HttpVersion11, web
from aiohttp.web_protocol import RequestHandler

from services.gateway.problems import HttpError, response_of, response_to, unexpected

log = logging.getLogger(__name__)

# Whoever does not read for this long holds memory of ours for nobody.
WRITE_S_MAX = 30.0
# Nor does a head of a request that takes longer to come; aiohttp would wait for an hour.
HEAD_S_MAX = 10.0

Handle: TypeAlias = Callable[[Any], Awaitable[web.StreamResponse]]


class Connection(RequestHandler):
    """One connection, closed when what we have to say has waited `write_s` for its reader, and
    when a head that is due or has begun has not ended after `head_s`."""

    def __init__(self, server: "Server", *, write_s: float, head_s: float, **settings: Any) -> None:
        super().__init__(server, **settings)
        self._unread = Patience(write_s, self._leave)
        self._unasked = Patience(head_s, self._hang_up)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._unasked.begin()

    def data_received(self, data: bytes) -> None:
        before_count = self._request_count
        super().data_received(data)
        if self._request_count > before_count:
            self._unasked.end()
        elif self._waits():
            self._unasked.begin()  # A part of a head.

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
        self._unread.begin()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unread.end()

    def connection_lost(self, exc: BaseException | None) -> None:
        super().connection_lost(exc)
        self._unread.end()
        self._unasked.end()

    def _waits(self) -> bool:
        """For the head of a request."""
        return self._waiter is not None and not self._waiter.done()

    def _hang_up(self) -> None:
        if self._waits():
            self.force_close()

    def _leave(self) -> None:
        if self.transport is not None:
            self.transport.abort()


class Patience:
    """Calls `over` once, `length_s` after it began, unless it has ended by then."""

    def __init__(self, length_s: float, over: Callable[[], object]) -> None:
        self._length_s = length_s
        self._over = over
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Does nothing where it has begun already."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._length_s, self._over)

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Server(web.Server):
    """Makes connections of ours, otherwise as `made`."""

    def __init__(self, made: web.Server, *, write_s: float, head_s: float) -> None:
        super().__init__(
            explaining(made.request_handler),
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            **made._kwargs,
        )
        self._limits = {"write_s": write_s, "head_s": head_s}

    def __call__(self) -> Connection:
        return Connection(self, loop=self._loop, **self._limits, **self._kwargs)


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
        self._limits = {"write_s": write_s, "head_s": head_s}

    async def _make_server(self) -> web.Server:
        return Server(await super()._make_server(), **self._limits)


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
