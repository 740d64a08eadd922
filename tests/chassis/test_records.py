"""What an update promises: one suite for memory and MongoDB, with its races."""

import asyncio
from dataclasses import replace

import pytest

from chassis.changes import Changed, Event
from chassis.memory_records import MemoryRecords
from chassis.mongo import Database
from chassis.mongo_drivers import DriverName
from chassis.mongo_records import MongoRecords
from chassis.records import (
    ImmutableRecordError,
    Kind,
    NotReadError,
    RecordExistsError,
    Records,
    Ref,
    State,
    Where,
)
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
    take,
)
from tests.conftest import MakeRecords
from tests.driver import on_both_drivers


@pytest.fixture(params=[None, *DriverName], ids=["memory", *DriverName])
def mongo_driver(request: pytest.FixtureRequest) -> DriverName | None:
    driver: DriverName | None = request.param
    return driver


@pytest.fixture
def make(mongo_driver: DriverName | None, request: pytest.FixtureRequest) -> MakeRecords:
    made_by = "mongo_records" if mongo_driver else "memory_records"
    records: MakeRecords = request.getfixturevalue(made_by)
    return records


@pytest.fixture
async def store(make: MakeRecords) -> Records:
    made = await make(KINDS)
    await made.ensure_indexes()
    return made


async def test_what_was_written_is_found_as_it_was(store: Records) -> None:
    rows = [Row(place=place, count=n) for n, place in enumerate((LAMP, RUG))]
    await put(store, *rows)

    assert await store.find(ROWS, LAMP) == rows[0]
    assert await store.find(ROWS, Place("lyon", "RUG")) is None
    assert await store.find_many(ROWS, [RUG, Place("x", "y"), LAMP]) == {
        RUG: rows[1],
        LAMP: rows[0],
    }
    assert await store.find_many(ROWS, []) == {}


async def test_a_change_sees_what_is_there_and_what_is_not(store: Records) -> None:
    await put(store, Row(place=LAMP, count=1))

    def change(state: State) -> Changed[bool]:
        assert [row.place for row in state.all(ROWS)] == [LAMP]
        return Changed(answer=state.find(ROWS, RUG) is None)

    assert await store.update([Ref(ROWS, RUG), Ref(ROWS, LAMP)], change, answer=bool, timeout_s=5)


async def test_a_change_that_asks_for_what_was_not_read_is_a_bug(store: Records) -> None:
    def change(state: State) -> Changed[bool]:
        return Changed(answer=state.find(ROWS, LAMP) is None)

    with pytest.raises(NotReadError):
        await store.update([], change, answer=bool, timeout_s=5)


async def test_a_change_that_raises_writes_nothing_not_even_an_answer(store: Records) -> None:
    request = request_by()

    def refuse(state: State) -> Changed[str]:
        raise LookupError

    with pytest.raises(LookupError):
        await store.update([Ref(ROWS, LAMP)], refuse, answer=str, request=request, timeout_s=5)
    again = changing(Row(place=LAMP, count=1))
    assert await store.update([], again, answer=str, request=request, timeout_s=5) == "done"


async def test_a_record_that_was_not_read_must_be_new(store: Records) -> None:
    await put(store, Row(place=LAMP, count=1))

    with pytest.raises(RecordExistsError):
        await put(store, Row(place=RUG, count=1), Row(place=LAMP, count=2))
    assert await store.find(ROWS, RUG) is None
    assert await count(store, LAMP) == 1


async def test_an_immutable_record_is_added_once_and_never_replaced(store: Records) -> None:
    movement = Movement(movement_id="1", quantity_count=1)
    await put(store, movement)

    with pytest.raises(RecordExistsError):
        await put(store, movement)
    with pytest.raises(ImmutableRecordError):
        ref = Ref(MOVEMENTS, "1")
        await store.update([ref], changing(movement), answer=str, timeout_s=5)
    assert await store.update([ref], changing(), answer=str, timeout_s=5) == "done"


async def test_a_unique_index_is_kept_on_inserts_and_replacements(store: Records) -> None:
    anna, ben = (Doctor(name=n, on_call=True, badge=n) for n in ("anna", "ben"))
    await put(store, anna, ben)

    with pytest.raises(RecordExistsError) as caught:
        await put(store, Doctor(name="cleo", on_call=True, badge="anna"))
    assert (caught.value.collection, caught.value.fields) == ("doctors", ("badge",))
    with pytest.raises(RecordExistsError):
        like_anna = changing(replace(ben, badge="anna"))
        await store.update([Ref(DOCTORS, "ben")], like_anna, answer=str, timeout_s=5)
    assert await store.find(DOCTORS, "ben") == ben


async def test_a_record_of_no_kind_and_a_kind_of_another_store_are_bugs(store: Records) -> None:
    with pytest.raises(TypeError):
        await put(store, "a string")
    with pytest.raises(TypeError):
        await store.find(Kind(type=Done, collection="done", key=lambda d: d.done_id), "1")


async def test_of_many_who_want_the_last_units_as_many_succeed_as_there_are(
    store: Records,
) -> None:
    await put(store, Row(place=LAMP, count=5), Row(place=RUG, count=5))

    # In both orders, so that two rows are fought for from both ends.
    orders = [(LAMP, RUG), (RUG, LAMP)]
    left = await asyncio.gather(*(take(store, *orders[n % 2]) for n in range(40)))

    assert sorted(left) == [-1] * 35 + [0, 1, 2, 3, 4]
    assert [await count(store, place) for place in (LAMP, RUG)] == [0, 0]


