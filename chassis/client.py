"""Channels to other services: balanced, bounded, retried, authenticated and traced.

A wrapper of the channel, not gRPC's client interceptors: those run each call in a
task of its own, and a call that is cancelled or never read then never ends its span.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

import grpc
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from chassis import deadline, partitions, tracing
from chassis.certificates import Certificates
from chassis.errors import Kind
from chassis.opening import STREAM_S_MAX, opened_channel, options_for
from chassis.remote import RemoteError as RemoteError
from chassis.remote import app_error_from as app_error_from
from chassis.tokens import Issuer, ServiceTokens

CALL_S_MAX = 5.0
# What a write may take where there is much to do: with less, a try tells nobody anything.
ELSEWHERE_S_MIN = 0.2

_actor: ContextVar[str] = ContextVar("actor", default="")


@contextmanager
def acting_for(actor: str) -> Iterator[None]:
    """Calls inside say, in the service's token, what they are made for: e.g. an order's id."""
    before = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(before)


def actor() -> str:
    """What calls made here are made for; empty for nothing but the service itself."""
    return _actor.get()


@asynccontextmanager
async def channel(
    target: str,
    *,
    audience: str = "",
    issuer: Issuer | None = None,
    timeout_s: float = CALL_S_MAX,
    certificates: Certificates | None = None,
    affinity: bool = False,
) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to `target` (`host:port`), for any stub; closed with the block.

    Unary calls take at most `timeout_s` and what is left of the call being served.
    With an `issuer` they carry its service token for `audience`, the service's name,
    unless they bring `authorization` metadata of their own. Failures are RemoteError.
    With `certificates` both sides show theirs; without, all is plaintext. With `affinity`
    what is called inside `chassis.partitions.near` goes to one replica while that answers.
    """
    tokens = None if issuer is None else ServiceTokens(issuer, audience)
    address = target if "/" in target or target.startswith("unix:") else f"dns:///{target}"
    async with opened_channel(address, certificates, options_for(affinity=affinity)) as opened:
        yield Channel(opened, tokens, timeout_s, affinity=affinity)


class Channel(grpc.aio.Channel):
    """A channel whose calls go out with deadline, token, trace and, with affinity, partition."""

    def __init__(
        self,
        opened: grpc.aio.Channel,
        tokens: ServiceTokens | None,
        timeout_s: float,
        *,
        affinity: bool = False,
    ) -> None:
        self._opened = opened
        self._tokens = tokens
        self._timeout_s = timeout_s
        self._affinity = affinity

    def unary_unary(self, method: str, *args: Any, **kwargs: Any) -> Any:
        made = self._opened.unary_unary(method, *args, **kwargs)
        return self._outgoing(made, method, self._timeout_s, repeats=True)

    def unary_stream(self, method: str, *args: Any, **kwargs: Any) -> Any:
        return self._outgoing(self._opened.unary_stream(method, *args, **kwargs), method)

    def stream_unary(self, method: str, *args: Any, **kwargs: Any) -> Any:
        return self._outgoing(self._opened.stream_unary(method, *args, **kwargs), method)

    def stream_stream(self, method: str, *args: Any, **kwargs: Any) -> Any:
        return self._outgoing(self._opened.stream_stream(method, *args, **kwargs), method)

    def _outgoing(
        self, made: Any, method: str | bytes, cap_s: float = STREAM_S_MAX, *, repeats: bool = False
    ) -> "Outgoing":
        return Outgoing(made, method, self._tokens, cap_s, affinity=self._affinity, repeats=repeats)

    async def __aenter__(self) -> "Channel":
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.close()

    async def close(self, grace: float | None = None) -> None:
        await self._opened.close(grace)

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        return self._opened.get_state(try_to_connect)

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        await self._opened.wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        await self._opened.channel_ready()


