"""The plan with its reasons: what was rejected and what cannot be served. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from services.inventory.sourcing.covering import Value
from services.inventory.sourcing.planning import (
    Choice,
    Offer,
    Offers,
    Question,
    Wanted,
    chosen,
    offers_of,
)
from services.inventory.sourcing.reaching import Candidate, Reach
from services.inventory.stock.domain import Place

ALTERNATIVES_MAX = 5
WITHOUT_MAX = 3
REJECTED_MAX = 20
# What only explains may take a fraction of what decides.
EXPLAINING_STEPS_MAX = 200
NOTHING = Choice((), exact=True)


class Cause(StrEnum):
    """Why a plan was not preferred."""

    MORE_PARCELS = "more_parcels"
    LATER = "later"
    DEARER = "dearer"
    WEIGHS_MORE = "weighs_more"
    AS_GOOD = "as_good"


class Rejection(StrEnum):
    """Why a location serves nothing."""

    NO_TRANSFER = "no_transfer"
    NO_LINE = "no_line"
    CLOSED = "closed"


class Unserved(NamedTuple):
    """A line that nobody has whole: how much one has at most, and all together."""

    wanted: Wanted
    most: int
    total: int


class Alternative(NamedTuple):
    choice: Choice
    cause: Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Who serves what, and why nobody else."""

    choice: Choice
    unserved: tuple[Unserved, ...]
    alternatives: tuple[Alternative, ...]
    rejected: tuple[tuple[str, Rejection], ...]


def planned(
    question: Question,
    considered: Sequence[Candidate],
    reaches: Sequence[Reach],
    free: Mapping[Place, int],
) -> Plan:
    """The best of what the `reaches` can serve, the pick-up location first among them."""
    offers = offers_of(question, reaches, free)
    best, others = preferred(question, offers) if offers.lines else (NOTHING, [])
    in_reach = [reach.location_id for reach in reaches if reach.location_id not in offers.closed]
    return Plan(
        choice=best,
        unserved=tuple(unserved_of(question.wanted, offers.lines, in_reach, free)),
        alternatives=tuple(
            Alternative(other, cause_against(other, best, question))
            for other in others[:ALTERNATIVES_MAX]
        ),
        rejected=tuple(rejected_of(considered, in_reach, offers))[:REJECTED_MAX],
    )


def preferred(question: Question, offers: Offers) -> tuple[Choice, list[Choice]]:
    """The best choice found, and the others, from the best on, each of other locations."""
    best = chosen(offers.lines, offers.open, question.value)
    found = {frozenset(best.location_ids): best}
    for other in others_than(best, offers, question.value):
        found.setdefault(frozenset(other.location_ids), other)
    # The first search was not to the end where another one finds better; it says so itself.
    ranked = sorted(found.values(), key=lambda choice: question.value(*choice.sums))
    return ranked[0]._replace(exact=best.exact), ranked[1:]


def others_than(best: Choice, offers: Offers, value: Value) -> Iterator[Choice]:
    """The earliest, the cheapest, and the best without each of those who send."""
    orders: tuple[Value, ...] = (earliest_first, cheapest_first)
    for order in orders:
        yield chosen(offers.lines, offers.open, order, steps_max=EXPLAINING_STEPS_MAX)
    senders = [parcel.offer for parcel in best.parcels if parcel.offer.reach.parcels]
    for sender in senders[:WITHOUT_MAX]:
        rest = [offer for offer in offers.open if offer is not sender]
        if can_serve(offers.lines, rest):
            yield chosen(offers.lines, rest, value, steps_max=EXPLAINING_STEPS_MAX)


def can_serve(lines: int, offers: Sequence[Offer]) -> bool:
    for offer in offers:
        lines &= ~offer.lines
    return not lines


def earliest_first(parcels: int, ready: int, cost: int) -> tuple[float, ...]:
    return ready, parcels, cost


def cheapest_first(parcels: int, ready: int, cost: int) -> tuple[float, ...]:
    return cost, parcels, ready


def cause_against(other: Choice, best: Choice, question: Question) -> Cause:
    theirs, ours = other.sums, best.sums
    if question.weights.are_set:
        worse = question.value(*theirs) > question.value(*ours)
        return Cause.WEIGHS_MORE if worse else Cause.AS_GOOD
    in_turn = zip(theirs, ours, (Cause.MORE_PARCELS, Cause.LATER, Cause.DEARER), strict=True)
    return next((cause for its, our, cause in in_turn if its > our), Cause.AS_GOOD)


def unserved_of(
    wanted: Sequence[Wanted], lines: int, in_reach: Sequence[str], free: Mapping[Place, int]
) -> Iterator[Unserved]:
    for number, line in enumerate(wanted):
        if not lines >> number & 1:
            has = [free.get(Place(location_id, line.sku), 0) for location_id in in_reach]
            yield Unserved(line, max(has, default=0), sum(has))


def rejected_of(
    considered: Sequence[Candidate], in_reach: Sequence[str], offers: Offers
) -> Iterator[tuple[str, Rejection]]:
    offering = {offer.reach.location_id for offer in offers.open}
    reached = set(in_reach)
    for candidate in considered:
        location_id = candidate.location.location_id
        if location_id in offers.closed:
            yield location_id, Rejection.CLOSED
        elif location_id not in reached:
            yield location_id, Rejection.NO_TRANSFER
        elif location_id not in offering:
            yield location_id, Rejection.NO_LINE
