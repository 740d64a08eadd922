"""Several updates together are as if one came after the other: memory and MongoDB alike."""

import asyncio
from dataclasses import replace
from typing import Any, cast

import pytest
from msgspec import ValidationError

from chassis.changes import Changed, Event
from chassis.documents import key_to_plain
from chassis.errors import AppError, Kind
from chassis.mongo import Database, Session
from chassis.records import (
    AT_ONCE,
    HeldUpError,
    ImmutableRecordError,
    RecordExistsError,
    Records,
    Ref,
    State,
    Update,
)
from chassis.records import Kind as Kept
from chassis.requests import Request, RequestCancelledError, RequestIdReusedError
from tests.chassis.kept import (
    DOCTORS,
    KINDS,
    LAMP,
    MOVEMENTS,
    ROWS,
    RUG,
    Doctor,
    Done,
    Movement,
    Place,
    Row,
    changing,
    count,
    put,
    request_by,
)
from tests.conftest import MakeRecords


class SoldOutError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "SOLD_OUT"


@pytest.fixture
async def store(records: MakeRecords) -> Records:
    return await records(KINDS)


def taking(
    *places: Place, request: Request | None = None, then: tuple[object, ...] = ()
) -> Update[int]:
    """One unit from each place, or none. Answers what is left at the first."""

    def change(state: State) -> Changed[int]:
        rows = state.all(ROWS)
        if any(not row.count for row in rows):
            raise SoldOutError("not enough")
        taken = tuple(replace(row, count=row.count - 1) for row in rows)
        told = Event("taken", "key", taken[0].count)
        return Changed(answer=taken[0].count, records=(*taken, *then), events=(told,))

    refs = tuple(Ref(ROWS, place) for place in places)
    return Update(refs=refs, change=change, answer=int, request=request)


async def done(store: Records, *updates: Update[Any]) -> list[Any]:
    """Answers, and of what failed its type."""
    outcomes = await store.update_all(updates, timeout_s=20)
    return [type(each) if isinstance(each, Exception) else each for each in outcomes]


async def test_each_reads_what_those_before_it_left(store: Records) -> None:
    await put(store, Row(place=LAMP, count=2), Row(place=RUG, count=1))

    took = await done(
        store, taking(LAMP), taking(RUG), taking(LAMP, RUG), taking(LAMP), taking(LAMP)
    )
    assert took == [1, 0, SoldOutError, 0, SoldOutError]
    assert (await count(store, LAMP), await count(store, RUG)) == (0, 0)


async def test_a_repeat_in_the_same_batch_gets_the_first_answer(store: Records) -> None:
    await put(store, Row(place=LAMP, count=5))
    request = request_by()
    other = replace(request, body_hash=b"2")

    took = await done(
        store,
        taking(LAMP, request=request),
        taking(LAMP),
        taking(LAMP, request=request),
        taking(LAMP, request=other),
    )
    assert took == [4, 3, 4, RequestIdReusedError]
    assert await done(store, taking(LAMP, request=request)) == [4]
    assert await count(store, LAMP) == 3


async def test_what_was_done_or_cancelled_before_stays_so(store: Records) -> None:
    await put(store, Row(place=LAMP, count=5))
    request, cancelled = request_by(), request_by()
    update = taking(LAMP, request=request)
    alone = await store.update(
        update.refs, update.change, answer=int, request=request, timeout_s=20
    )
    assert await store.cancel(cancelled, timeout_s=20)

    assert await done(store, taking(LAMP, request=cancelled), update) == [
        RequestCancelledError,
        alone,
    ]
    assert await count(store, LAMP) == 4


async def test_a_refused_request_may_come_again(store: Records) -> None:
    await put(store, Row(place=LAMP, count=0))
    request = request_by()
    assert await done(store, taking(LAMP, request=request)) == [SoldOutError]

    await store.update(
        [Ref(ROWS, LAMP)],
        lambda state: Changed(answer=None, records=(Row(place=LAMP, count=1),)),
        answer=type(None),
        timeout_s=20,
    )
    assert await done(store, taking(LAMP, request=request)) == [0]


@pytest.mark.parametrize(
    "unwritable",
    [Doctor(name="kept", on_call=True, badge="9"), Doctor(name="new", on_call=True, badge="7")],
    ids=["one that it did not read", "a unique index"],
)
async def test_what_the_store_refuses_is_refused_alone(store: Records, unwritable: Doctor) -> None:
    await put(store, Row(place=LAMP, count=3), Doctor(name="kept", on_call=True, badge="7"))

    took = await done(store, taking(LAMP), taking(LAMP, then=(unwritable,)), taking(LAMP))
    assert took == [2, RecordExistsError, 1]
    assert await store.find(DOCTORS, "new") is None


def writing(*records: object, refs: tuple[Ref[Any], ...] = ()) -> Update[str]:
    return Update(refs=refs, change=changing(*records), answer=str)


def movement(count: int) -> Movement:
    return Movement(movement_id="1", quantity_count=count)


def doctor(name: str, badge: str) -> Doctor:
    return Doctor(name=name, on_call=True, badge=badge)


async def test_of_two_that_make_the_same_unread_the_first_does(store: Records) -> None:
    took = await done(store, writing(movement(1)), writing(movement(2)))
    assert took == ["done", RecordExistsError]
    assert await store.find(MOVEMENTS, "1") == movement(1)


async def test_what_another_of_the_batch_read_is_still_there(store: Records) -> None:
    await put(store, doctor("anna", "1"))

    took = await done(store, writing(refs=(Ref(DOCTORS, "anna"),)), writing(doctor("anna", "2")))
    assert took == ["done", RecordExistsError]
    assert await store.find(DOCTORS, "anna") == doctor("anna", "1")


