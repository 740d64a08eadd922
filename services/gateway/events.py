"""Server-sent events: passed on until the caller, the service behind, or we leave.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

import msgspec
from aiohttp import web
from msgspec import Struct

from chassis.errors import AppError
from services.gateway.headers import NO_STORE
from services.gateway.routes import EVENT_STREAM, Call
from services.gateway.streams import DrainingError

COMMENT = b": still here\n\n"
COMMENT_S = 15.0
# Within this of its end, a session is told nothing more.
CHECK_S = 5.0
# What a service refuses, it refuses at once: then it is a problem and no stream.
FIRST_S = 1.0
HEADERS = {
    "Content-Type": EVENT_STREAM,
    **NO_STORE,
    "X-Accel-Buffering": "no",  # Proxies that gather answers would hold the events back.
}


class Sending(NamedTuple):
    """One event. Without an id the caller goes on from the one before."""

    event: str
    content: Struct
    id: str = ""


class Nothing(Enum):
    """What there may be instead of an event."""

    YET = "yet"
    MORE = "more"


Next: TypeAlias = Sending | Nothing


async def streamed(
    call: Call[Any, Any], events: AsyncGenerator[Sending, None]
) -> web.StreamResponse:
    """Send `events` as they come. An AppError that they raise at once is raised here.

    204 where there are none: a browser then does not ask again.
    """
    assert call.caller is not None
    if call.parts.streams.ending.is_set():
        raise DrainingError("this replica is closing: come again")
    with call.parts.streams.one_of(f"{call.caller.issuer} {call.caller.subject}"):
        async with aclosing(Reader(events, call.parts.streams.ending)) as reader:
            first = await reader.next(FIRST_S)
            if first is Nothing.MORE:
                return web.Response(status=204, headers=NO_STORE)
            response = web.StreamResponse(headers=HEADERS)
            await response.prepare(call.http)
            # What is refused from here on ends the stream: whoever comes back is told why.
            with suppress(AppError):
                await pass_on(call, reader, response, first)
            return response


async def pass_on(
    call: Call[Any, Any], reader: "Reader", response: web.StreamResponse, item: Next
) -> None:
    """Raises AppError when the service behind refuses, or the caller's session has ended."""
    now_s = asyncio.get_running_loop().time
    comment_at_s = now_s()  # At once: it tells proxies and callers that the stream is open.
    while item is not Nothing.MORE:
        if isinstance(item, Sending):
            await response.write(encoded(item))
            comment_at_s = now_s() + COMMENT_S
        elif now_s() >= comment_at_s:
            await response.write(COMMENT)
            comment_at_s = now_s() + COMMENT_S
        item = await reader.next(CHECK_S)
        await call.parts.verifier.authenticate(dict(call.metadata))


def encoded(sending: Sending) -> bytes:
    head = f"event: {sending.event}\n" + (f"id: {sending.id}\n" if sending.id else "")
    # JSON on one line: a line break inside data would begin another field.
    return head.encode() + b"data: " + msgspec.json.encode(sending.content) + b"\n\n"


class Reader:
    """The next event, or that there is none yet. Waiting for one breaks nothing off."""

    def __init__(self, events: AsyncGenerator[Sending, None], ending: asyncio.Event) -> None:
        self._events = events
        self._ending = asyncio.create_task(ended(ending))
        self._next: asyncio.Task[Next] | None = None

    async def next(self, timeout_s: float) -> Next:
        if self._next is None:
            self._next = asyncio.create_task(next_of(self._events))
        await asyncio.wait(
            {self._next, self._ending}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED
        )
        if self._ending.done():
            return Nothing.MORE
        if not self._next.done():
            return Nothing.YET
        item, self._next = self._next, None
        return item.result()

    async def aclose(self) -> None:
        tasks = [task for task in (self._next, self._ending) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._events.aclose()


async def ended(ending: asyncio.Event) -> None:
    await ending.wait()


async def next_of(events: AsyncIterator[Sending]) -> Next:
    return await anext(events, Nothing.MORE)
