"""How many calls at once and for how long; the rest are refused at once and told so."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

from chassis.access import caller
from chassis.errors import AppError, Kind
from chassis.interceptors import (
    Context,
    HandlerWrapping,
    Interceptor,
    Method,
    behaviour_of,
    handler_like,
)
from chassis.stream_rights import StreamRights

CALLS_RETRY_S = 0.1
STREAMS_RETRY_S = 5.0


class TooManyCallsError(AppError):
    kind, reason = Kind.RESOURCE_EXHAUSTED, "TOO_MANY_CALLS"


class TooManyStreamsError(AppError):
    kind, reason = Kind.RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS"


def call_limit(calls_max: int) -> Interceptor:
    """Unary calls at once. Goes behind what waits for a caller: who says nothing takes no place."""
    under_way = 0

    @asynccontextmanager
    async def limited(method: Method, context: Context) -> AsyncIterator[None]:
        nonlocal under_way
        if method.streaming:
            yield
            return
        if under_way >= calls_max:
            raise TooManyCallsError(
                f"{calls_max} calls are being served already",
                calls_max=calls_max,
                retry_after_s=CALLS_RETRY_S,
            )
        under_way += 1
        try:
            yield
        finally:
            under_way -= 1

    return Interceptor(limited)


def stream_limit(streams_max: int) -> Interceptor:
    """Streams at once of each subject. Goes behind access, which knows the subject."""
    under_way: Counter[str] = Counter()

    @asynccontextmanager
    async def limited(method: Method, context: Context) -> AsyncIterator[None]:
        if not method.streaming:
            yield
            return
        who = subject(context)
        if under_way[who] >= streams_max:
            raise TooManyStreamsError(
                f"{streams_max} streams of this caller are open already",
                streams_max=streams_max,
                retry_after_s=STREAMS_RETRY_S,
            )
        under_way[who] += 1
        try:
            yield
        finally:
            under_way[who] -= 1
            if not under_way[who]:
                del under_way[who]  # Or it keeps every subject there ever was.

    return Interceptor(limited)


def subject(context: Context) -> str:
    """Who holds the stream; in a public method, the machine it comes from."""
    try:
        return f"{caller().issuer} {caller().subject}"
    except LookupError:
        return context.peer().rpartition(":")[0]


class StreamAge(HandlerWrapping):
    """Ends streams of answers, cleanly, after `age_s` ± 20 % or when told to; and with an
    error those whose callers lose their right to them.

    Clients of a stream come back by themselves, so they spread over new replicas
    and bring a fresh token. Without the jitter all who came together leave together.
    """

    def __init__(self, age_s: float, rights: StreamRights) -> None:
        super().__init__()
        self._age_s = age_s
        self._rights = rights
        self._open: set[Lifetime] = set()

    def end_all(self) -> None:
        for lifetime in tuple(self._open):
            lifetime.end()

    def wrapped(self, path: str, handler: Any) -> Any:
        if not handler.response_streaming:
            return handler
        bounded = self._bounded(behaviour_of(handler), both_ways=handler.request_streaming)
        return handler_like(handler, bounded)

    def _bounded(self, behaviour: Any, *, both_ways: bool) -> Any:
        async def stream(request: Any, context: Context) -> AsyncIterator[Any]:
            lifetime = Lifetime(self._age_s * random.uniform(0.8, 1.2))
            self._open.add(lifetime)
            try:
                with self._rights.held(lifetime.refuse, both_ways=both_ways):
                    async with aclosing(behaviour(request, context)) as responses:
                        while (response := await lifetime.next_of(responses)) is not END:
                            yield response
            finally:
                lifetime.close()
                self._open.discard(lifetime)

        return stream


END: Any = object()


class Lifetime:
    """The time one stream may last, in the task that serves it.

    Its end cancels the handler only where that waits for its next answer: a task
    cancelled while gRPC sends one would break the stream, not end it.
    """

    def __init__(self, age_s: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(age_s, self.end)
        self._waiting: asyncio.Task[Any] | None = None
        self._ended = False
        self._error: AppError | None = None

    def refuse(self, error: AppError) -> None:
        """End with `error` rather than cleanly, unless it has ended."""
        if not self._ended:
            self._error = error
        self.end()

    def end(self) -> None:
        if not self._ended and self._waiting is not None:
            self._waiting.cancel()
        self._ended = True

    def close(self) -> None:
        self._timer.cancel()

    async def next_of(self, responses: Any) -> Any:
        """The next answer; END when there is none, or when the time is over.

        Raises the error that the stream is refused with.
        """
        if self._ended:
            return self._over()
        self._waiting = asyncio.current_task()
        try:
            return await anext(responses, END)
        except asyncio.CancelledError:
            # Ours alone, if nobody else has asked this task to stop.
            if self._ended and self._waiting is not None and not self._waiting.uncancel():
                return self._over()
            raise
        finally:
            self._waiting = None

    def _over(self) -> Any:
        if self._error is not None:
            raise self._error
        return END
