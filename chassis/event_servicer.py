"""Serves a service's log to whoever may read it. Knows no engine."""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeAlias

import grpc
from comptoir.type.v1 import event_service_pb2 as pb
from comptoir.type.v1 import event_service_pb2_grpc as pb_grpc
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.errors import Violation
from chassis.events import (
    EventLog,
    InvalidCursorError,
    LogCursor,
    LoggedEvent,
    encode_cursor,
    position_of,
)
from chassis.signals import within

BATCH_MAX = 200
# Events of many rows are large, and clients take 4 MiB at once unless told otherwise.
RESPONSE_BYTES_MAX = 1 << 20
INSTANTS_MAX = 16
BOOKMARK_S = 0.5  # One a second is promised, also when we are busy.

Detail: TypeAlias = Callable[[Mapping[str, Any]], Message]
Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class EventServicer(pb_grpc.EventServiceServicer):
    """`details` says, by event name, how a detail is sent; events of other names have none."""

    def __init__(self, log: EventLog, details: Mapping[str, Detail]) -> None:
        self._log = log
        self._details = details

    async def WatchEvents(  # noqa: N802
        self, request: pb.WatchEventsRequest, context: Context
    ) -> AsyncIterator[pb.WatchEventsResponse]:
        epoch, position = await self._start(request)
        names = frozenset(request.names)
        due_s = 0.0
        while True:
            heard = self._log.appended.next()
            batch = await self._log.read(position, BATCH_MAX, names)
            moved, position = batch.position > position, batch.position
            if batch.events or time.monotonic() >= due_s:
                for response in self._responses(batch.events, LogCursor(epoch, position)):
                    yield response
                due_s = time.monotonic() + BOOKMARK_S
            if not moved:
                left_s = max(due_s - time.monotonic(), 0)
                await within(heard, min(left_s, self._log.appended.pause_s))

    async def GetHead(  # noqa: N802
        self, request: pb.GetHeadRequest, context: Context
    ) -> pb.GetHeadResponse:
        return pb.GetHeadResponse(cursor=encode_cursor(await self._log.head()))

    async def _start(self, request: pb.WatchEventsRequest) -> tuple[str, int]:
        if request.cursor or not request.HasField("since_time"):
            start = await position_of(self._log, request.cursor)
        else:
            start = await self._log.since(since_time_from_pb(request))
        return start.epoch, start.position

    def _responses(
        self, events: Iterable[LoggedEvent], cursor: LogCursor
    ) -> Iterator[pb.WatchEventsResponse]:
        """One, or several of some RESPONSE_BYTES_MAX; the last moves the cursor to `cursor`."""
        response, size_bytes = pb.WatchEventsResponse(), 0
        for event in events:
            sent = self._event_to_pb(event)
            if response.events and size_bytes + sent.ByteSize() > RESPONSE_BYTES_MAX:
                behind = response.events[-1].position
                response.cursor = encode_cursor(LogCursor(cursor.epoch, behind))
                yield response
                response, size_bytes = pb.WatchEventsResponse(), 0
            response.events.append(sent)
            size_bytes += sent.ByteSize()
        response.cursor = encode_cursor(cursor)
        yield response

    def _event_to_pb(self, event: LoggedEvent) -> pb.Event:
        sent = pb.Event(
            name=event.name,
            key=event.key,
            revision=event.revision,
            position=event.position,
            occur_time=time_to_pb(event.occur_time),
        )
        if event.name in self._details:
            sent.detail.Pack(self._details[event.name](event.detail))
        return sent


@lru_cache(maxsize=INSTANTS_MAX)
def time_to_pb(instant: datetime) -> Timestamp:
    """Not to be changed: the events of one write are of one instant."""
    message = Timestamp()
    message.FromDatetime(instant)
    return message


def since_time_from_pb(request: pb.WatchEventsRequest) -> datetime:
    """Raises InvalidCursorError beyond all calendars."""
    try:
        return request.since_time.ToDatetime(UTC)
    except (OverflowError, ValueError):
        wanted = "a time of the years 1 to 9999"
        raise InvalidCursorError(
            f"since_time must be {wanted}", violations=(Violation("since_time", wanted),)
        ) from None
