"""How far it is, and what is not on the globe."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collect.point.distance import (
    DEGREE_M,
    Coordinates,
    InvalidCoordinatesError,
    box,
    check_coordinates,
    distance_m,
)

PARIS, LYON = Coordinates(48.8534, 2.3488), Coordinates(45.7485, 4.8467)
globe = st.builds(Coordinates, st.floats(-90, 90), st.floats(-180, 180))


def by_the_law_of_cosines(a: Coordinates, b: Coordinates) -> float:
    """The same arc by another formula, good unless both are close."""
    south_a, south_b = (math.radians(90 - c.latitude) for c in (a, b))
    east = math.radians(b.longitude - a.longitude)
    cosine = math.cos(south_a) * math.cos(south_b)
    cosine += math.sin(south_a) * math.sin(south_b) * math.cos(east)
    return math.degrees(math.acos(cosine)) * DEGREE_M


def test_paris_is_as_far_from_lyon_as_another_formula_says() -> None:
    assert distance_m(PARIS, LYON) == pytest.approx(by_the_law_of_cosines(PARIS, LYON), abs=1)


def test_a_pole_is_a_quarter_of_the_globe_from_the_equator() -> None:
    assert distance_m(Coordinates(0, 20), Coordinates(90, 0)) == round(90 * DEGREE_M)


def test_the_date_line_is_no_border() -> None:
    assert distance_m(Coordinates(0, 179.5), Coordinates(0, -179.5)) == round(DEGREE_M)


@given(globe, globe)
def test_it_is_as_far_there_as_back_and_never_beyond_half_the_globe(
    a: Coordinates, b: Coordinates
) -> None:
    assert distance_m(a, b) == distance_m(b, a) <= round(180 * DEGREE_M)


@given(globe, globe)
def test_no_place_is_nearer_than_its_circle_of_latitude(a: Coordinates, b: Coordinates) -> None:
    assert distance_m(a, b) >= math.floor(abs(a.latitude - b.latitude) * DEGREE_M) - 1


@given(globe, globe, st.sampled_from([0.25, 1, 4]))
def test_what_lies_outside_a_box_is_out_of_reach(
    a: Coordinates, b: Coordinates, reach_deg: float
) -> None:
    least, most = box(a, reach_deg)

    if not (least.latitude < b.latitude <= most.latitude) or not (
        least.longitude < b.longitude <= most.longitude
    ):
        assert distance_m(a, b) >= math.floor(reach_deg * DEGREE_M)


@given(globe, st.floats(0, 360), st.sampled_from([0.25, 1, 4]))
def test_what_is_just_within_reach_lies_in_the_box(
    a: Coordinates, bearing_deg: float, reach_deg: float
) -> None:
    least, most = box(a, reach_deg)
    b = gone(a, bearing_deg, reach_deg * 0.9999)

    assert least.latitude < b.latitude <= most.latitude
    assert least.longitude < b.longitude <= most.longitude


def gone(a: Coordinates, bearing_deg: float, arc_deg: float) -> Coordinates:
    """Where one is after so many degrees of arc in a straight line."""
    north, bearing, arc = map(math.radians, (a.latitude, bearing_deg, arc_deg))
    sine = math.sin(north) * math.cos(arc) + math.cos(north) * math.sin(arc) * math.cos(bearing)
    end = math.asin(max(-1.0, min(1.0, sine)))
    east = math.atan2(
        math.sin(bearing) * math.sin(arc) * math.cos(north),
        math.cos(arc) - math.sin(north) * sine,
    )
    longitude = (a.longitude + math.degrees(east) + 540) % 360 - 180
    return Coordinates(math.degrees(end), longitude)


@pytest.mark.parametrize("near", [(90.1, 0), (0, -180.1), (math.nan, 1), (1, math.inf)])
def test_what_is_not_on_the_globe_is_refused(near: tuple[float, float]) -> None:
    with pytest.raises(InvalidCoordinatesError):
        check_coordinates(Coordinates(*near))
