"""What this service's consumers have parked: listed, retried, discarded. Knows no engine."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from comptoir.type.v1 import event_service_pb2 as event_pb
from comptoir.type.v1 import parked_event_service_pb2 as pb
from comptoir.type.v1 import parked_event_service_pb2_grpc as pb_grpc

from chassis import paging
from chassis.access import caller
from chassis.acts import ACTS, act_of, cause_from, noted
from chassis.changes import Changed
from chassis.clock import Clock, utc_now
from chassis.consumer import Consumer
from chassis.deadline import left_s
from chassis.errors import AppError, Kind
from chassis.interceptors import Context
from chassis.progress import CURSORS, PARKED, Parked, ParkedKey, cursor_in, unparked
from chassis.records import Records, Ref, State, Where
from chassis.requests import Request, request_from_pb

PAGE_DEFAULT, PAGE_MAX = 50, 200
WRITE_S_MAX = 2.0


class UnknownConsumerError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_CONSUMER"


class UnknownParkedEventError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_PARKED_EVENT"


class ParkedEventServicer(pb_grpc.ParkedEventServiceServicer):
    """`consumers` are those of this service, by name; it may grow until the service is ready.

    `records` must keep ACTS and CONSUMER_KINDS.
    """

    def __init__(
        self, records: Records, consumers: Mapping[str, Consumer], *, clock: Clock = utc_now
    ) -> None:
        self._records = records
        self._consumers = consumers
        self._clock = clock

    async def ListParkedEvents(  # noqa: N802
        self, request: pb.ListParkedEventsRequest, context: Context
    ) -> pb.ListParkedEventsResponse:
        query = f"parked {caller().subject}"
        limit = paging.page_size(request.page_size, default=PAGE_DEFAULT, maximum=PAGE_MAX)
        after = position_from(paging.decode_token(request.page_token, query=query))
        # One more than asked for tells whether there is a next page.
        where = Where(equal={"waiting": True}, after=after, limit=limit + 1)
        events = await self._records.select(PARKED, where)
        page, more = events[:limit], len(events) > limit
        token = paging.encode_token(position_to(page[-1]), query=query) if more else ""
        return pb.ListParkedEventsResponse(events=map(parked_to_pb, page), next_page_token=token)

    async def RetryParkedEvents(  # noqa: N802
        self, request: pb.RetryParkedEventsRequest, context: Context
    ) -> pb.RetryParkedEventsResponse:
        consumer = self._consumers.get(request.consumer)
        if consumer is None:
            raise UnknownConsumerError(
                f"this service has {', '.join(sorted(self._consumers)) or 'no consumers'}",
                consumer=request.consumer,
            )
        asked = request_from_pb(request, subject=caller().subject, method="RetryParkedEvents")
        if not await self._parked_count(request):
            # Acts are kept for ever: none of a key that somebody made up, of any length.
            return pb.RetryParkedEventsResponse()
        await self._note_retry(asked, request)
        retried = await consumer.retry_parked(request.key)
        return pb.RetryParkedEventsResponse(
            taken_count=retried.taken_count,
            parked_count=await self._parked_count(request),
            failure=retried.failure,
        )

    async def _parked_count(self, request: pb.RetryParkedEventsRequest) -> int:
        cursor = await self._records.find(CURSORS, request.consumer)
        return cursor.waiting(request.key) if cursor else 0

    async def _note_retry(self, asked: Request, request: pb.RetryParkedEventsRequest) -> None:
        """Kept before it is tried: what dies in the middle must be seen too."""
        target, detail = request.consumer, {"key": request.key}
        act = act_of(asked, "retry_parked_events", target=target, now=self._clock(), detail=detail)
        await self._records.update(
            [Ref(ACTS, act.act_id)],
            partial(noted, act),
            answer=type(None),
            request=asked,
            timeout_s=left_s(WRITE_S_MAX),
        )

    async def DiscardParkedEvent(  # noqa: N802
        self, request: pb.DiscardParkedEventRequest, context: Context
    ) -> pb.DiscardParkedEventResponse:
        asked = request_from_pb(request, subject=caller().subject, method="DiscardParkedEvent")
        key = ParkedKey(request.consumer, request.number)
        cause, now = cause_from(request.cause), self._clock()
        event = await self._records.update(
            [Ref(PARKED, key), Ref(CURSORS, key.consumer)],
            partial(discarded, key, request=asked, cause=cause, now=now),
            answer=Parked,
            request=asked,
            timeout_s=left_s(WRITE_S_MAX),
        )
        return pb.DiscardParkedEventResponse(event=parked_to_pb(event))


def discarded(
    key: ParkedKey, state: State, *, request: Request, cause: str, now: datetime
) -> Changed[Parked]:
    """Raises UnknownParkedEventError."""
    before = state.find(PARKED, key)
    if before is None or not before.waiting:
        raise UnknownParkedEventError(
            f"{key.consumer} has no parked event {key.number}",
            consumer=key.consumer,
            number=key.number,
        )
    act = act_of(
        request,
        "discard_parked_event",
        target=f"{key.consumer} {key.number}",
        now=now,
        cause=cause,
        detail=facts_of(before),
    )
    cursor, after = unparked(cursor_in(state, key.consumer), before)
    return Changed(answer=after, records=(cursor, after, act))


def facts_of(parked: Parked) -> dict[str, str]:
    """What it was, for whoever asks when it is gone."""
    event = event_pb.Event.FromString(parked.event)
    return {
        "event_name": event.name,
        "key": parked.key,
        "revision": str(event.revision),
        "position": str(event.position),
        "failure": parked.cause,
    }


def parked_to_pb(parked: Parked) -> pb.ParkedEvent:
    event = event_pb.Event.FromString(parked.event)
    return pb.ParkedEvent(
        consumer=parked.consumer,
        number=parked.number,
        event_name=event.name,
        key=parked.key,
        revision=event.revision,
        position=event.position,
        occur_time=event.occur_time,
        failure=parked.cause,
    )


def position_to(parked: Parked) -> str:
    return f"{parked.number} {parked.consumer}"


def position_from(text: str) -> tuple[None, ParkedKey] | None:
    """Raises InvalidPageError for what a caller made up."""
    if not text:
        return None
    number, _, consumer = text.partition(" ")
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        raise paging.InvalidPageError("page_token did not come from this query")
    return None, ParkedKey(consumer, int(number))
