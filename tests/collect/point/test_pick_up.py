"""Pick-up options over gRPC: which points, in which order, and what they offer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import grpc
import pytest
from comptoir.catalog.v1 import product_service_pb2 as product_pb
from comptoir.collect.v1 import point_service_pb2 as pb

from services.collect.locker.store import CABINETS
from services.collect.point.domain import Size, Slot, slot_id_of, spans
from tests.collect.point.shop import NOON, Shop
from tests.collect.shops import counter, locker, paris, place
from tests.serving import reason_of

PARIS, LILLE, LYON = (48.85, 2.35), (50.63, 3.06), (45.75, 4.85)


async def with_three_shops(shop: Shop) -> None:
    for name, at in (("paris", PARIS), ("lille", LILLE), ("lyon", LYON)):
        await shop.put(place(name, at=at), counter(f"{name}-counter", name))
        shop.neighbours.stock.available[name, "LAMP"] = 3


def ids(options: list[pb.PickUpOption]) -> list[str]:
    return [option.point_id for option in options]


async def test_a_shop_with_all_of_it_offers_its_slots(real_shop: Shop) -> None:
    await with_three_shops(real_shop)
    [option] = await real_shop.options(location_ids=["paris"])

    assert (option.available, option.reason, option.location_id) == (True, "", "paris")
    assert option.kind == pb.POINT_KIND_COUNTER
    assert option.ready_time.ToDatetime(UTC) == NOON + timedelta(minutes=30)
    assert len(option.slots) == 20
    assert option.slots[0].slot_id == slot_id_of("paris-counter", paris("2026-11-23 13:00"))
    assert option.slots[0].end_time.ToDatetime(UTC) == paris("2026-11-23 14:00")


async def test_without_a_place_to_start_from_points_come_by_id(real_shop: Shop) -> None:
    await with_three_shops(real_shop)
    options = await real_shop.options()

    assert ids(options) == ["lille-counter", "lyon-counter", "paris-counter"]
    assert [option.distance_m for option in options] == [0, 0, 0]


async def test_the_nearest_points_come_first_with_their_distance(real_shop: Shop) -> None:
    await with_three_shops(real_shop)
    options = await real_shop.options(near=(50.0, 2.8))

    assert ids(options) == ["lille-counter", "paris-counter", "lyon-counter"]
    assert all(a.distance_m < b.distance_m for a, b in pairwise(options))


async def test_only_the_nearest_are_told_and_asked_for(real_shop: Shop) -> None:
    # Along a circle of latitude: a band alone does not tell them apart.
    for number in range(30):
        name = f"shop-{number:02}"
        await real_shop.put(place(name, at=(48.0, number * 2.0)), counter(f"{name}-counter", name))
    options = await real_shop.options(near=(48.0, 21.0), page_size=4)

    assert sorted(ids(options)) == [f"shop-{n:02}-counter" for n in (9, 10, 11, 12)]
    assert real_shop.neighbours.stock.pair_counts == [4]


async def test_a_shop_across_the_date_line_is_near(real_shop: Shop) -> None:
    await real_shop.put(place("suva", at=(-18.1, 178.4)), counter("suva-counter", "suva"))
    await real_shop.put(place("apia", at=(-13.8, -171.8)), counter("apia-counter", "apia"))
    await real_shop.put(place("cairns", at=(-16.9, 145.8)), counter("cairns-counter", "cairns"))

    assert ids(await real_shop.options(near=(-17.0, -179.0))) == [
        "suva-counter",
        "apia-counter",
        "cairns-counter",
    ]


async def test_a_shop_that_stands_nobody_knows_where_comes_last(real_shop: Shop) -> None:
    await with_three_shops(real_shop)
    await real_shop.put(place("atlantis", at=None), counter("atlantis-counter", "atlantis"))

    assert ids(await real_shop.options(near=PARIS))[-1] == "atlantis-counter"


async def test_only_the_shops_asked_for_are_told(real_shop: Shop) -> None:
    await with_three_shops(real_shop)

    assert ids(await real_shop.options(near=LYON, location_ids=["paris", "lille"])) == [
        "paris-counter",
        "lille-counter",
    ]


async def test_a_point_that_lacks_something_says_what(shop: Shop) -> None:
    await with_three_shops(shop)
    shop.neighbours.stock.available["paris", "RUG"] = 1
    lines = (("LAMP", 4), ("RUG", 1), ("SOFA", 1))
    [option] = await shop.options(lines, location_ids=["paris"])

    assert (option.available, option.reason) == (False, "INSUFFICIENT_STOCK")
    assert list(option.short_skus) == ["LAMP", "SOFA"]


async def test_a_shop_that_inventory_does_not_have_has_nothing(shop: Shop) -> None:
    await with_three_shops(shop)
    shop.neighbours.stock.has_no_location = True
    options = await shop.options()

    assert {option.reason for option in options} == {"INSUFFICIENT_STOCK"}
    assert len(options) == 3


async def test_a_shop_that_never_opens_says_that_it_has_no_slot(shop: Shop) -> None:
    await shop.put(place(hours=()), counter())
    shop.neighbours.stock.available["paris", "LAMP"] = 1
    [option] = await shop.options()

    assert (option.available, option.reason) == (False, "NO_SLOT")
    assert not option.HasField("ready_time")


async def test_a_slot_that_is_full_is_passed_over(real_shop: Shop) -> None:
    await with_three_shops(real_shop)
    first = spans(place(), counter(), NOON)[0]
    await real_shop.put(slot(*first, taken_count=2))
    [option] = await real_shop.options(location_ids=["paris"])

    assert option.slots[0].start_time.ToDatetime(UTC) == first[0] + timedelta(hours=1)
    assert len(option.slots) == 20


async def test_the_first_slot_with_room_is_found_however_many_are_full(real_shop: Shop) -> None:
    quick = replace(counter(), slot_minutes=15)
    await real_shop.put(place(), quick)
    times = spans(place(), quick, NOON)
    await real_shop.put(*(slot(*span, taken_count=2) for span in times[:-1]))
    real_shop.neighbours.stock.available["paris", "LAMP"] = 1
    [option] = await real_shop.options()

    assert [s.start_time.ToDatetime(UTC) for s in option.slots] == [times[-1][0]]


async def test_twenty_slots_are_offered_though_most_of_the_next_are_full(shop: Shop) -> None:
    quick = replace(counter(), slot_minutes=15)
    await shop.put(place(), quick)
    times = spans(place(), quick, NOON)
    await shop.put(*(slot(*span, taken_count=2) for span in times[:30]))
    [option] = await shop.options()

    assert [s.start_time.ToDatetime(UTC) for s in option.slots] == [t[0] for t in times[30:50]]


async def test_a_locker_needs_a_free_compartment_and_its_line(shop: Shop) -> None:
    shop.neighbours.locations.put(place())
    shop.neighbours.stock.available["paris", "LAMP"] = 9
    shop.neighbours.products.put("LAMP", product_pb.PARCEL_SIZE_M)
    await shop.bring([locker(sizes=(Size.S, Size.M))])

    [offline] = await shop.options()
    cabinet = await shop.hear("cabinet-1")
    [online] = await shop.options()
    [too_many] = await shop.options([("LAMP", 2)])

    assert (offline.reason, online.reason, too_many.reason) == (
        "CABINET_OFFLINE",
        "",
        "NO_COMPARTMENT",
    )
    assert online.available and cabinet == await shop.records.find(CABINETS, "cabinet-1")


@pytest.mark.parametrize("sku", ["RUG", "SOFA"])
async def test_what_is_of_unknown_size_goes_over_the_counter(shop: Shop, sku: str) -> None:
    shop.neighbours.locations.put(place())
    shop.neighbours.stock.available["paris", sku] = 1
    shop.neighbours.products.put("RUG", product_pb.PARCEL_SIZE_UNSPECIFIED)
    await shop.bring([counter(), locker()])
    await shop.hear("cabinet-1")
    options = await shop.options([(sku, 1)])

    assert [(o.point_id, o.reason) for o in options] == [
        ("paris-counter", ""),
        ("paris-locker", "NO_COMPARTMENT"),
    ]


async def test_what_is_sold_by_measure_is_one_parcel(shop: Shop) -> None:
    shop.neighbours.locations.put(place())
    shop.neighbours.stock.available["paris", "CABLE"] = 50_000
    shop.neighbours.products.put("CABLE", unit="millimetre", step=100)
    await shop.bring([locker()])
    await shop.hear("cabinet-1")
    [option] = await shop.options([("CABLE", 50_000)])

    assert option.available


async def test_the_answer_ends_with_the_hold_that_lapses_first(shop: Shop) -> None:
    await with_three_shops(shop)
    shop.clock.now = NOON + timedelta(seconds=1)
    soon = NOON + timedelta(seconds=30)
    shop.neighbours.stock.valid_until["paris", "LAMP"] = soon
    paris_option, lyon_option = await shop.options(location_ids=["lyon", "paris"], near=PARIS)

    assert paris_option.valid_until_time.ToDatetime(UTC) == soon
    assert lyon_option.valid_until_time.ToDatetime(UTC) > soon


async def test_fifty_lines_at_fifty_points_stay_within_inventorys_limits(shop: Shop) -> None:
    for number in range(60):
        name = f"shop-{number:02}"
        await shop.put(place(name, at=(48.0, number)), counter(f"{name}-counter", name))
    lines = [(f"SKU-{number}", 1) for number in range(50)]
    options = await shop.options(lines, near=(48.0, 1.0), page_size=60)

    assert len(options) == 50
    assert sorted(shop.neighbours.stock.pair_counts) == [500, 2000]


async def test_two_points_of_one_shop_ask_for_its_stock_once(shop: Shop) -> None:
    await shop.put(place(), counter("a"), counter("b"))

    assert ids(await shop.options()) == ["a", "b"]
    assert shop.neighbours.stock.pair_counts == [1]


async def test_a_chain_without_points_has_no_options(shop: Shop) -> None:
    assert await shop.options() == []
    assert await shop.options(near=PARIS) == []


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"lines": []}, "INVALID_LINES"),
        ({"near": (91.0, 0.0)}, "INVALID_COORDINATES"),
        ({"location_ids": ["paris", "paris"]}, "INVALID_LOCATION_IDS"),
        ({"location_ids": [f"shop-{n}" for n in range(21)]}, "INVALID_LOCATION_IDS"),
        ({"location_ids": [""]}, "INVALID_LOCATION_IDS"),
        ({"page_size": -1}, "INVALID_PAGE"),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    shop: Shop, asked: dict[str, object], reason: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await shop.options(**asked)  # type: ignore[arg-type]
    assert reason_of(raised.value) == reason


def slot(start: datetime, end: datetime, *, taken_count: int) -> Slot:
    return Slot(
        slot_id=slot_id_of("paris-counter", start),
        point_id="paris-counter",
        start_time=start,
        end_time=end,
        capacity_count=2,
        taken_count=taken_count,
        revision=taken_count,
    )
