"""Where locations stand and when they are open."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.inventory.location.domain import (
    Address,
    Coordinates,
    InvalidCoordinatesError,
    InvalidLocationError,
    Location,
    LocationKind,
    OpeningHours,
    check_coordinates,
    check_location,
    distance_m,
    nearest,
    put,
)

LYON = Coordinates(latitude=45.764, longitude=4.8357)
PARIS = Coordinates(latitude=48.8566, longitude=2.3522)
SHOP = Location(
    location_id="lyon",
    kind=LocationKind.SHOP,
    name="Lyon",
    address=Address(country="FR"),
    coordinates=LYON,
    time_zone="Europe/Paris",
)


def hours(weekday: int, opens: int, closes: int) -> OpeningHours:
    return OpeningHours(weekday=weekday, opens_minute=opens, closes_minute=closes)


def complaints(location: Location) -> list[str]:
    """What is wrong with it, by field."""
    try:
        check_location(location)
    except InvalidLocationError as error:
        return [f"{v.field}: {v.description}" for v in error.violations]
    return []


def test_lyon_is_391_km_and_a_half_from_paris() -> None:
    assert distance_m(LYON, PARIS) == pytest.approx(391_500, abs=100)


def test_antipodes_are_half_the_earth_apart() -> None:
    there = Coordinates(latitude=-LYON.latitude, longitude=LYON.longitude - 180)
    assert distance_m(LYON, there) == round(math.pi * 6_371_008.8)


def test_the_date_line_is_no_distance() -> None:
    east = Coordinates(latitude=0, longitude=180)
    assert distance_m(east, Coordinates(latitude=0, longitude=-180)) == 0


POINTS = st.builds(
    Coordinates,
    latitude=st.floats(-90, 90, allow_nan=False),
    longitude=st.floats(-180, 180, allow_nan=False),
)


@given(POINTS, POINTS)
def test_it_is_as_far_there_as_back_and_as_the_vectors_say(a: Coordinates, b: Coordinates) -> None:
    def vector(c: Coordinates) -> tuple[float, float, float]:
        north, east = math.radians(c.latitude), math.radians(c.longitude)
        return math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)

    # The chord between them, which loses no digits near zero.
    chord = math.dist(vector(a), vector(b))
    angle = 2 * math.asin(min(chord / 2, 1.0))
    assert distance_m(a, b) == distance_m(b, a)
    assert distance_m(a, b) == pytest.approx(6_371_008.8 * angle, abs=1)


@given(st.lists(POINTS, max_size=12), POINTS, st.integers(1, 5))
def test_pages_of_the_nearest_join_into_all_of_them_in_order(
    points: list[Coordinates], origin: Coordinates, limit: int
) -> None:
    shops = [replace(SHOP, location_id=f"l{n}", coordinates=p) for n, p in enumerate(points)]
    found, after = [], None
    while page := nearest(shops, origin, after=after, limit=limit):
        found += page
        after = page[-1].metres, page[-1].location_id

    expected = sorted((distance_m(origin, p), f"l{n}") for n, p in enumerate(points))
    assert [(d.metres, d.location_id) for d in found] == expected


def test_a_location_without_coordinates_is_near_nothing() -> None:
    assert nearest([replace(SHOP, coordinates=None)], PARIS, after=None, limit=1) == []


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(90.1, 0), (-90.1, 0), (0, 180.1), (0, -180.1), (math.nan, 0)]
)
def test_a_point_lies_on_the_globe(latitude: float, longitude: float) -> None:
    with pytest.raises(InvalidCoordinatesError):
        check_coordinates(Coordinates(latitude=latitude, longitude=longitude))


def test_a_span_may_end_after_midnight_and_another_begin_as_it_ends() -> None:
    spans = (hours(6, 1080, 1560), hours(7, 120, 600), hours(7, 1200, 1800), hours(1, 360, 720))
    assert complaints(replace(SHOP, opening_hours=spans)) == []


@pytest.mark.parametrize(
    ("spans", "complaint"),
    [
        (
            (hours(2, 540, 720), hours(2, 700, 900)),
            "opening_hours: Tuesday begins before Tuesday has ended",
        ),
        (
            (hours(3, 0, 600), hours(2, 1200, 1500)),
            "opening_hours: Wednesday begins before Tuesday has ended",
        ),
        (
            (hours(7, 1200, 2000), hours(1, 540, 600)),
            "opening_hours: Monday begins before Sunday has ended",
        ),
        ((hours(0, 0, 1),), "opening_hours[0].weekday: 1 (Monday) to 7 (Sunday)"),
        ((hours(1, 1440, 1500),), "opening_hours[0].opens_minute: 0 to 1439, on Monday"),
        (
            (hours(5, 600, 600),),
            "opening_hours[0].closes_minute: after it opens, at most 2880, on Friday",
        ),
        (
            (hours(5, 600, 2881),),
            "opening_hours[0].closes_minute: after it opens, at most 2880, on Friday",
        ),
    ],
)
def test_hours_that_cannot_be_name_the_day(spans: tuple[OpeningHours, ...], complaint: str) -> None:
    assert complaints(replace(SHOP, opening_hours=spans)) == [complaint]


@given(st.lists(st.builds(hours, st.integers(1, 7), st.integers(0, 1439), st.integers(1, 2880))))
def test_hours_overlap_exactly_where_some_minute_of_the_week_is_in_two(
    spans: list[OpeningHours],
) -> None:
    spans = [span for span in spans if span.opens_minute < span.closes_minute][:4]
    minutes = [minute % 10_080 for span in spans for minute in range(span.begin, span.end)]

    overlaps = len(set(minutes)) < len(minutes)
    assert bool(complaints(replace(SHOP, opening_hours=tuple(spans)))) == overlaps


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (replace(SHOP, location_id="Lyon"), "location_id"),
        (replace(SHOP, location_id="x" * 65), "location_id"),
        (replace(SHOP, location_id="lyon\n"), "location_id"),
        (replace(SHOP, kind=None), "kind"),
        (replace(SHOP, name=""), "name"),
        (replace(SHOP, name="x" * 201), "name"),
        (replace(SHOP, address=Address(country="fr")), "address.country"),
        (replace(SHOP, address=Address(country="FR", city="x" * 201)), "address.city"),
        (replace(SHOP, time_zone=""), "time_zone"),
        (replace(SHOP, time_zone="Europe"), "time_zone"),
        (replace(SHOP, time_zone="../etc/passwd"), "time_zone"),
        (replace(SHOP, time_zone="Europe/Atlantis"), "time_zone"),
        (
            replace(SHOP, coordinates=Coordinates(latitude=91, longitude=0)),
            "coordinates.latitude",
        ),
        (replace(SHOP, opening_hours=(hours(1, 0, 1),) * 51), "opening_hours"),
    ],
)
def test_every_field_at_fault_is_named(wrong: Location, field: str) -> None:
    assert [complaint.split(":")[0] for complaint in complaints(wrong)] == [field]


def test_a_location_put_again_as_it_is_stays_the_one_it_was() -> None:
    first = put(None, SHOP)
    assert put(first, SHOP) is first
    assert put(first, replace(SHOP, name="Lyon Part-Dieu")).revision == 2
