"""States with two time zones, by towns that everybody can look up."""

import pytest

from clients.cli.zones import may_stand_at, zone_of


@pytest.mark.parametrize(
    ("town", "state", "latitude", "longitude", "zone"),
    [
        ("Pensacola", "FL", 30.48, -87.21, "America/Chicago"),
        ("Panama City", "FL", 30.19, -85.64, "America/Chicago"),
        ("Tallahassee", "FL", 30.44, -84.26, "America/New_York"),
        ("Coeur d'Alene", "ID", 47.74, -116.79, "America/Los_Angeles"),
        ("Boise", "ID", 43.60, -116.28, "America/Boise"),
        ("Evansville", "IN", 37.98, -87.50, "America/Chicago"),
        ("Merrillville", "IN", 41.47, -87.31, "America/Chicago"),
        ("Valparaiso", "IN", 41.47, -87.03, "America/Chicago"),
        ("Mishawaka", "IN", 41.72, -86.18, "America/Indiana/Indianapolis"),
        ("Lafayette", "IN", 40.39, -86.85, "America/Indiana/Indianapolis"),
        ("Goodland", "KS", 39.35, -101.71, "America/Denver"),
        ("Wichita", "KS", 37.70, -97.40, "America/Chicago"),
        ("Bowling Green", "KY", 36.95, -86.43, "America/Chicago"),
        ("Owensboro", "KY", 37.72, -87.13, "America/Chicago"),
        ("Elizabethtown", "KY", 37.74, -85.89, "America/New_York"),
        ("Louisville", "KY", 38.25, -85.62, "America/New_York"),
        ("Iron Mountain", "MI", 45.82, -88.07, "America/Chicago"),
        ("Marquette", "MI", 46.55, -87.47, "America/Detroit"),
        ("Dickinson", "ND", 46.88, -102.79, "America/Denver"),
        ("Minot", "ND", 48.20, -101.31, "America/Chicago"),
        ("Scottsbluff", "NE", 41.87, -103.66, "America/Denver"),
        ("North Platte", "NE", 41.12, -100.77, "America/Chicago"),
        ("Ontario", "OR", 44.03, -116.97, "America/Boise"),
        ("Bend", "OR", 44.10, -121.30, "America/Los_Angeles"),
        ("Rapid City", "SD", 44.11, -103.22, "America/Denver"),
        ("Sioux Falls", "SD", 43.51, -96.78, "America/Chicago"),
        ("Chattanooga", "TN", 35.04, -85.16, "America/New_York"),
        ("Knoxville", "TN", 35.93, -84.04, "America/New_York"),
        ("Nashville", "TN", 36.13, -86.67, "America/Chicago"),
        ("Cookeville", "TN", 36.16, -85.50, "America/Chicago"),
        ("El Paso", "TX", 31.77, -106.37, "America/Denver"),
        ("Odessa", "TX", 31.89, -102.34, "America/Chicago"),
        ("Laughlin", "NV", 35.16, -114.58, "America/Los_Angeles"),
        ("San Juan", "PR", 18.42, -66.07, "America/Puerto_Rico"),
    ],
)
def test_a_town_has_the_zone_of_its_county(
    town: str, state: str, latitude: float, longitude: float, zone: str
) -> None:
    assert zone_of(state, latitude, longitude) == zone


def test_what_is_no_state_has_no_zone() -> None:
    assert zone_of("ZZ", 40.0, -90.0) is None


def test_a_place_far_east_of_its_zone_is_doubted() -> None:
    assert not may_stand_at("America/Chicago", -79.83)