class Outgoing:
    """One method of a channel, to be called as gRPC's own multi-callables are."""

    def __init__(
        self,
        made: Any,
        method: str | bytes,
        tokens: ServiceTokens | None,
        cap_s: float,
        *,
        affinity: bool,
        repeats: bool,
    ) -> None:
        self._made = made
        self._method = method.decode() if isinstance(method, bytes) else method
        self._tokens = tokens
        self._cap_s = cap_s
        self._affinity = affinity
        self._repeats = repeats

    def __call__(
        self, *request: Any, timeout: float | None = None, metadata: Any = None, **options: Any
    ) -> "Call":
        ends_s = time.monotonic() + deadline.left_s(self._cap_s if timeout is None else timeout)
        begin, given = partial(self._begin, request, options, ends_s), list(metadata or ())
        partition = partitions.metadata_here() if self._affinity else []
        if not partition:
            return Call(begin(given))

        def elsewhere() -> Any:
            has_time = ends_s - time.monotonic() >= ELSEWHERE_S_MIN
            return begin(given) if self._repeats and has_time else None

        return Call(begin([*given, *partition]), elsewhere)

    def _begin(self, request: Any, options: Any, ends_s: float, given: Any) -> Any:
        started = tracing.start_span(self._method[1:], SpanKind.CLIENT)
        place = tracing.here() if started is None else tracing.place_of(started)
        call = self._made(
            *request,
            timeout=ends_s - time.monotonic(),
            metadata=self._metadata(given, place),
            **options,
        )
        if started is not None:
            call.add_done_callback(partial(end_span, started))
        return call

    def _metadata(self, given: Any, place: tracing.Place | None) -> list[tuple[str, str | bytes]]:
        metadata = list(given)
        keys = {key for key, _ in metadata}
        if self._tokens is not None and "authorization" not in keys:
            metadata.append(("authorization", f"Bearer {self._tokens.token(actor())}"))
        if place is not None and "traceparent" not in keys:
            metadata.append(("traceparent", place.traceparent))
        return metadata


class Call:
    """A call under way, of any kind; what it raises is RemoteError where we expect it."""

    def __init__(self, call: Any, elsewhere: Callable[[], Any] = lambda: None) -> None:
        self._call = call
        self._elsewhere = elsewhere

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def __await__(self) -> Generator[Any, None, Any]:
        return self._answer().__await__()

    async def _answer(self) -> Any:
        try:
            return await restoring(self._call)
        except RemoteError as error:
            # gRPC itself turns to another replica where nobody answers. One that answers and
            # cannot, e.g. without its engine, would be asked for ever: it is the right one.
            if error.kind is not Kind.UNAVAILABLE or not is_of_a_service(error):
                raise
            if (again := self._elsewhere()) is None:
                raise
            first, self._call = error, again
        try:
            return await restoring(self._call)
        except RemoteError as error:
            if is_of_a_service(error):
                raise
            # That time was up, or a line was cut, says less of what is wrong.
            raise first from error

    async def __aiter__(self) -> AsyncIterator[Any]:
        try:
            async for response in self._call:
                yield response
        except grpc.aio.AioRpcError as error:
            raise app_error_from(error) from error
        finally:
            # Whoever leaves the loop has heard enough; the other side would go on for an hour.
            self._call.cancel()

    async def read(self) -> Any:
        return await restoring(self._call.read())

    async def write(self, request: Any) -> None:
        await restoring(self._call.write(request))

    async def wait_for_connection(self) -> None:
        await restoring(self._call.wait_for_connection())


async def restoring(answer: Awaitable[Any]) -> Any:
    try:
        return await answer
    except grpc.aio.AioRpcError as error:
        raise app_error_from(error) from error


def is_of_a_service(error: RemoteError) -> bool:
    """Whether somebody answered so; else gRPC did, for nobody."""
    return bool(getattr(error, "domain", ""))


def end_span(started: Span, call: Any) -> None:
    """Called by gRPC when the call is over, however it ended."""
    code = status_now(call)
    started.set_attribute("rpc.response.status_code", code.name)
    if code is not grpc.StatusCode.OK:
        started.set_status(Status(StatusCode.ERROR, code.name))
    started.end()


def status_now(call: Any) -> grpc.StatusCode:
    """The status of a call that is over, without waiting: `code()` then has it at hand."""
    coroutine = call.code()
    try:
        coroutine.send(None)
    except StopIteration as stop:
        code: grpc.StatusCode = stop.value
        return code
    coroutine.close()
    return grpc.StatusCode.UNKNOWN
