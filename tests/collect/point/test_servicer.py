"""Points over gRPC: taken in, listed, and refused where they cannot stand."""

from dataclasses import replace

import grpc
import pytest
from comptoir.collect.v1 import point_service_pb2 as pb

from chassis.records import Where
from services.collect.locker import domain as cabinets
from services.collect.locker.store import CABINETS
from services.collect.point.domain import PlaceKind, Size
from services.collect.point.store import PLACES, POINTS
from tests.collect.point.shop import ANNA, NOON, Shop
from tests.collect.shops import counter, locker, place
from tests.serving import reason_of

LYON = place("lyon", at=(45.75, 4.85))


async def test_imported_points_stand_with_their_places_and_cabinets(real_shop: Shop) -> None:
    real_shop.neighbours.locations.put(place())
    progress = await real_shop.bring([counter(), locker()])

    assert (progress.read_count, progress.written_count) == (2, 2)
    assert await real_shop.records.find(POINTS, "paris-counter") == counter()
    assert await real_shop.records.find(PLACES, "paris") == place()
    cabinet = await real_shop.records.find(CABINETS, "cabinet-1")
    assert cabinet is not None and [use.compartment_id for use in cabinet.uses] == ["A1", "A2"]


async def test_the_same_import_again_writes_nothing(real_shop: Shop) -> None:
    real_shop.neighbours.locations.put(place())
    await real_shop.bring([counter(), locker()])
    progress = await real_shop.bring([counter(), locker()])

    assert (progress.written_count, progress.unchanged_count) == (0, 2)
    assert await real_shop.records.find(POINTS, "paris-counter") == counter()


async def test_bad_points_are_told_by_number_and_the_rest_go_in(shop: Shop) -> None:
    shop.neighbours.locations.put(place())
    shop.neighbours.locations.put(replace(LYON, kind=PlaceKind.WAREHOUSE))
    progress = await shop.bring(
        [
            counter("nowhere-counter", "nowhere"),
            counter(),
            counter("Bad Id"),
            counter("lyon-counter", "lyon"),
        ]
    )

    assert [(r.number, r.reason) for r in progress.rejections] == [
        (1, "UNKNOWN_LOCATION"),
        (3, "INVALID_POINT"),
        (4, "INVALID_POINT"),
    ]
    assert progress.written_count == 1


async def test_a_point_without_kind_and_one_without_size_are_refused(shop: Shop) -> None:
    shop.neighbours.locations.put(place())
    [progress] = await shop.bring_pb(
        [
            pb.Point(point_id="a", location_id="paris"),
            pb.Point(
                point_id="b",
                location_id="paris",
                kind=pb.POINT_KIND_LOCKER,
                cabinet_id="b",
                compartments=[pb.Compartment(compartment_id="A1")],
            ),
        ]
    )

    assert [r.reason for r in progress.rejections] == ["INVALID_POINT", "INVALID_POINT"]


async def test_zeros_are_the_defaults(shop: Shop) -> None:
    shop.neighbours.locations.put(place())
    await shop.bring_pb([pb.Point(point_id="a", location_id="paris", kind=pb.POINT_KIND_COUNTER)])
    [point] = await listed(shop)

    assert (point.slot_minutes, point.slot_capacity_count, point.preparation_minutes) == (60, 6, 30)


async def test_a_compartment_in_use_stays(real_shop: Shop) -> None:
    real_shop.neighbours.locations.put(place())
    await real_shop.bring([locker()])
    cabinet = await real_shop.records.find(CABINETS, "cabinet-1")
    assert cabinet is not None
    await real_shop.put(cabinets.kept(cabinet, order_id="order", size=Size.M, now=NOON))

    progress = await real_shop.bring([locker(sizes=(Size.S,)), counter()])

    assert [(r.number, r.reason) for r in progress.rejections] == [(1, "COMPARTMENT_IN_USE")]
    assert progress.written_count == 1
    assert await real_shop.records.find(POINTS, "paris-locker") == locker()


async def test_inventory_is_asked_once_for_each_location_of_a_chunk(shop: Shop) -> None:
    places = [place(f"shop-{number:03}") for number in range(250)]
    for at in places:
        shop.neighbours.locations.put(at)
    await shop.bring(
        counter(f"{at.location_id}-{n}", at.location_id) for at in places for n in (1, 2)
    )

    asked = shop.neighbours.locations.asked
    assert sorted(i for ids in asked for i in ids) == [at.location_id for at in places]
    assert len(await shop.records.select(POINTS, Where(limit=1000))) == 500


async def listed(shop: Shop, location_id: str = "paris", **page: object) -> list[pb.Point]:
    request = pb.ListPointsRequest(location_id=location_id, **page)  # type: ignore[arg-type]
    return list((await shop.stub.ListPoints(request, metadata=ANNA)).points)


async def test_the_points_of_a_shop_are_listed_by_id_page_by_page(real_shop: Shop) -> None:
    ids = [f"paris-{number}" for number in range(5)]
    await real_shop.put(place(), LYON, counter("lyon-counter", "lyon"))
    await real_shop.put(*map(counter, ids))

    found, token = [], ""
    for _ in range(3):
        request = pb.ListPointsRequest(location_id="paris", page_size=2, page_token=token)
        response = await real_shop.stub.ListPoints(request, metadata=ANNA)
        found += [point.point_id for point in response.points]
        token = response.next_page_token

    assert (found, token) == (ids, "")


async def test_a_point_is_listed_as_it_was_imported(shop: Shop) -> None:
    shop.neighbours.locations.put(place())
    await shop.bring([locker()])
    [point] = await listed(shop)

    assert (point.kind, point.cabinet_id, point.revision) == (
        pb.POINT_KIND_LOCKER,
        "cabinet-1",
        1,
    )
    assert [(c.compartment_id, c.size) for c in point.compartments] == [
        ("A1", pb.COMPARTMENT_SIZE_S),
        ("A2", pb.COMPARTMENT_SIZE_M),
    ]


async def test_an_unknown_location_has_no_points(shop: Shop) -> None:
    assert await listed(shop, "nowhere") == []


async def test_a_page_token_of_another_location_is_refused(shop: Shop) -> None:
    await shop.put(place(), *map(counter, ("a", "b")))
    first = pb.ListPointsRequest(location_id="paris", page_size=1)
    token = (await shop.stub.ListPoints(first, metadata=ANNA)).next_page_token

    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await listed(shop, "lyon", page_token=token)
    assert reason_of(raised.value) == "INVALID_PAGE"
