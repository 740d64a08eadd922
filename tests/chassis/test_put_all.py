"""What an import writes of records put whole under their keys: what is new or other, once."""

from dataclasses import dataclass, replace

from chassis.changes import Event
from chassis.errors import AppError, Kind
from chassis.importing import Outcome, put_all
from chassis.memory_records import MemoryRecords
from chassis.records import Kind as RecordKind


class UnlabelledError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "UNLABELLED"


@dataclass(frozen=True, slots=True)
class Shelf:
    name: str
    label: str
    revision: int = 0


SHELVES = RecordKind(type=Shelf, collection="shelves", key=lambda shelf: shelf.name)


def put(before: Shelf | None, shelf: Shelf) -> Shelf:
    if shelf.label == "":
        raise UnlabelledError("a shelf has a label")
    if before is None:
        return replace(shelf, revision=1)
    same = replace(shelf, revision=before.revision) == before
    return before if same else replace(shelf, revision=before.revision + 1)


def shelf_changed(shelf: Shelf) -> Event:
    return Event("shelf_changed", shelf.name, shelf.revision)


async def put_shelves(records: MemoryRecords, *shelves: Shelf) -> list[Outcome]:
    return await put_all(
        records,
        SHELVES,
        shelves,
        key=lambda shelf: shelf.name,
        put=put,
        event=shelf_changed,
        timeout_s=2.0,
    )


async def revisions(records: MemoryRecords) -> list[tuple[str, int]]:
    batch = await records.log.read(0, 100)
    return [(event.key, event.revision) for event in batch.events]


async def test_what_stands_there_as_it_came_writes_nothing() -> None:
    records = MemoryRecords([SHELVES])
    assert await put_shelves(records, Shelf("a", "A"), Shelf("b", "B")) == [True, True]

    assert await put_shelves(records, Shelf("a", "A"), Shelf("b", "B")) == [False, False]
    assert await revisions(records) == [("a", 1), ("b", 1)]


async def test_what_changed_is_written_beside_what_did_not() -> None:
    records = MemoryRecords([SHELVES])
    await put_shelves(records, Shelf("a", "A"), Shelf("b", "B"))

    again = [Shelf("a", "A"), Shelf("b", "Bee"), Shelf("c", "C")]
    assert await put_shelves(records, *again) == [False, True, True]
    assert await records.find(SHELVES, "b") == Shelf("b", "Bee", 2)


async def test_of_two_with_one_key_the_last_stands() -> None:
    records = MemoryRecords([SHELVES])

    pair = [Shelf("a", "A"), Shelf("a", "A"), Shelf("a", "Z")]
    assert await put_shelves(records, *pair) == [True, False, True]
    found = await records.find(SHELVES, "a")
    assert found is not None and found.label == "Z"
    assert [key for key, _ in await revisions(records)] == ["a"]


async def test_what_is_refused_leaves_the_others_alone() -> None:
    records = MemoryRecords([SHELVES])

    first, second, third = await put_shelves(
        records, Shelf("a", "A"), Shelf("a", ""), Shelf("b", "B")
    )
    assert first is True and isinstance(second, UnlabelledError) and third is True
    found = await records.find(SHELVES, "a")
    assert found is not None and found.label == "A"