async def leave_call(store: Records, name: str, *, returned: bool = False) -> bool:
    """A doctor may go home while another stays; that one is `returned` as it is, or only read."""

    def change(state: State) -> Changed[bool]:
        others = [d for d in state.all(DOCTORS) if d.on_call and d.name != name]
        me = state.find(DOCTORS, name)
        if not others or me is None:
            return Changed(answer=False)
        unchanged = others if returned else []
        return Changed(answer=True, records=(replace(me, on_call=False), *unchanged))

    refs = [Ref(DOCTORS, "anna"), Ref(DOCTORS, "ben")]
    return await store.update(refs, change, answer=bool, timeout_s=20)


async def two_doctors_at_once(store: Records, *, returned: bool) -> None:
    names = ("anna", "ben")
    refs = [Ref(DOCTORS, name) for name in names]
    for _ in range(20):
        call = changing(*(Doctor(name=name, on_call=True, badge=name) for name in names))
        await store.update(refs, call, answer=str, timeout_s=20)
        left = await asyncio.gather(*(leave_call(store, n, returned=returned) for n in names))
        assert sorted(left) == [False, True]


async def test_a_read_that_decides_conflicts_though_it_writes_nothing(store: Records) -> None:
    await two_doctors_at_once(store, returned=False)


async def claim(store: Records, mine: Place, other: Place) -> bool:
    """Made only where the other is not there: of two at once, one."""

    def change(state: State) -> Changed[bool]:
        if state.find(ROWS, other) is not None:
            return Changed(answer=False)
        return Changed(answer=True, records=(Row(place=mine, count=1),))

    refs = [Ref(ROWS, mine), Ref(ROWS, other)]
    return await store.update(refs, change, answer=bool, timeout_s=20)


async def test_an_absence_that_decides_conflicts_too(store: Records) -> None:
    for number in range(20):
        left, right = Place("left", str(number)), Place("right", str(number))
        made = await asyncio.gather(claim(store, left, right), claim(store, right, left))
        assert sorted(made) == [False, True]
        assert len(await store.find_many(ROWS, [left, right])) == 1


async def test_of_many_who_make_the_same_record_one_does(store: Records) -> None:
    def make(state: State) -> Changed[bool]:
        if state.find(ROWS, LAMP) is not None:
            return Changed(answer=False)
        return Changed(answer=True, records=(Row(place=LAMP, count=1),))

    made = await asyncio.gather(
        *(store.update([Ref(ROWS, LAMP)], make, answer=bool, timeout_s=20) for _ in range(20))
    )
    assert sorted(made) == [False] * 19 + [True]


async def test_a_replacement_that_changes_nothing_still_conflicts(store: Records) -> None:
    await two_doctors_at_once(store, returned=True)


@on_both_drivers
async def test_a_cancelled_caller_leaves_the_update_whole(database: Database) -> None:
    store = MongoRecords(database, KINDS)
    await store.ensure_indexes()
    begun = asyncio.Event()

    def change(state: State) -> Changed[str]:
        begun.set()
        rows = (Row(place=LAMP, count=1), Row(place=RUG, count=1))
        return Changed(answer="done", records=rows, events=(Event("made", "rows", 1),))

    request = request_by()
    update = store.update([], change, answer=str, request=request, timeout_s=5)
    caller = asyncio.create_task(update)
    await begun.wait()
    caller.cancel()
    await asyncio.wait([caller])
    await database.settle()

    assert caller.cancelled()
    assert len(await store.find_many(ROWS, [LAMP, RUG])) == 2
    assert await store.update([], change, answer=str, request=request, timeout_s=5) == "done"
    assert await database.collection("outbox").count_documents({}) == 1


@on_both_drivers
async def test_without_touching_two_doctors_leave_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves that the suite above can fail: snapshots alone let both go."""
    monkeypatch.setattr("chassis.writes.add_conflicts", lambda writes, found: None)
    store = MongoRecords(database, KINDS)
    await store.ensure_indexes()
    doctors = [Doctor(name=n, on_call=True, badge=n) for n in ("anna", "ben")]
    await put(store, *doctors)
    both_have_read = asyncio.Barrier(2)

    class Waiting(MongoRecords):
        async def _read(self, *args: object) -> object:  # type: ignore[override]
            found = await super()._read(*args)  # type: ignore[arg-type]
            await both_have_read.wait()
            return found

    # Two processes: in one, they would queue.
    left = await asyncio.gather(*(leave_call(Waiting(database, KINDS), d.name) for d in doctors))

    assert left == [True, True]
    assert not any(d.on_call for d in await store.select(DOCTORS, Where(limit=9)))


@on_both_drivers
async def test_events_are_told_once_after_the_commit(database: Database) -> None:
    told: list[str] = []
    store = MongoRecords(database, KINDS, committed=lambda: told.append("committed"))
    await store.ensure_indexes()
    request, change = request_by(), changing(events=(Event("made", "1", 1),))

    for _ in range(2):
        await store.update([], change, answer=str, request=request, timeout_s=5)
    assert told == ["committed"]
    await store.update([], changing(), answer=str, timeout_s=5)
    assert told == ["committed"]


async def test_memory_keeps_events_in_its_log() -> None:
    store = MemoryRecords(KINDS)
    await store.update([], changing(events=(Event("made", "1", 1),)), answer=str, timeout_s=5)

    events, position = await store.log.read(0, 10)
    assert ([event.name for event in events], position) == (["made"], 1)
