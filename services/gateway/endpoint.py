"""Turns a route into what aiohttp serves: read, let in, handle, answer or explain."""

import logging
import time
from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

from chassis import deadline
from chassis.access import Caller
from chassis.errors import AppError, Kind
from chassis.remote import RemoteError
from services.gateway.auth import Gate, is_web, metadata_of
from services.gateway.caching import cache_control, etag_of, is_known
from services.gateway.headers import COMMON
from services.gateway.limiting import Limiter
from services.gateway.parts import Parts
from services.gateway.problems import response_of, response_to, unexpected
from services.gateway.readiness import Readiness
from services.gateway.reading import Queries, body_of, request_id_of
from services.gateway.routes import EVENT_STREAM, Answer, Call, Route
from services.gateway.telemetry import Telemetry
from services.gateway.wire import Nothing

log = logging.getLogger(__name__)

CALL_S_MAX = 5.0
CANCELLED = 499  # As proxies write down that the caller left.
# With which services refuse credentials themselves, be they a user's or ours.
CREDENTIALS_REFUSED = frozenset({"UNAUTHENTICATED", "ACCESS_DENIED"})
NOTHING = Nothing()


class GatewayRefusedError(AppError):
    """A visitor has no credentials: those that were refused are ours."""

    kind, reason = Kind.UNAVAILABLE, "UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("a service does not take the gateway's word now")


class Endpoint:
    def __init__(
        self,
        route: Route,
        *,
        parts: Parts,
        gate: Gate,
        limiter: Limiter,
        telemetry: Telemetry,
        readiness: Readiness,
    ) -> None:
        self._route = route
        self._readiness = readiness
        self._parts = parts
        self._gate = gate
        self._limiter = limiter
        self._telemetry = telemetry
        self._body = msgspec.json.Decoder(route.body)
        self._queries = Queries(route.query)
        self._takes_body = route.method in ("POST", "PUT", "DELETE")
        self._lives_s = None if route.content_type == EVENT_STREAM else CALL_S_MAX

    async def handle(self, request: web.Request) -> web.StreamResponse:
        quick = self._route.quick and self._route.quick(self._parts, request)
        if quick is not None:
            self._telemetry.counted(self._route, quick.status)
            return self._parting(quick)
        observed = self._telemetry.begun(self._route, request)
        status = CANCELLED
        try:
            response = await self._answered_or_explained(request)
            status = response.status
            return self._parting(response)
        finally:
            observed.ended(status)

    def _parting(self, response: web.StreamResponse) -> web.StreamResponse:
        """Without a next request on its connection while we drain: as we close, it would be lost
        with it, and nobody could tell whether it was done."""
        if self._readiness.draining:
            response.force_close()
        return response

    async def _answered_or_explained(self, request: web.Request) -> web.StreamResponse:
        ends_s = None if self._lives_s is None else time.monotonic() + self._lives_s
        try:
            with deadline.until(ends_s):
                return await self._answered(request)
        except AppError as error:
            return response_to(error)
        except Exception:
            log.exception("unexpected error in %s %s", self._route.method, self._route.path)
            return response_of(unexpected())

    async def _answered(self, request: web.Request) -> web.StreamResponse:
        caller = await self._gate.caller(request, self._route)
        await self._limiter.check(self._route.limit, request, caller)
        call = await self._call(request, caller)
        try:
            answer = await self._route.handler(call)
        except RemoteError as error:
            if caller is None and error.reason in CREDENTIALS_REFUSED:
                raise GatewayRefusedError from error
            raise
        if isinstance(answer, web.StreamResponse):
            return answer
        if not isinstance(answer, Answer):
            answer = Answer(content=answer)
        return self._response(request, answer)

    async def _call(self, request: web.Request, caller: Caller | None) -> Call[Any, Any]:
        route = self._route
        return Call(
            parts=self._parts,
            http=request,
            path=request.match_info,
            query=self._queries.of(request),
            request_id=request_id_of(request) if route.is_write else "",
            body=await body_of(request, self._body) if self._takes_body else NOTHING,
            caller=caller,
            metadata=metadata_of(request),
            source=self._limiter.source(request),
            web=is_web(request),
        )

    def _response(self, request: web.Request, answer: Answer) -> web.Response:
        content = answer.content
        body = msgspec.json.encode(content) if isinstance(content, Struct) else content
        status = answer.status or (self._route.status if body is not None else 204)
        headers = {"Cache-Control": self._cache_control(answer), **COMMON}
        if body is not None:
            headers["Content-Type"] = self._route.content_type
        if self._route.method == "GET" and status == 200 and body is not None:
            headers["ETag"] = answer.etag or etag_of(body)
            if is_known(request, headers["ETag"]):
                status, body = 304, None
                del headers["Content-Type"]
        response = web.Response(status=status, body=body, headers=headers)
        if answer.finish is not None:
            answer.finish(response)
        return response

    def _cache_control(self, answer: Answer) -> str:
        return cache_control(
            self._route.public_s, valid_until=answer.valid_until, now=self._parts.clock()
        )
