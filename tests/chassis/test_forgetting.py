"""Records that have had their time: one suite for memory and MongoDB, whoever sweeps when."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis import mongo_forgetting as forgetting
from chassis.changes import Changed
from chassis.mongo import Database
from chassis.mongo_records import MongoRecords
from chassis.records import AT_ONCE, Index, Kind, RecordExistsError, Records, Ref, State, Where
from tests.chassis.kept import NOON, Hand, changing, put
from tests.conftest import MakeRecords

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """`until` is None for one that is good for ever."""

    ticket_id: str
    until: datetime | None
    uses: int = 0


TICKETS: Kind[Ticket] = Kind(
    type=Ticket,
    collection="tickets",
    key=lambda ticket: ticket.ticket_id,
    indexes=(Index(fields=("uses",)),),
    forget_time=lambda ticket: ticket.until,
)


@pytest.fixture
def clock() -> Hand:
    return Hand(NOON)


@pytest.fixture
async def store(records: MakeRecords, clock: Hand) -> Records:
    return await records([TICKETS], clock=clock)


def ticket(name: str, hours: float | None) -> Ticket:
    return Ticket(ticket_id=name, until=None if hours is None else NOON + hours * HOUR)


async def seen(store: Records) -> dict[str, list[str]]:
    """Which tickets each kind of read finds, by id."""
    ids = ["gone", "good", "old"]
    singly = [key for key in ids if await store.find(TICKETS, key) is not None]
    many = await store.find_many(TICKETS, ids)
    page = await store.select(TICKETS, Where(limit=2))
    refs = [Ref(TICKETS, key) for key in ids]
    read = await store.update(
        refs,
        lambda state: Changed(answer=[one.ticket_id for one in state.all(TICKETS)]),
        answer=list[str],
        timeout_s=5,
    )
    return {
        "find": singly,
        "find_many": list(map(str, many)),
        "select": [one.ticket_id for one in page],
        "update": read,
    }


@pytest.mark.parametrize("swept", [False, True])
async def test_no_read_finds_it_from_its_time_on_swept_or_not(
    store: Records, clock: Hand, swept: bool
) -> None:
    await put(store, ticket("gone", 1), ticket("good", None), ticket("old", 2))
    clock.now = NOON + HOUR
    if swept:
        await store.tend()

    left = ["good", "old"]
    assert await seen(store) == {
        "find": left,
        "find_many": left,
        "select": left,
        "update": left,
    }


async def test_until_its_time_it_is_there_swept_or_not(store: Records, clock: Hand) -> None:
    await put(store, ticket("gone", 1), ticket("good", 1), ticket("old", 1))
    clock.now = NOON + HOUR - timedelta(milliseconds=1)
    await store.tend()

    assert (await seen(store))["find_many"] == ["gone", "good", "old"]


async def test_a_page_is_full_though_forgotten_ones_lie_before(store: Records, clock: Hand) -> None:
    await put(store, *(ticket(f"a{n}", 1) for n in range(5)), ticket("b", None), ticket("c", 9))
    clock.now = NOON + 2 * HOUR

    found = await store.select(TICKETS, Where(limit=2, equal={"uses": 0}))
    assert [one.ticket_id for one in found] == ["b", "c"]


@pytest.mark.parametrize("swept", [False, True])
async def test_one_that_is_forgotten_may_be_made_anew(
    store: Records, clock: Hand, swept: bool
) -> None:
    await put(store, replace(ticket("gone", 1), uses=7))
    clock.now = NOON + 2 * HOUR
    if swept:
        await store.tend()

    def made(state: State) -> Changed[int]:
        before = state.find(TICKETS, "gone") or ticket("gone", 9)
        return Changed(answer=before.uses, records=(replace(before, uses=before.uses + 1),))

    for uses in (0, 1):
        refs = [Ref(TICKETS, "gone")]
        assert await store.update(refs, made, answer=int, timeout_s=5) == uses
    await store.tend()
    assert await store.find(TICKETS, "gone") == replace(ticket("gone", 9), uses=2)


async def test_one_that_goes_on_is_not_forgotten(store: Records, clock: Hand) -> None:
    await put(store, ticket("good", 1))
    longer = changing(ticket("good", None))
    await store.update([Ref(TICKETS, "good")], longer, answer=str, timeout_s=5)
    clock.now = NOON + 99 * HOUR
    await store.tend()

    assert await store.find(TICKETS, "good") == ticket("good", None)


async def test_sweeping_makes_room_for_what_is_written_unread(store: Records, clock: Hand) -> None:
    """Until it is swept it lies there: the store says so, as memory does."""
    await put(store, ticket("gone", 1))
    clock.now = NOON + 2 * HOUR

    with pytest.raises(RecordExistsError):
        await put(store, ticket("gone", 9))
    await store.tend()
    await put(store, ticket("gone", 9))


async def test_what_has_had_its_time_at_once_is_never_found(store: Records) -> None:
    await put(store, Ticket(ticket_id="gone", until=AT_ONCE))

    assert await store.find(TICKETS, "gone") is None


async def test_of_writers_and_sweepers_at_once_no_write_is_lost(
    store: Records, clock: Hand
) -> None:
    await put(store, ticket("gone", 1))
    clock.now = NOON + 2 * HOUR

    def used(state: State) -> Changed[int]:
        before = state.find(TICKETS, "gone") or ticket("gone", 9)
        return Changed(answer=before.uses, records=(replace(before, uses=before.uses + 1),))

    refs = [Ref(TICKETS, "gone")]
    uses = [store.update(refs, used, answer=int, timeout_s=20) for _ in range(20)]
    done = await asyncio.gather(*uses, *(store.tend() for _ in range(5)))

    assert sorted(n for n in done if n is not None) == list(range(20))
    kept = await store.find(TICKETS, "gone")
    assert kept is not None and kept.uses == 20


def test_what_is_only_ever_added_is_never_forgotten() -> None:
    with pytest.raises(ValueError, match="never forgotten"):
        Kind(
            type=Ticket,
            collection="tickets",
            key=lambda one: one.ticket_id,
            immutable=True,
            forget_time=lambda one: one.until,
        )


async def test_a_sweep_deletes_all_of_them_in_steps_and_nothing_else(database: Database) -> None:
    store = MongoRecords(database, [TICKETS], clock=Hand(NOON))
    await store.ensure_indexes()
    await put(store, *(ticket(f"a{n}", 1) for n in range(7)), ticket("b", None), ticket("c", 9))
    tickets = database.collection("tickets")

    await forgetting.sweep(tickets, now=NOON + 2 * HOUR, at_once_max=2)
    assert [one["_id"] async for one in tickets.find().sort("_id", 1)] == ["b", "c"]


async def test_what_is_written_anew_before_the_deletion_stays(
    database: Database, clock: Hand
) -> None:
    store = MongoRecords(database, [TICKETS], clock=clock)
    await store.ensure_indexes()
    await put(store, ticket("gone", 1))
    clock.now = NOON + 2 * HOUR
    tickets = database.collection("tickets")

    class Beaten:
        """A sweep that was slow between its look and its deletion."""

        find = staticmethod(tickets.find)

        async def delete_many(self, query: Any) -> None:
            anew = changing(ticket("gone", 9))
            await store.update([Ref(TICKETS, "gone")], anew, answer=str, timeout_s=5)
            await tickets.delete_many(query)

    await forgetting.sweep(Beaten(), now=clock.now)  # type: ignore[arg-type]
    assert await store.find(TICKETS, "gone") == ticket("gone", 9)
