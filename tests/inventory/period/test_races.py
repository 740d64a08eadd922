"""Closings at once, beside a till that sells and proofs: nothing is closed twice, none is lost."""

import asyncio
from contextlib import suppress

import pytest

from chassis.records import Where
from services.inventory.balance.proof import Behind, Question
from services.inventory.ledger.domain import Note
from services.inventory.ledger.store import MOVEMENTS
from services.inventory.period.domain import ClosedMeanwhileError
from services.inventory.period.store import ARCHIVES, find_period, write_archive
from services.inventory.period.workflow import Closing, Step, chunk_of, closed
from tests.inventory.asking import line, sale
from tests.inventory.house import TILL, House
from tests.inventory.period.closed import LATER, explained, proven, wrong_archives

SKUS = ("A", "B", "C", "D", "E")
SALES_COUNT = 8


@pytest.fixture
async def traded(any_house: House) -> House:
    """Of each of five articles nine movements, all of long ago."""
    for sku in SKUS:
        await any_house.put_on_shelf(sku, SALES_COUNT)
        for _ in range(SALES_COUNT):
            await any_house.stock.RecordSale(sale(line(1, sku=sku)), metadata=TILL)
    any_house.clock.now += LATER
    return any_house


def closing_of(house: House) -> Closing:
    return Closing(
        records=house.records,
        clock=house.clock,
        before=house.clock.now - LATER / 2,
        actor="operator",
        movements_max=4,
    )


async def steps_of(house: House) -> list[Step]:
    """All there are, begun anew where others were first all the time."""
    question, steps = Question(location_ids=["lyon"], sku="", name="lyon"), list[Step]()
    for _ in range(20):
        with suppress(ClosedMeanwhileError):
            async for step in closed(closing_of(house), question, Behind("", "")):
                steps.append(step)
            return steps
    raise AssertionError("others were always first")


async def test_many_who_close_at_once_close_everything_once(traded: House) -> None:
    async def sell() -> None:
        for number in range(20):
            await traded.stock.RecordSale(sale(line(1, sku=SKUS[number % 5])), metadata=TILL)

    async def prove() -> None:
        for _ in range(5):
            await proven(traded)

    before = {sku: await explained(traded, sku) for sku in SKUS}
    beside = [asyncio.create_task(each) for each in (sell(), prove())]
    steps = await asyncio.gather(*(steps_of(traded) for _ in range(3)))
    await asyncio.gather(*beside)
    archives = await traded.records.select(ARCHIVES, Where(limit=100))

    assert sorted(step.archive.number for each in steps for step in each if step.archive) == [
        archive.number for archive in archives
    ]
    assert sum(archive.movement_count for archive in archives) == len(SKUS) * (SALES_COUNT + 1)
    assert len(await traded.records.select(MOVEMENTS, Where(limit=100))) == 20
    assert await wrong_archives(traded) == []
    await proven(traded)
    for sku in SKUS:
        assert (await explained(traded, sku))[4:] == before[sku]


async def test_who_finds_that_another_was_first_writes_nothing(traded: House) -> None:
    seen = await find_period(traded.records, "lyon")
    chunk = await chunk_of(closing_of(traded), "lyon", "")
    now = traded.clock.now
    note = Note(write_id="", actor="operator", now=now, occur_time=now)
    await steps_of(traded)
    before = await find_period(traded.records, "lyon")

    with pytest.raises(ClosedMeanwhileError):
        await write_archive(traded.records, seen, chunk.movements, note=note, timeout_s=2)
    assert await find_period(traded.records, "lyon") == before
    assert await wrong_archives(traded) == []
