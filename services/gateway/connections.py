"""Connections of callers: what is no request gets a problem too, and who reads nothing is left.

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

Handle: TypeAlias = Callable[[Any], Awaitable[web.StreamResponse]]


class Connection(RequestHandler):
    """One connection, closed when what we have to say has waited `write_s` for its reader."""

    def __init__(self, server: "Server", *, write_s: float, **settings: Any) -> None:
        super().__init__(server, **settings)
        self._write_s = write_s
        self._unread: asyncio.TimerHandle | None = None

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
        self._unread = asyncio.get_running_loop().call_later(self._write_s, self._leave)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_waiting()

    def connection_lost(self, exc: BaseException | None) -> None:
        super().connection_lost(exc)
        self._stop_waiting()

    def _stop_waiting(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _leave(self) -> None:
        if self.transport is not None:
            self.transport.abort()


class Server(web.Server):
    """Makes connections of ours, otherwise as `made`."""

    def __init__(self, made: web.Server, *, write_s: float) -> None:
        super().__init__(
            explaining(made.request_handler),
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            **made._kwargs,
        )
        self._write_s = write_s

    def __call__(self) -> Connection:
        return Connection(self, loop=self._loop, write_s=self._write_s, **self._kwargs)


class Runner(web.AppRunner):
    """aiohttp's own, with a server of ours."""

    def __init__(self, app: web.Application, *, write_s: float = WRITE_S_MAX, **settings: Any):
        super().__init__(app, **settings)
        self._write_s = write_s

    async def _make_server(self) -> web.Server:
        return Server(await super()._make_server(), write_s=self._write_s)


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
