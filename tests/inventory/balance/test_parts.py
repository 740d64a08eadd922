"""How a proof is divided, what it costs the engine, and that it is right beside writers."""

import asyncio
from dataclasses import replace

import pytest
from comptoir.inventory.v1 import stock_service_pb2 as pb

from chassis.mongo import Database
from chassis.records import Document
from services.inventory.balance import proof
from services.inventory.balance.domain import Part, Slice
from services.inventory.balance.proof import Behind, Question, proven
from services.inventory.balance.queries import moved_in
from services.inventory.balance.store import PartTooLargeError, RecordsBalances
from services.inventory.ledger.store import MOVEMENTS
from tests.inventory.asking import line, release, reserve, sale
from tests.inventory.house import COLLECT, ERP, TILL, House

LYON = Part(location_ids=("lyon",))
SKUS = ("A", "B", "C", "D", "E")


class Hurried(RecordsBalances):
    """Has no time for more than so many rows at once."""

    rows_max = 1
    tries_count = 0

    async def prove(self, part: Part) -> Slice:
        self.tries_count += 1
        found = await super().prove(part)
        if found.row_count > self.rows_max:
            raise PartTooLargeError("too many")
        return found


@pytest.fixture
async def hurried(house: House) -> Hurried:
    for sku in SKUS:
        await house.put_on_shelf(sku, 1)
    await house.put_on_shelf("A", 1, location_id="lille")
    return Hurried(house.records)


@pytest.mark.parametrize("rows_max", [1, 2, 3])
async def test_what_takes_too_long_is_proven_in_halves_and_all_of_it(
    hurried: Hurried, rows_max: int
) -> None:
    hurried.rows_max = rows_max
    slices = await proven(hurried, LYON, 10_000)

    assert sum(each.row_count for each in slices) == len(SKUS)
    assert max(each.row_count for each in slices) == rows_max
    # Each begins where the one before it ended, and the last has no end.
    ends = [each.part.end_sku for each in slices]
    assert [each.part.after_sku for each in slices] == ["", *ends[:-1]]
    assert ends[-1] is None


async def test_one_sku_is_proven_at_half_the_locations(hurried: Hurried) -> None:
    part = Part(location_ids=("lille", "lyon"), sku="A")
    slices = await proven(hurried, part, 1_000)
    assert [(each.part.location_ids, each.row_count) for each in slices] == [
        (("lille",), 1),
        (("lyon",), 1),
    ]


async def test_one_row_that_takes_too_long_ends_the_proof(hurried: Hurried) -> None:
    hurried.rows_max = 0
    with pytest.raises(PartTooLargeError):
        await proven(hurried, LYON, 10_000)
    # All five rows, the first three of them, the first two, the first.
    assert hurried.tries_count == 4


async def test_whoever_leaves_a_proof_leaves_nothing_under_way(hurried: Hurried) -> None:
    hurried.rows_max = 9
    before = asyncio.all_tasks()
    question = Question(location_ids=["lille", "lyon"], sku="", name="")
    steps = proof.proof(hurried, question, Behind("", ""))
    await anext(steps)
    await steps.aclose()

    assert asyncio.all_tasks() == before


async def test_movements_are_added_up_without_a_look_at_any(
    house_on_mongo: House, database: Database
) -> None:
    for sku in SKUS:
        await house_on_mongo.put_on_shelf(sku, 1)
    for part in (LYON, replace(LYON, end_sku="C"), Part(location_ids=("lyon", "lille"), sku="A")):
        told = await explained(database, moved_in(part))
        stats = told["executionStats"]
        assert stats["totalKeysExamined"] >= stats["totalDocsExamined"] == 0


async def explained(database: Database, pipeline: list[Document]) -> Document:
    command = {"aggregate": MOVEMENTS.collection, "pipeline": pipeline, "cursor": {}}
    collection = database.collection(MOVEMENTS.collection)
    told: Document = await collection.database.command(
        "explain", command, verbosity="executionStats"
    )
    stages: list[Document] = told.get("stages", [{"$cursor": told}])
    found: Document = stages[0]["$cursor"]
    return found


async def test_nothing_differs_while_it_sells(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "PART_ROWS_MAX", 2)
    for sku in SKUS:
        await any_house.put_on_shelf(sku, 100)
    ended = asyncio.Event()
    proving = asyncio.create_task(proven_until(any_house, ended))
    await asyncio.gather(*(sell(any_house, sku) for sku in SKUS))
    ended.set()

    assert await proving == 0


async def sell(house: House, sku: str) -> None:
    for _ in range(6):
        asked = reserve(line(2, sku=sku), hold_s=600)
        made = (await house.reservations.Reserve(asked, metadata=COLLECT)).reservation
        await house.stock.RecordSale(sale(line(1, sku=sku)), metadata=TILL)
        await house.reservations.Release(release(made.reservation_id), metadata=COLLECT)


async def proven_until(house: House, ended: asyncio.Event) -> int:
    """How many differences were found, over and over, in what never differed."""
    count, is_last = 0, False
    while not is_last:
        is_last = ended.is_set()
        call = house.stock.VerifyBalances(pb.VerifyBalancesRequest(), metadata=ERP)
        count += sum([len(answer.differences) async for answer in call])
    return count
