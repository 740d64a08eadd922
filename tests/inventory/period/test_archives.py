"""Archives and what is carried, with differences planted by hand: each is found, by its name."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import pytest

from chassis.records import Where
from services.inventory.ledger.store import MOVEMENTS
from services.inventory.period.domain import ArchiveKey, SheetKey
from services.inventory.period.store import ARCHIVES, CARRIED, PERIODS, SHEETS
from services.inventory.stock.domain import Place
from services.inventory.stock.store import ROWS
from tests.inventory.asking import line, sale
from tests.inventory.balance.documents import Documents
from tests.inventory.balance.spoilt import row_lost, the_one
from tests.inventory.balance.test_proof import found as wrong_rows
from tests.inventory.house import TILL, House
from tests.inventory.period.closed import (
    LATER,
    close,
    verify_archives,
    wrong_archives,
)

Plant: TypeAlias = Callable[[Documents], Awaitable[None]]


@pytest.fixture
async def closed_house(any_house: House) -> House:
    """In Lyon two archives: five cups and ten lamps that came; a sale of each. Lille is open."""
    await any_house.put_on_shelf("LAMP", 10)
    await any_house.put_on_shelf("CUP", 5)
    any_house.clock.now += LATER
    await close(any_house, "lyon")
    await any_house.stock.RecordSale(sale(line(2), line(1, sku="CUP")), metadata=TILL)
    any_house.clock.now += LATER
    await close(any_house, "lyon")
    await any_house.put_on_shelf("LAMP", 5, location_id="lille")
    return any_house


async def carried_changed(documents: Documents) -> None:
    carried = await the_one(documents, CARRIED, sku="LAMP")
    await documents.put(CARRIED, {**carried, "units": {"sellable": 9}})


async def carried_lost(documents: Documents) -> None:
    await documents.remove(CARRIED, Place("lyon", "LAMP"))


async def carried_miscounted(documents: Documents) -> None:
    carried = await the_one(documents, CARRIED, sku="LAMP")
    await documents.put(CARRIED, {**carried, "movement_count": 3})


async def archive_lost(documents: Documents) -> None:
    await documents.remove(ARCHIVES, ArchiveKey("lyon", 1))


async def last_archive_lost(documents: Documents) -> None:
    await documents.remove(ARCHIVES, ArchiveKey("lyon", 2))


async def archive_changed(documents: Documents) -> None:
    archive = await the_one(documents, ARCHIVES, number=1)
    await documents.put(ARCHIVES, {**archive, "actor": "nobody"})


async def last_archive_made_again(documents: Documents) -> None:
    """With a hash that is right, as if somebody else had closed."""
    archive = await the_one(documents, ARCHIVES, number=2)
    await documents.put(ARCHIVES, {**archive, "archive_hash": "0" * 64})


async def sheet_lost(documents: Documents) -> None:
    await documents.remove(SHEETS, SheetKey("lyon", "LAMP", 2))


async def sheet_changed(documents: Documents) -> None:
    sheet = await the_one(documents, SHEETS, number=2, sku="LAMP")
    (movement,) = sheet["movements"]
    movements = [{**movement, "document_id": "another"}]
    await documents.put(SHEETS, {**sheet, "movements": movements})


async def sheet_said_to_begin_later(documents: Documents) -> None:
    """Whoever reads a row's past looks for it by where it begins and ends."""
    sheet = await the_one(documents, SHEETS, number=1, sku="LAMP")
    await documents.put(SHEETS, {**sheet, "first_revision": 99})


async def sheet_said_to_end_before(documents: Documents) -> None:
    sheet = await the_one(documents, SHEETS, number=2, sku="LAMP")
    await documents.put(SHEETS, {**sheet, "last_revision": 0})


async def period_lost(documents: Documents) -> None:
    await documents.remove(PERIODS, "lyon")


LAMP_CARRIED = ("lyon", "carried", 0, "LAMP")
CUP_CARRIED = ("lyon", "carried", 0, "CUP")


