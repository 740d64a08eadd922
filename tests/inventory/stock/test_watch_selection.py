"""A watch is of locations, of articles, or of both, and of nothing else."""

import pytest
from comptoir.inventory.v1 import stock_service_pb2 as pb

from services.inventory.stock import snapshot
from tests.inventory.asking import level, shop
from tests.inventory.house import ERP, House, refused
from tests.inventory.stock.consumer import Consumer, Rows, rows_of
from tests.serving import calling_as

STAFF = "staff:manager"
SAM = calling_as("sam", STAFF, locations=("lyon",))
NOWHERE = calling_as("rover", "staff:operator")


@pytest.fixture
async def stocked(any_house: House) -> House:
    await any_house.import_levels(
        *(level(sku, 5, location_id=where) for where in ("lille", "lyon") for sku in "ABC")
    )
    return any_house


async def all_of(house: House, *skus: str) -> Rows:
    rows = await rows_of(house, "lille", "lyon")
    return {place: row for place, row in rows.items() if place[1] in skus}


async def test_of_some_articles_at_a_location_no_other_is_sent(stocked: House) -> None:
    consumer = Consumer("lyon", skus=["A", "C", "NEVER"])
    await consumer.take_some(stocked, 2)
    for sku, where in (("B", "lyon"), ("A", "lille"), ("A", "lyon")):
        await stocked.put_on_shelf(sku, 9, location_id=where)
    wanted = await all_of(stocked, "A", "C")
    await consumer.catch_up(stocked, {p: row for p, row in wanted.items() if p[0] == "lyon"})

    sent = {(row.location_id, row.sku) for answer in consumer.answers for row in answer.rows}
    assert sent == {("lyon", "A"), ("lyon", "C")}


async def test_articles_are_followed_at_every_location_also_where_one_is_new(
    stocked: House,
) -> None:
    consumer = Consumer(skus=["B"])
    await consumer.take_some(stocked, 2)
    await stocked.import_locations(shop("nantes"))
    await stocked.import_levels(level("B", 4, location_id="nantes"), level("A", 1))
    await stocked.put_on_shelf("B", 0)

    await consumer.catch_up(stocked, await all_of(stocked, "B") | await rows_of(stocked, "nantes"))


async def test_a_snapshot_of_articles_cut_off_goes_on_where_it_was(
    stocked: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "PAGE_MAX", 2)
    consumer = Consumer(skus=["A", "B", "C"])
    await consumer.take_some(stocked, 1)
    await stocked.put_on_shelf("A", 9, location_id="lille")
    await consumer.take_some(stocked, 1)
    await consumer.take_some(stocked, 2)

    pages = [[(r.location_id, r.sku) for r in answer.rows] for answer in consumer.answers[:3]]
    assert pages == [
        [("lille", "A"), ("lille", "B")],
        [("lille", "C"), ("lyon", "A")],
        [("lyon", "B"), ("lyon", "C")],
    ]
    assert consumer.answers[3].snapshot_complete
    await consumer.catch_up(stocked, await all_of(stocked, "A", "B", "C"))


async def test_of_more_locations_than_fill_a_page_none_is_left_out(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "PAGE_MAX", 3)
    shops = [f"shop-{number}" for number in range(7)]
    await house.import_locations(*(shop(each) for each in shops))
    await house.import_levels(*(level("A", 1, location_id=each) for each in shops[::2]))
    consumer = Consumer(skus=["A", "B"])

    await consumer.catch_up(house, await rows_of(house, *shops))


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        (Consumer("lyon"), Consumer("lyon", skus=["A"])),
        (Consumer("lyon", skus=["A"]), Consumer("lyon", skus=["B"])),
        (Consumer("lyon", skus=["A"]), Consumer(skus=["A"])),
        (Consumer(skus=["A"]), Consumer(skus=["A", "B"])),
    ],
)
async def test_a_cursor_is_good_for_its_selection_alone(
    house: House, before: Consumer, behind: Consumer
) -> None:
    await before.take_some(house, 1)
    behind.cursor = before.cursor

    assert await refused(behind.watch(house).read()) == "INVALID_ARGUMENT INVALID_CURSOR"


async def test_to_staff_every_location_is_each_of_theirs(stocked: House) -> None:
    consumer = Consumer(skus=["A"], metadata=SAM)
    await consumer.take_some(stocked, 2)
    await stocked.put_on_shelf("A", 8, location_id="lille")
    await stocked.put_on_shelf("A", 9)
    rows = await all_of(stocked, "A")
    await consumer.catch_up(stocked, {("lyon", "A"): rows["lyon", "A"]})

    sent = {row.location_id for answer in consumer.answers for row in answer.rows}
    assert sent == {"lyon"}


@pytest.mark.parametrize("locations", [("lille", "lyon"), ("lille",), ()])
async def test_whose_shops_have_changed_begins_again_with_a_snapshot(
    stocked: House, locations: tuple[str, ...]
) -> None:
    before = Consumer(skus=["A"], metadata=SAM)
    await before.take_some(stocked, 2)
    consumer = Consumer(skus=["A"], metadata=calling_as("sam", STAFF, locations=locations))
    consumer.cursor = before.cursor
    call = consumer.watch(stocked).read()
    assert await refused(call) == "FAILED_PRECONDITION CURSOR_TOO_OLD"

    consumer.cursor = ""
    rows = await all_of(stocked, "A")
    theirs = {place: row for place, row in rows.items() if place[0] in locations}
    await consumer.catch_up(stocked, theirs)


async def test_whose_shops_are_told_in_another_order_goes_on(stocked: House) -> None:
    before, behind = (
        Consumer(skus=["A"], metadata=calling_as("sam", STAFF, locations=locations))
        for locations in (("lille", "lyon"), ("lyon", "lille"))
    )
    await before.take_some(stocked, 1)
    behind.cursor, behind.rows = before.cursor, before.rows
    await stocked.put_on_shelf("A", 9)

    await behind.catch_up(stocked, await all_of(stocked, "A"))


@pytest.mark.parametrize(
    "behind",
    [
        Consumer(skus=["B"], metadata=SAM),
        Consumer("lyon", skus=["A"], metadata=SAM),
        Consumer(skus=["A"]),
    ],
)
async def test_a_cursor_of_ones_own_shops_is_good_for_what_was_asked_alone(
    stocked: House, behind: Consumer
) -> None:
    before = Consumer(skus=["A"], metadata=SAM)
    await before.take_some(stocked, 1)
    behind.cursor = before.cursor

    assert await refused(behind.watch(stocked).read()) == "INVALID_ARGUMENT INVALID_CURSOR"


async def test_to_staff_without_a_location_there_is_nothing(stocked: House) -> None:
    consumer = Consumer(skus=["A"], metadata=NOWHERE)
    await consumer.take_some(stocked, 1)

    assert consumer.answers[0].snapshot_complete
    assert not consumer.rows


@pytest.mark.parametrize(
    "skus", [["A", "A"], ["A B"], [""], [f"SKU-{number}" for number in range(201)]]
)
async def test_articles_are_two_hundred_at_most_each_another(house: House, skus: list[str]) -> None:
    request = pb.WatchStockRequest(location_ids=["lyon"], skus=skus)
    call = house.stock.WatchStock(request, metadata=ERP).read()
    assert await refused(call) == "INVALID_ARGUMENT INVALID_SKUS"
