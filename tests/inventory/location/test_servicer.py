"""Locations through a real gRPC server and stub, so that what is tested is the contract."""

import pytest
from comptoir.inventory.v1 import location_service_pb2 as pb

from tests.inventory.asking import shop
from tests.inventory.house import ANNA, House, refused

LYON = pb.Coordinates(latitude=45.764, longitude=4.8357)
LILLE = pb.Coordinates(latitude=50.6292, longitude=3.0573)
PARIS = pb.Coordinates(latitude=48.8566, longitude=2.3522)


async def listed(house: House, **fields: object) -> pb.ListLocationsResponse:
    request = pb.ListLocationsRequest(**fields)  # type: ignore[arg-type]
    return await house.locations.ListLocations(request, metadata=ANNA)


async def got(house: House, *location_ids: str) -> list[pb.Location]:
    request = pb.BatchGetLocationsRequest(location_ids=location_ids)
    answer = await house.locations.BatchGetLocations(request, metadata=ANNA)
    return list(answer.locations)


async def test_a_location_comes_back_as_it_went(any_house: House) -> None:
    sent = shop(
        "paris-1",
        address=pb.Address(street="1 rue de Rivoli", postcode="75001", city="Paris", country="FR"),
        coordinates=PARIS,
        opening_hours=[pb.OpeningHours(weekday=6, opens_minute=600, closes_minute=1560)],
    )
    await any_house.import_locations(sent)

    sent.revision = 1
    assert await got(any_house, "paris-1") == [sent]


async def test_an_import_again_writes_nothing(any_house: House) -> None:
    progress = await any_house.import_locations(shop("lyon"), shop("lille"))

    assert (progress.written_count, progress.unchanged_count) == (0, 2)
    assert [found.revision for found in await got(any_house, "lyon")] == [1]


async def test_an_import_puts_a_location_whole(any_house: House) -> None:
    await any_house.import_locations(shop("lyon", coordinates=LYON))
    await any_house.import_locations(shop("lyon", name="Part-Dieu"))

    (found,) = await got(any_house, "lyon")
    assert (found.name, found.HasField("coordinates"), found.revision) == ("Part-Dieu", False, 3)


async def test_a_location_that_cannot_be_taken_does_not_stop_the_rest(any_house: House) -> None:
    overlapping = [pb.OpeningHours(weekday=2, opens_minute=600, closes_minute=700)] * 2
    progress = await any_house.import_locations(
        shop("paris-1"), shop("paris-2", opening_hours=overlapping), shop("paris-3")
    )

    assert progress.written_count == 2
    assert [(r.number, r.reason) for r in progress.rejections] == [(2, "INVALID_LOCATION")]
    assert "Tuesday begins before Tuesday has ended" in progress.rejections[0].message


async def test_unknown_locations_are_left_out(house: House) -> None:
    found = await got(house, "lille", "atlantis", "lyon")
    assert [location.location_id for location in found] == ["lille", "lyon"]


async def test_the_nearest_come_first_with_their_distance_in_metres(any_house: House) -> None:
    await any_house.import_locations(
        shop("lyon", coordinates=LYON), shop("lille", coordinates=LILLE), shop("nowhere")
    )
    answer = await listed(any_house, near=PARIS)

    assert [found.location_id for found in answer.locations] == ["lille", "lyon"]
    assert [round(metres, -3) for metres in answer.distances_m] == [204_000, 391_000]


async def test_what_was_imported_since_is_near_too(any_house: House) -> None:
    await any_house.import_locations(shop("lyon", coordinates=LYON))
    await listed(any_house, near=PARIS)
    await any_house.import_locations(
        shop("lyon", coordinates=PARIS), shop("lille", coordinates=LILLE)
    )

    answer = await listed(any_house, near=PARIS)
    assert [found.location_id for found in answer.locations] == ["lyon", "lille"]
    assert answer.distances_m[0] == 0


@pytest.mark.parametrize("near", [None, PARIS])
async def test_pages_join_into_the_whole(any_house: House, near: pb.Coordinates | None) -> None:
    await any_house.import_locations(
        *(shop(f"shop-{n}", coordinates=LYON) for n in range(5)),
        shop("depot", kind=pb.LOCATION_KIND_WAREHOUSE, coordinates=LYON),
    )
    found, token = [], ""
    for _ in range(4):
        page = await listed(
            any_house, near=near, kind=pb.LOCATION_KIND_SHOP, page_size=2, page_token=token
        )
        found += [location.location_id for location in page.locations]
        token = page.next_page_token
        if not token:
            break

    without_coordinates = ["lille", "lyon"] if near is None else []
    assert (found, token) == ([*without_coordinates, *(f"shop-{n}" for n in range(5))], "")


async def test_a_token_is_good_for_its_query_alone(house: House) -> None:
    await house.import_locations(shop("lyon", coordinates=LYON), shop("lille", coordinates=LILLE))
    token = (await listed(house, near=PARIS, page_size=1)).next_page_token

    for near in (LYON, None):
        call = listed(house, near=near, page_token=token)
        assert await refused(call) == "INVALID_ARGUMENT INVALID_PAGE"


async def test_a_point_beyond_the_globe_is_refused(house: House) -> None:
    call = listed(house, near=pb.Coordinates(latitude=91))
    assert await refused(call) == "INVALID_ARGUMENT INVALID_COORDINATES"


@pytest.mark.parametrize("location_ids", [[], ["lyon", "lyon"], [str(n) for n in range(201)]])
async def test_locations_are_asked_for_once_and_not_all(
    house: House, location_ids: list[str]
) -> None:
    assert await refused(got(house, *location_ids)) == "INVALID_ARGUMENT INVALID_LOCATION_IDS"


async def test_more_locations_than_one_page_of_the_store_are_all_listed(house: House) -> None:
    await house.import_locations(*(shop(f"shop-{n:04}", coordinates=LYON) for n in range(1_100)))
    found, token = 0, ""
    for _ in range(10):
        page = await listed(house, near=PARIS, page_size=200, page_token=token)
        found, token = found + len(page.locations), page.next_page_token
        if not token:
            break

    assert found == 1_100
