"""Repeats and cancellations: one suite for memory and MongoDB, over months."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.changes import Changed
from chassis.mongo import Database
from chassis.mongo_records import MongoRecords
from chassis.records import (
    Kind,
    Records,
    State,
    Where,
)
from chassis.requests import (
    Request,
    RequestCancelledError,
    RequestIdReusedError,
    RequestIdTooOldError,
)
from tests.chassis.kept import (
    DOCTORS,
    KINDS,
    LAMP,
    MOVEMENTS,
    NOON,
    Doctor,
    Done,
    Hand,
    Movement,
    Row,
    changing,
    count,
    put,
    request_by,
    take,
)
from tests.conftest import MakeRecords


@dataclass(frozen=True, slots=True, kw_only=True)
class Physician:
    """What a later release makes of a doctor."""

    name: str
    on_call: bool
    badge: str
    floor_number: int


PHYSICIANS = Kind(
    type=Physician,
    collection=DOCTORS.collection,
    key=lambda physician: physician.name,
    schema=2,
    upgrades={1: lambda document: {**document, "floor_number": 1}},
)


@pytest.fixture
async def store(records: MakeRecords) -> Records:
    return await records(KINDS)


async def test_a_repeat_gets_the_first_answer_and_writes_nothing(store: Records) -> None:
    request, done = request_by(), Done("1", NOON)
    seen = []

    def change(state: State) -> Changed[Done]:
        seen.append(state)
        return Changed(answer=done, records=(Row(place=LAMP, count=1),))

    for _ in range(3):
        answer = await store.update([], change, answer=Done, request=request, timeout_s=5)
        assert answer == done
    assert len(seen) == 1


async def test_the_same_id_with_another_body_is_refused(store: Records) -> None:
    request = request_by()
    await store.update([], changing(), answer=str, request=request, timeout_s=5)

    with pytest.raises(RequestIdReusedError):
        other = replace(request, body_hash=b"2")
        await store.update([], changing(), answer=str, request=other, timeout_s=5)


async def test_a_request_repeated_at_once_is_done_once(store: Records) -> None:
    await put(store, Row(place=LAMP, count=50))
    request = request_by()

    left = await asyncio.gather(*(take(store, LAMP, request=request) for _ in range(20)))

    assert left == [49] * 20
    assert await count(store, LAMP) == 49


async def test_a_request_repeated_at_once_gets_its_answer_though_it_could_not_be_done_again(
    store: Records,
) -> None:
    await put(store, Row(place=LAMP, count=1))
    request = request_by()

    left = await asyncio.gather(*(take(store, LAMP, request=request) for _ in range(20)))

    assert left == [0] * 20


@pytest.mark.parametrize("days", [0, 1, 29, 30])
async def test_a_cancelled_request_is_refused_as_long_as_answers_are_kept(
    records: MakeRecords, days: int
) -> None:
    clock = Hand(datetime(2026, 1, 31, 23, 59, tzinfo=UTC))
    store = await records(KINDS, clock=clock)
    request = request_by()

    assert await store.cancel(request, timeout_s=5)
    for _ in range(days):
        clock.now += timedelta(days=1)
        await store.tend()
    clock.now += timedelta(minutes=2 if days < 30 else -2)
    assert await store.cancel(request, timeout_s=5)
    with pytest.raises(RequestCancelledError):
        await store.update([], changing(), answer=str, request=request, timeout_s=5)


async def test_a_request_that_was_done_is_not_cancelled(store: Records) -> None:
    request = request_by()
    await store.update([], changing(), answer=str, request=request, timeout_s=5)

    assert not await store.cancel(request, timeout_s=5)
    assert await store.update([], changing(), answer=str, request=request, timeout_s=5) == "done"


async def test_of_a_cancel_and_an_update_at_once_one_wins(store: Records) -> None:
    await put(store, Row(place=LAMP, count=100))
    cancelled_count = 0
    for n in range(60):
        request = request_by()
        both = [take(store, LAMP, request=request), store.cancel(request, timeout_s=20)]
        first, second = both if n % 2 else both[::-1]
        outcomes = await asyncio.gather(first, second, return_exceptions=True)
        update, cancelled = outcomes if n % 2 else outcomes[::-1]
        assert isinstance(update, RequestCancelledError) == (cancelled is True), outcomes
        cancelled_count += cancelled is True
    assert await count(store, LAMP) == 100 - (60 - cancelled_count)


@pytest.mark.parametrize("days", [0, 1, 29, 30])
async def test_answers_are_kept_over_the_turn_of_months(records: MakeRecords, days: int) -> None:
    clock = Hand(datetime(2026, 1, 31, 23, 59, tzinfo=UTC))
    store = await records(KINDS, clock=clock)
    await put(store, Row(place=LAMP, count=9))
    request = request_by()
    assert await take(store, LAMP, request=request) == 8

    for _ in range(days):
        clock.now += timedelta(days=1)
        await store.tend()
    clock.now += timedelta(minutes=2 if days < 30 else -2)
    assert await take(store, LAMP, request=request) == 8


async def test_answers_and_cancellations_are_forgotten_alike(records: MakeRecords) -> None:
    clock = Hand(NOON)
    store = await records(KINDS, clock=clock)
    await put(store, Row(place=LAMP, count=9))
    done, refused = request_by(), request_by()
    await take(store, LAMP, request=done)
    await store.cancel(refused, timeout_s=5)

    clock.now += timedelta(days=62)
    await store.tend()
    assert await take(store, LAMP, request=done) == 7
    assert await take(store, LAMP, request=refused) == 6


async def test_two_clocks_on_both_sides_of_a_month_do_a_request_once(database: Database) -> None:
    turn = datetime(2026, 4, 1, tzinfo=UTC)
    apart = timedelta(minutes=4)
    stores = [MongoRecords(database, KINDS, clock=Hand(turn + s * apart)) for s in (-1, 1)]
    for store in stores:
        await store.ensure_indexes()
    for number in range(10):
        request = request_by()
        change = changing(Movement(movement_id=f"{number}-{uuid4()}", quantity_count=1))
        updates = (s.update([], change, answer=str, request=request, timeout_s=20) for s in stores)
        assert await asyncio.gather(*updates) == ["done", "done"]
    assert len(await stores[0].select(MOVEMENTS, Where(limit=100))) == 10


async def test_an_answer_kept_by_the_release_before_is_given_as_the_record_reads_now(
    database: Database,
) -> None:
    before = MongoRecords(database, [DOCTORS])
    await before.ensure_indexes()
    request, anna = request_by(), Doctor(name="anna", on_call=True, badge="7")
    await before.update([], answering(anna), answer=Doctor, request=request, timeout_s=5)

    after = MongoRecords(database, [PHYSICIANS])

    given = await after.update([], answering(anna), answer=Physician, request=request, timeout_s=5)
    assert given == Physician(name="anna", on_call=True, badge="7", floor_number=1)


async def test_months_that_no_repeat_meets_are_dropped_whole(new_database: Database) -> None:
    clock = Hand(NOON)
    store = MongoRecords(new_database, KINDS, clock=clock)
    await store.ensure_indexes()
    await store.update([], changing(), answer=str, request=request_by(), timeout_s=5)

    clock.now += timedelta(days=62)
    await store.tend()
    names = {n for n in await new_database.collection_names() if n.startswith("answers_")}
    assert names == {"answers_2026_04", "answers_2026_05", "answers_2026_06"}


def request_made(at: datetime) -> Request:
    """With an id of version 7 that was made then (RFC 9562)."""
    milliseconds = int(at.timestamp() * 1000)
    number = milliseconds << 80 | 7 << 76 | 2 << 62 | uuid4().int & (1 << 62) - 1
    return replace(request_by(), request_id=str(UUID(int=number)))


@pytest.mark.parametrize("ago", [timedelta(days=30), timedelta(0), -timedelta(days=4000 * 365)])
async def test_an_id_no_older_than_answers_are_kept_is_taken(
    records: MakeRecords, ago: timedelta
) -> None:
    store = await records(KINDS, clock=Hand(NOON))
    await put(store, Row(place=LAMP, count=9))

    request = request_made(NOON - ago)
    assert await take(store, LAMP, request=request) == 8
    assert await take(store, LAMP, request=request) == 8
    assert await store.cancel(request_made(NOON - ago), timeout_s=5)


async def test_an_older_id_is_refused_for_it_may_have_been_done(records: MakeRecords) -> None:
    store = await records(KINDS, clock=Hand(NOON))
    await put(store, Row(place=LAMP, count=9))
    request = request_made(NOON - timedelta(days=30, milliseconds=1))

    with pytest.raises(RequestIdTooOldError) as caught:
        await take(store, LAMP, request=request)
    assert caught.value.metadata == {"request_id": request.request_id, "kept_days": "30"}
    with pytest.raises(RequestIdTooOldError):
        await store.cancel(request, timeout_s=5)
    assert await count(store, LAMP) == 9


async def test_an_old_id_gets_the_answer_that_is_still_kept(records: MakeRecords) -> None:
    """A terminal made it, waited for a line for weeks, and asks twice."""
    clock = Hand(NOON)
    store = await records(KINDS, clock=clock)
    await put(store, Row(place=LAMP, count=9))
    request = request_made(NOON - timedelta(days=29))
    assert await take(store, LAMP, request=request) == 8

    clock.now += timedelta(days=29)
    assert await take(store, LAMP, request=request) == 8
    assert not await store.cancel(request, timeout_s=5)


async def test_an_id_that_does_not_tell_its_age_is_done_anew(records: MakeRecords) -> None:
    clock = Hand(NOON)
    store = await records(KINDS, clock=clock)
    await put(store, Row(place=LAMP, count=9))
    request = request_by()
    assert request.id_time is None
    await take(store, LAMP, request=request)

    clock.now += timedelta(days=62)
    await store.tend()
    assert await take(store, LAMP, request=request) == 7


def test_an_id_of_version_7_says_when_it_was_made() -> None:
    # The example of RFC 9562, A.6.
    made = replace(request_by(), request_id="017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    assert made.id_time == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    beyond = replace(made, request_id="ffffffff-ffff-7cc3-98c4-dc0c0c07398f")
    assert beyond.id_time is None


def answering(doctor: Doctor) -> Callable[[State], Changed[Any]]:
    return lambda state: Changed(answer=doctor, records=(doctor,))
