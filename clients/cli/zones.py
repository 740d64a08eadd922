"""The time zone of a place in the United States, from its state and where it stands. Pure.

Zones are those of 49 CFR part 71, under their IANA names. Fourteen states have two; there the
larger part's zone holds save in the boxes below, drawn along county lines as far as boxes can.
Towns on such a line may be told wrong: name their zone in a file of our own format.
"""

from typing import NamedTuple

EASTERN, CENTRAL = "America/New_York", "America/Chicago"
MOUNTAIN, PACIFIC = "America/Denver", "America/Los_Angeles"
INDIANA, MICHIGAN, IDAHO = "America/Indiana/Indianapolis", "America/Detroit", "America/Boise"

STATES = {
    **dict.fromkeys("CT DC DE FL GA KY MA MD ME NC NH NJ NY OH PA RI SC VA VT WV".split(), EASTERN),
    **dict.fromkeys("AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI".split(), CENTRAL),
    **dict.fromkeys("CO MT NM UT WY".split(), MOUNTAIN),
    **dict.fromkeys("CA NV OR WA".split(), PACIFIC),
    "IN": INDIANA,
    "MI": MICHIGAN,
    "ID": IDAHO,
    "AZ": "America/Phoenix",
    "AK": "America/Anchorage",
    "HI": "Pacific/Honolulu",
    "PR": "America/Puerto_Rico",
}

# East of -66 lies no state, west of -125 only Alaska and Hawaii. Degrees east at which a place
# of a zone may stand, a degree wider than the zone: what lies outside stands in another state.
LONGITUDES = {
    EASTERN: (-88.9, -65.9),
    INDIANA: (-89.1, -83.7),
    MICHIGAN: (-91.5, -81.4),
    CENTRAL: (-106.0, -83.6),
    MOUNTAIN: (-119.2, -99.3),
    IDAHO: (-119.2, -110.0),
    PACIFIC: (-125.8, -113.0),
    "America/Phoenix": (-115.9, -108.0),
    "America/Anchorage": (-180.0, -129.0),
    "Pacific/Honolulu": (-179.0, -153.8),
    "America/Puerto_Rico": (-68.9, -64.2),
}


class Box(NamedTuple):
    """Degrees north and east."""

    south: float
    north: float
    west: float
    east: float

    def holds(self, latitude: float, longitude: float) -> bool:
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


# The other zone of states that have two.
EXCEPTIONS: tuple[tuple[str, Box, str], ...] = (
    ("AK", Box(50.0, 55.0, -180.0, -169.5), "America/Adak"),  # Aleutians west of 169° 30'.
    ("FL", Box(29.0, 31.1, -87.7, -85.1), CENTRAL),  # West of the Apalachicola.
    ("ID", Box(45.5, 49.1, -117.3, -114.0), PACIFIC),  # North of the Salmon.
    ("IN", Box(40.7, 41.9, -87.6, -86.9), CENTRAL),  # Lake, Porter, Newton, Jasper.
    ("IN", Box(41.2, 41.9, -86.9, -86.5), CENTRAL),  # LaPorte, Starke.
    ("IN", Box(37.7, 38.4, -88.1, -87.0), CENTRAL),  # Evansville and around.
    ("KS", Box(37.7, 39.6, -102.1, -101.4), MOUNTAIN),  # Four counties on Colorado's line.
    ("KY", Box(36.4, 38.2, -89.6, -86.0), CENTRAL),  # West of Hardin and Meade.
    ("MI", Box(45.0, 46.3, -90.5, -87.3), CENTRAL),  # Four counties on Wisconsin's line.
    ("ND", Box(45.9, 47.5, -104.1, -101.4), MOUNTAIN),  # South-west of the Missouri.
    ("NE", Box(40.9, 43.1, -104.1, -101.2), MOUNTAIN),  # The Panhandle.
    ("NV", Box(40.6, 42.0, -114.2, -114.0), MOUNTAIN),  # West Wendover.
    ("OR", Box(42.5, 44.5, -118.3, -116.8), IDAHO),  # Malheur.
    ("SD", Box(42.9, 46.0, -104.1, -100.7), MOUNTAIN),  # West of the Missouri.
    ("TN", Box(34.9, 35.8, -85.5, -81.6), EASTERN),  # Chattanooga and east of it.
    ("TN", Box(35.8, 36.7, -84.8, -81.6), EASTERN),  # Knoxville and east of it.
    ("TX", Box(30.5, 32.1, -106.7, -104.9), MOUNTAIN),  # El Paso, Hudspeth.
)


def zone_of(state: str, latitude: float, longitude: float) -> str | None:
    """None for what is no state (nor Puerto Rico, nor the District of Columbia)."""
    for name, box, zone in EXCEPTIONS:
        if name == state and box.holds(latitude, longitude):
            return zone
    return STATES.get(state)


def may_stand_at(zone: str, longitude: float) -> bool:
    """Whether a place of that zone can be so far east or west."""
    west, east = LONGITUDES.get(zone, (-180.0, 180.0))
    return west <= longitude <= east