async def test_what_one_adds_for_good_the_next_cannot_replace(store: Records) -> None:
    refs = (Ref(MOVEMENTS, "1"),)
    took = await done(store, writing(movement(1), refs=refs), writing(movement(2), refs=refs))
    assert took == ["done", ImmutableRecordError]
    assert await store.find(MOVEMENTS, "1") == movement(1)


async def test_a_change_that_returns_one_twice_fails_alone(store: Records) -> None:
    took = await done(store, writing(movement(1), movement(1)), writing(movement(2)))
    assert took == [ValueError, "done"]


async def test_what_a_unique_index_refuses_is_refused_though_it_would_not_have_stayed(
    store: Records,
) -> None:
    await put(store, doctor("anna", "1"), doctor("ben", "2"))
    refs = (Ref(DOCTORS, "ben"),)

    took = await done(
        store, writing(doctor("ben", "1"), refs=refs), writing(doctor("ben", "3"), refs=refs)
    )
    assert took == [RecordExistsError, "done"]


async def test_what_is_forgotten_at_once_the_next_does_not_find(records: MakeRecords) -> None:
    tickets = Kept(
        type=Done, collection="tickets", key=lambda t: t.done_id, forget_time=lambda t: t.at
    )
    store = await records([tickets])
    refs = (Ref(tickets, "1"),)
    seen = Update(
        refs=refs, change=lambda state: Changed(answer=len(state.all(tickets))), answer=int
    )
    assert await done(store, writing(Done("1", AT_ONCE), refs=refs), seen) == ["done", 0]


async def test_a_value_that_cannot_be_kept_hinders_none(store: Records) -> None:
    await put(store, Row(place=LAMP, count=9))
    odd = Doctor(name="odd", on_call=True, badge="\0\ud800")
    updates = [taking(LAMP, then=(odd,) if n in (0, 3) else ()) for n in range(7)]

    outcomes = await store.update_all(updates, timeout_s=20)
    assert [each for each in outcomes if isinstance(each, int)] == [8, 7, 6, 5, 4]
    assert all(isinstance(outcomes[n], Exception) for n in (0, 3))


async def test_what_cannot_be_read_hinders_none_and_divides_no_batch(
    mongo_records: MakeRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, transactions = await mongo_records(KINDS), list[object]()
    await store.ensure_indexes()
    await put(store, Row(place=LAMP, count=cast(int, "many")), Row(place=RUG, count=3))
    once = Database.transaction

    def counted(self: Database, work: Any, **given: Any) -> Any:
        transactions.append(work)
        return once(self, work, **given)

    monkeypatch.setattr(Database, "transaction", counted)
    updates = [taking(RUG), taking(RUG, LAMP), taking(LAMP), taking(RUG)]
    outcomes = await store.update_all(updates, timeout_s=20)
    assert [type(each) for each in outcomes] == [int, ValidationError, ValidationError, int]
    assert (await count(store, RUG), len(transactions)) == (1, 1)


async def test_what_is_too_large_for_the_engine_hinders_none(
    mongo_records: MakeRecords,
) -> None:
    store = await mongo_records(KINDS)
    await store.ensure_indexes()
    await put(store, Row(place=LAMP, count=3))

    large = Doctor(name="large", on_call=True, badge="x" * (17 << 20))
    first, second, third = await store.update_all(
        [taking(LAMP), taking(LAMP, then=(large,)), taking(LAMP)], timeout_s=20
    )
    assert (first, third) == (2, 1)
    assert isinstance(second, Exception)


async def test_what_holds_one_part_up_is_told_to_that_part_alone(
    mongo_records: MakeRecords, database: Database
) -> None:
    store = await mongo_records(KINDS)
    await store.ensure_indexes()
    await put(store, Row(place=LAMP, count=3), Row(place=RUG, count=3))
    held, let_go = asyncio.Event(), asyncio.Event()
    large = Doctor(name="large", on_call=True, badge="x" * (17 << 20))
    updates = [taking(LAMP), taking(LAMP, then=(large,)), taking(LAMP), taking(RUG)]

    async def hold(session: Session) -> None:
        rows = database.collection(ROWS.collection)
        await rows.update_one({"_id": key_to_plain(RUG)}, {"$inc": {"touched": 1}}, session=session)
        held.set()
        await let_go.wait()

    holding = asyncio.create_task(database.transaction(hold, timeout_s=20))
    await held.wait()
    # Well before the engine ends the transaction that holds it, after three seconds.
    first, _, *rest = await store.update_all(updates, timeout_s=20, patience_s=1.5)
    let_go.set()
    await holding

    assert first == 2 and [type(each) for each in rest] == [HeldUpError, HeldUpError]
    assert (await count(store, LAMP), await count(store, RUG)) == (2, 3)


async def test_of_batches_at_once_no_unit_is_taken_twice(store: Records) -> None:
    await put(store, Row(place=LAMP, count=30), Row(place=RUG, count=30))
    batches = [[taking(LAMP), taking(RUG, LAMP), taking(RUG)] for _ in range(20)]

    outcomes = await asyncio.gather(*(done(store, *batch) for batch in batches))
    taken = sum(1 for batch in outcomes for each in batch[1:2] if isinstance(each, int))
    lamps = taken + sum(isinstance(batch[0], int) for batch in outcomes)
    rugs = taken + sum(isinstance(batch[2], int) for batch in outcomes)
    assert await count(store, LAMP) == 30 - lamps
    assert await count(store, RUG) == 30 - rugs
    assert (lamps, rugs) == (30, 30)


async def test_nothing_to_do_is_done(store: Records) -> None:
    assert await done(store) == []