@pytest.mark.parametrize(
    ("plant", "differences"),
    [
        (carried_changed, [LAMP_CARRIED]),
        (carried_lost, [LAMP_CARRIED]),
        (carried_miscounted, [LAMP_CARRIED]),
        (archive_lost, [("lyon", "lost", 1, ""), CUP_CARRIED, LAMP_CARRIED]),
        (last_archive_lost, [("lyon", "lost", 2, ""), CUP_CARRIED, LAMP_CARRIED]),
        (archive_changed, [("lyon", "changed", 1, "")]),
        (last_archive_made_again, [("lyon", "changed", 2, "")]),
        (sheet_lost, [("lyon", "lost", 2, "LAMP"), LAMP_CARRIED]),
        (sheet_changed, [("lyon", "changed", 2, "LAMP")]),
        (sheet_said_to_begin_later, [("lyon", "changed", 1, "LAMP")]),
        (sheet_said_to_end_before, [("lyon", "changed", 2, "LAMP")]),
        (period_lost, [CUP_CARRIED, LAMP_CARRIED]),
    ],
)
async def test_a_planted_difference_is_found_and_nothing_else(
    closed_house: House,
    documents: Documents,
    plant: Plant,
    differences: list[tuple[str, str, int, str]],
) -> None:
    assert await wrong_archives(closed_house) == []
    await plant(documents)

    assert await wrong_archives(closed_house) == differences


@pytest.mark.parametrize(
    ("plant", "differences"),
    [
        (carried_changed, [("lyon", "LAMP", "sellable", 8, 9)]),
        (carried_lost, [("lyon", "LAMP", "sellable", 8, 0)]),
        (row_lost, [("lyon", "CUP", "sellable", 0, 4)]),
        (sheet_lost, []),
    ],
)
async def test_a_row_is_proven_by_what_is_carried(
    closed_house: House,
    documents: Documents,
    plant: Plant,
    differences: list[tuple[str, str, str, int, int]],
) -> None:
    assert await wrong_rows(closed_house) == []
    await plant(documents)

    assert await wrong_rows(closed_house) == differences


async def test_a_location_of_which_all_is_closed_and_every_row_lost_is_found(
    closed_house: House, documents: Documents
) -> None:
    for sku in ("LAMP", "CUP"):
        await documents.remove(ROWS, Place("lyon", sku))

    assert await wrong_rows(closed_house) == [
        ("lyon", "CUP", "sellable", 0, 4),
        ("lyon", "LAMP", "sellable", 0, 8),
    ]


async def test_archives_of_a_location_of_which_all_else_is_lost_are_proven_too(
    closed_house: House, documents: Documents
) -> None:
    for sku in ("LAMP", "CUP"):
        await documents.remove(ROWS, Place("lyon", sku))
        await documents.remove(CARRIED, Place("lyon", sku))

    assert await wrong_archives(closed_house) == [CUP_CARRIED, LAMP_CARRIED]


async def test_what_differs_goes_on_differing_when_it_is_closed(
    closed_house: House, documents: Documents
) -> None:
    """And what no row is for is not closed at all."""
    movement = await the_one(documents, MOVEMENTS, location_id="lille")
    await documents.put(MOVEMENTS, {**movement, "_id": "x", "movement_id": "x", "sku": "NONE"})
    await documents.put(MOVEMENTS, {**movement, "_id": "y", "movement_id": "y"})
    before = await wrong_rows(closed_house)
    closed_house.clock.now += LATER
    await close(closed_house)
    left = await closed_house.records.select(MOVEMENTS, Where(limit=9))

    assert before == [("lille", "LAMP", "sellable", 5, 10), ("lille", "NONE", "sellable", 0, 5)]
    assert await wrong_rows(closed_house) == before
    assert [each.movement_id for each in left] == ["x"]
    assert await wrong_archives(closed_house) == []


async def test_all_locations_are_proven_one_an_answer_and_go_on_by_the_cursor(
    closed_house: House,
) -> None:
    lille, lyon, last = await verify_archives(closed_house)
    rest = await verify_archives(closed_house, cursor=lille.cursor)

    assert (lille.location_id, lille.archive_count, lille.archive_hash) == ("lille", 0, "")
    assert (lyon.archive_count, lyon.movement_count, len(lyon.archive_hash)) == (2, 4, 64)
    assert (last.complete, last.proven_location_count, last.location_count) == (True, 2, 2)
    assert rest == [lyon, last]


async def test_many_differences_come_in_several_answers(
    closed_house: House, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.inventory.period.messages.DIFFERENCES_MAX", 1)
    await archive_changed(documents)
    await sheet_changed(documents)
    first, second, last = await verify_archives(closed_house, "lyon")

    assert [len(each.differences) for each in (first, second, last)] == [1, 1, 0]
    assert [bool(each.cursor) for each in (first, second, last)] == [False, True, True]
    assert [each.proven_location_count for each in (first, second)] == [0, 1]
