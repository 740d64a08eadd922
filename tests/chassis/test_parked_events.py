"""What an operator sees of parked events, retries and discards, and what is kept of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest
from comptoir.type.v1 import act_service_pb2 as act_pb
from comptoir.type.v1 import act_service_pb2_grpc as act_grpc
from comptoir.type.v1 import event_service_pb2 as event_pb
from comptoir.type.v1 import parked_event_service_pb2 as pb
from comptoir.type.v1 import parked_event_service_pb2_grpc as pb_grpc

from chassis import consumer
from chassis.act_servicer import ActServicer
from chassis.acts import ACTS
from chassis.consumer import Consumer
from chassis.errors import AppError, Kind
from chassis.memory_records import MemoryRecords
from chassis.parked_servicer import ParkedEventServicer
from chassis.progress import CURSORS, PARKED, Effect
from chassis.records import Records, Where
from tests.background import background
from tests.chassis.event_house import KINDS, bump, noted, seen, served, stub_of
from tests.conftest import MakeRecords
from tests.serving import Metadata, calling_as, reason_of, serving
from tests.waiting import until

CONSOLE = calling_as("console", "client:events.operate")
ROBOT = calling_as("robot", "client:events.operate")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CAUSE = "told again by revision 3"


class AwayError(AppError):
    kind, reason = Kind.UNAVAILABLE, "AWAY"


@dataclass
class Desk:
    """Three events of `bad` are parked, the first as poison, and one of `$worse`, a name that
    no field may have."""

    records: Records
    parked: Any
    acts: Any
    cure: dict[str, Exception | None]
    now: datetime = NOON

    def clock(self) -> datetime:
        return self.now

    async def listed(self) -> list[tuple[int, str, int, str]]:
        answer = await self.parked.ListParkedEvents(pb.ListParkedEventsRequest(), metadata=CONSOLE)
        return [(e.number, e.key, e.revision, e.failure) for e in answer.events]

    async def retry(self, key: str = "bad", *, request_id: str = "") -> Any:
        request = pb.RetryParkedEventsRequest(
            request_id=request_id or str(uuid4()), consumer="follower", key=key
        )
        return await self.parked.RetryParkedEvents(request, metadata=ROBOT)

    async def discard(self, number: int = 1, **fields: Any) -> Any:
        given = {"request_id": str(uuid4()), "consumer": "follower", "cause": CAUSE, **fields}
        request = pb.DiscardParkedEventRequest(number=number, **given)
        return (await self.parked.DiscardParkedEvent(request, metadata=CONSOLE)).event

    async def told(self, **fields: Any) -> act_pb.ListActsResponse:
        request = act_pb.ListActsRequest(**fields)
        answer: act_pb.ListActsResponse = await self.acts.ListActs(request, metadata=CONSOLE)
        return answer


@pytest.fixture
async def desk(records: MakeRecords, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    # Between the five tries of each; how long they are is nothing that an operator sees.
    monkeypatch.setattr(consumer, "PAUSE_FIRST_S", 0.001)
    store, source = await records((*KINDS, ACTS)), MemoryRecords(KINDS)
    cure: dict[str, Exception | None] = {"bad": LookupError(), "$worse": ValueError()}

    def handler(event: event_pb.Event) -> Effect:
        if (error := cure[event.key]) and event.revision == 1:
            raise error
        return noted(event)

    for key in ("bad", "bad", "bad", "$worse"):
        await bump(source, key)
    async with served(source.log) as address, stub_of(address) as stub:
        follower = Consumer("follower", stub, store, {"bumped": handler})
        opened = Desk(records=store, parked=None, acts=None, cure=cure)
        servicer = ParkedEventServicer(store, {"follower": follower}, clock=opened.clock)
        async with serving(servicer, ActServicer(store)) as channel:
            opened.parked = pb_grpc.ParkedEventServiceStub(channel)
            opened.acts = act_grpc.ActServiceStub(channel)
            async with background(follower.run()):
                await until(lambda: has_parked(store, 4))
            yield opened


async def has_parked(store: Records, count: int) -> bool:
    return len(await store.select(PARKED, Where(limit=10))) == count


async def refusal(call: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return f"{caught.value.code().name} {reason_of(caught.value)}"


async def test_what_is_parked_is_listed_with_why(desk: Desk) -> None:
    assert await desk.listed() == [
        (1, "bad", 1, "LookupError"),
        (2, "bad", 2, "BehindAnother"),
        (3, "bad", 3, "BehindAnother"),
        (4, "$worse", 1, "ValueError"),
    ]


async def test_pages_of_parked_events_follow_one_another(desk: Desk) -> None:
    numbers, token = [], ""
    while True:
        request = pb.ListParkedEventsRequest(page_size=3, page_token=token)
        page = await desk.parked.ListParkedEvents(request, metadata=CONSOLE)
        numbers += [event.number for event in page.events]
        token = page.next_page_token
        if not token:
            break
    assert numbers == [1, 2, 3, 4]


async def test_a_retry_takes_all_of_a_key_in_order(desk: Desk) -> None:
    desk.cure["bad"] = None
    answer = await desk.retry()
    assert (answer.taken_count, answer.parked_count, answer.failure) == (3, 0, "")
    assert await seen(desk.records, "bad") == (1, 2, 3)
    assert await desk.listed() == [(4, "$worse", 1, "ValueError")]


async def test_a_retry_that_fails_again_says_so_and_leaves_all_parked(desk: Desk) -> None:
    answer = await desk.retry()
    assert (answer.taken_count, answer.parked_count, answer.failure) == (0, 3, "LookupError")
    assert len(await desk.listed()) == 4


async def test_a_retry_while_what_it_needs_is_away_decides_nothing(desk: Desk) -> None:
    desk.cure["bad"] = AwayError("not now")
    assert await refusal(desk.retry()) == "UNAVAILABLE AWAY"
    assert len(await desk.listed()) == 4


async def test_what_is_discarded_never_happens_and_the_rest_of_its_key_does(desk: Desk) -> None:
    gone = await desk.discard(1)
    answer = await desk.retry()
    assert (gone.number, gone.key, gone.failure) == (1, "bad", "LookupError")
    assert (answer.taken_count, answer.parked_count) == (2, 0)
    assert await seen(desk.records, "bad") == (2, 3)


async def test_a_key_whose_last_parked_event_is_discarded_is_free_again(desk: Desk) -> None:
    await desk.discard(4)
    cursor = await desk.records.find(CURSORS, "follower")
    assert cursor is not None
    assert cursor.parked == {"bad": 3}


async def test_a_repeated_discard_gets_the_first_answer(desk: Desk) -> None:
    request_id = str(uuid4())
    first = await desk.discard(1, request_id=request_id)
    assert await desk.discard(1, request_id=request_id) == first
    assert len((await desk.told()).acts) == 1


@pytest.mark.parametrize("fields", [{"number": 9}, {"number": 1, "consumer": "nobody"}])
async def test_what_is_not_parked_cannot_be_discarded(desk: Desk, fields: dict[str, Any]) -> None:
    assert await refusal(desk.discard(**fields)) == "NOT_FOUND UNKNOWN_PARKED_EVENT"


async def test_a_discard_is_done_once(desk: Desk) -> None:
    await desk.discard(1)
    assert await refusal(desk.discard(1)) == "NOT_FOUND UNKNOWN_PARKED_EVENT"


@pytest.mark.parametrize("cause", ["", "  ", "x" * 201])
async def test_a_discard_says_why(desk: Desk, cause: str) -> None:
    assert await refusal(desk.discard(1, cause=cause)) == "INVALID_ARGUMENT INVALID_CAUSE"
    assert len(await desk.listed()) == 4


async def test_a_consumer_that_is_not_there_is_said_with_those_that_are(desk: Desk) -> None:
    request = pb.RetryParkedEventsRequest(request_id=str(uuid4()), consumer="nobody", key="bad")
    call = desk.parked.RetryParkedEvents(request, metadata=CONSOLE)
    assert await refusal(call) == "NOT_FOUND UNKNOWN_CONSUMER"


async def test_who_did_what_when_and_why_is_listed_newest_first(desk: Desk) -> None:
    await desk.retry("bad")
    desk.now += timedelta(minutes=1)
    await desk.discard(1)
    newest, oldest = (await desk.told()).acts

    assert (newest.actor, newest.name, newest.target) == (
        "console",
        "discard_parked_event",
        "follower 1",
    )
    assert (newest.cause, newest.act_time.ToDatetime(UTC)) == (CAUSE, desk.now)
    assert dict(newest.detail) == {
        "event_name": "bumped",
        "key": "bad",
        "revision": "1",
        "position": "1",
        "failure": "LookupError",
    }
    assert (oldest.actor, oldest.name, oldest.target, dict(oldest.detail)) == (
        "robot",
        "retry_parked_events",
        "follower",
        {"key": "bad"},
    )


async def test_a_retry_repeated_under_its_id_is_one_act(desk: Desk) -> None:
    request_id = str(uuid4())
    await desk.retry(request_id=request_id)
    desk.cure["bad"] = None
    again = await desk.retry(request_id=request_id)
    assert again.taken_count == 3
    assert len((await desk.told()).acts) == 1


async def test_a_retry_of_a_key_that_is_not_parked_is_no_act(desk: Desk) -> None:
    """Acts are kept for ever: what anybody makes up must not make their list too long to read."""
    answer = await desk.retry("x" * 100_000)
    assert (answer.taken_count, answer.parked_count, answer.failure) == (0, 0, "")
    assert not (await desk.told()).acts


async def test_pages_of_acts_follow_one_another(desk: Desk) -> None:
    for _ in range(3):
        await desk.retry()
        desk.now += timedelta(seconds=1)
    first = await desk.told(page_size=2)
    second = await desk.told(page_size=2, page_token=first.next_page_token)
    times = [act.act_time.seconds for act in (*first.acts, *second.acts)]
    assert len(times) == 3
    assert times == sorted(times, reverse=True)
    assert second.next_page_token == ""


@pytest.mark.parametrize(
    "metadata", [calling_as("lea", "staff:manager"), calling_as("erp", "client:events.read")]
)
async def test_whoever_may_not_operate_learns_nothing(desk: Desk, metadata: Metadata) -> None:
    for call in (
        desk.parked.ListParkedEvents(pb.ListParkedEventsRequest(), metadata=metadata),
        desk.parked.RetryParkedEvents(pb.RetryParkedEventsRequest(), metadata=metadata),
        desk.parked.DiscardParkedEvent(pb.DiscardParkedEventRequest(), metadata=metadata),
        desk.acts.ListActs(act_pb.ListActsRequest(), metadata=metadata),
    ):
        assert await refusal(call) == "PERMISSION_DENIED ACCESS_DENIED"
