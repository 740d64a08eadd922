"""Which locations may serve a pick-up location, and when what they send is there. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from services.inventory.location.domain import Location, distance_m
from services.inventory.sourcing.calendar import departure, worked
from services.inventory.sourcing.domain import (
    NO_RULE,
    DistanceBand,
    TransferRule,
    Way,
    rule_between,
)

CANDIDATES_MAX = 200
PAIRS_MAX = 4_000


class Candidate(NamedTuple):
    """A location that is looked at, and how far it is from the pick-up location, if known."""

    location: Location
    distance_m: int | None


class Candidates(NamedTuple):
    """The pick-up location first, then those to look at; how many more there are."""

    considered: tuple[Candidate, ...]
    left_out_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A candidate that something may come from. Without `band` it is the pick-up location."""

    candidate: Candidate
    rule: TransferRule
    band: DistanceBand | None = None

    @property
    def location_id(self) -> str:
        return self.candidate.location.location_id

    @property
    def alike(self) -> object:
        """The same for all whose parcels leave and arrive together."""
        location = self.candidate.location
        return location.opening_hours, location.time_zone, self.rule.way, self.band

    @property
    def cost(self) -> int:
        return self.band.cost if self.band else 0

    @property
    def parcels(self) -> int:
        """What a location serves itself with is not sent."""
        return 1 if self.band else 0


class Times(NamedTuple):
    """When a parcel leaves, None where nothing does, and when it can be handed over."""

    leave: datetime | None
    ready: datetime


def candidates(
    target: Location,
    others: Iterable[Location],
    *,
    named: Collection[str],
    lines_count: int,
) -> Candidates:
    """The locations to look at: those that a rule names, then the nearest, then by id."""
    measured = (
        Candidate(other, metres_between(target, other))
        for other in others
        if other.location_id != target.location_id
    )
    ordered = sorted(measured, key=lambda each: order_of(each, named))
    room = min(CANDIDATES_MAX, PAIRS_MAX // lines_count) - 1
    return Candidates((Candidate(target, 0), *ordered[:room]), max(len(ordered) - room, 0))


def order_of(candidate: Candidate, named: Collection[str]) -> tuple[bool, bool, int, str]:
    metres, location_id = candidate.distance_m, candidate.location.location_id
    return location_id not in named, metres is None, metres or 0, location_id


def metres_between(a: Location, b: Location) -> int | None:
    if a.coordinates is None or b.coordinates is None:
        return None
    return distance_m(a.coordinates, b.coordinates)


def reached(found: Sequence[Candidate], rules: Mapping[Way, TransferRule]) -> list[Reach]:
    """Those of the candidates, of which the first is the pick-up location, that can send."""
    target, target_id = found[0], found[0].location.location_id
    own = Reach(candidate=target, rule=rule_between(rules, target_id, target_id) or NO_RULE)
    reaches = [own]
    for candidate in found[1:]:
        rule = rule_between(rules, candidate.location.location_id, target_id)
        band = rule.band(candidate.distance_m) if rule else None
        if rule and band:
            reaches.append(Reach(candidate=candidate, rule=rule, band=band))
    return reaches


def times_of(reach: Reach, own: Reach, at: datetime) -> Times | None:
    """For what is asked for at `at`; None where a location is not open within the horizon."""
    source, rule = reach.candidate.location, reach.rule
    preparation = timedelta(seconds=rule.preparation_s)
    packed = worked(source, at, preparation, closed_dates=rule.closed_dates)
    if packed is None:
        return None
    if reach.band is None:
        return Times(None, packed)
    leave = departure(
        source,
        packed,
        cut_offs=rule.cut_offs,
        weekdays=rule.weekdays,
        closed_dates=rule.closed_dates,
    )
    if leave is None:
        return None
    arrives = leave + timedelta(seconds=reach.band.lead_s)
    target, closed_dates = own.candidate.location, own.rule.closed_dates
    ready = worked(target, arrives, timedelta(0), closed_dates=closed_dates)
    return None if ready is None else Times(leave, ready)
