"""The ledger: units taken from one bucket to another, and the rows that follow. Pure.

What has happened is a fact, and is never refused for lack of units. The rule:

- A fact takes from its source what is there, which never falls below zero. The
  rest is taken from SHORT, beyond the books: `short` of the row grows by it. But
  units that a picker did not find (NOT_FOUND) nobody took: the book gives up
  what it has, and no more; what of them it has given up before, `recording` says.
- What comes into SELLABLE by a RECEIPT, a TRANSFER or a COUNT settles `short` first: those
  units have gone already, before they were written down.
- A count of what is sellable says all there is: it settles `short` whole.

So each movement has one source and one target, and the sum of a row's movements
is the row: units in a bucket by its name, minus `short` in SHORT.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from chassis.errors import AppError, Kind, Violation
from services.inventory.ledger.overclaims import Overclaim, overclaims
from services.inventory.stock.domain import (
    LINES_MAX,
    Bucket,
    Line,
    Place,
    StockRow,
    check_lines,
    document_violations,
    invalid_lines,
    latest,
    line_violations,
)

# How far ahead of ours a till's clock may be: then its sale is of now.
CLOCKS_APART = timedelta(minutes=5)


class InvalidMovementError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_MOVEMENT"


class MovementsExistError(AppError):
    """The id moved units so long ago that its answer is no longer kept."""

    kind, reason = Kind.ALREADY_EXISTS, "REQUEST_ID_REUSED"


class Cause(StrEnum):
    RECEIPT = "receipt"
    SALE = "sale"
    ORDER = "order"
    COUNT = "count"
    DAMAGE = "damage"
    NOT_FOUND = "not_found"
    RETURN = "return"
    TRANSFER = "transfer"


SETTLING = frozenset({Cause.RECEIPT, Cause.COUNT, Cause.TRANSFER})
# They bring the book to what is there: nothing has come or gone.
CORRECTING = (Cause.COUNT, Cause.NOT_FOUND)
NET = (Bucket.SELLABLE, Bucket.SHORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Units that have moved."""

    line: Line
    source: Bucket
    target: Bucket
    cause: Cause
    document_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Under which id, by whom and when a write is recorded.

    Attributes:
        write_id: Ids of movements derive from it, so that a repeat after any time
            cannot move units again.
        occur_time: When it happened, which may be before.
    """

    write_id: str
    actor: str
    now: datetime
    occur_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One row of the ledger, never changed. `revision` is that of the stock row after it."""

    movement_id: str
    location_id: str
    sku: str
    source: Bucket
    target: Bucket
    quantity: int
    cause: Cause
    document_id: str
    actor: str
    record_time: datetime
    occur_time: datetime
    revision: int


Rows = Mapping[Place, StockRow]


class Posted(NamedTuple):
    """Rows that a write leaves behind, one revision on each, and the movements that explain it.

    Attributes:
        overclaims: Of the rows that have less now than is claimed of them.
    """

    rows: tuple[StockRow, ...]
    movements: tuple[Movement, ...]
    overclaims: tuple[Overclaim, ...]

    @property
    def records(self) -> tuple[object, ...]:
        return (*self.rows, *self.movements, *self.overclaims)


class Leg(NamedTuple):
    """Units taken from one bucket to another, and why: a movement that has no number yet."""

    place: Place
    source: Bucket
    target: Bucket
    quantity: int
    cause: Cause
    document_id: str = ""


def post(rows: Rows, facts: Iterable[Fact], *, note: Note) -> Posted:
    """Make the facts in order; every row given comes out one revision on, at the latest time."""
    return booked(rows, list(legs_in_turn(rows, facts)), note)


def booked(rows: Rows, legs: Sequence[Leg], note: Note) -> Posted:
    """The rows with the legs in them, and a movement for each leg."""
    units = {place: row.units() for place, row in rows.items()}
    corrected, counted = Counter[Place](), Counter[Place]()
    for leg in legs:
        move(units[leg.place], leg)
        if leg.cause in CORRECTING:
            corrected[leg.place] += net_of(leg)
        if leg.cause is Cause.COUNT:
            counted[leg.place] += net_of(leg)
    at = int(latest(rows.values(), note.now).timestamp())
    after = {
        place: row.stamped(units[place], at=at, corrected=corrected[place], counted=counted[place])
        for place, row in rows.items()
    }
    return Posted(
        tuple(after.values()),
        tuple(movements_of(legs, after, note)),
        tuple(overclaims(rows, after.values(), write_id=note.write_id, now=note.now)),
    )


def move(units: dict[Bucket, int], leg: Leg) -> None:
    units[leg.source] = units.get(leg.source, 0) - leg.quantity
    units[leg.target] = units.get(leg.target, 0) + leg.quantity


def net_of(moved: Leg | Movement) -> int:
    """Net units that came by it: what is sellable less what is short."""
    return moved.quantity * ((moved.target in NET) - (moved.source in NET))


def legs_in_turn(rows: Rows, facts: Iterable[Fact]) -> Iterator[Leg]:
    """Of each fact, as those before it leave its row."""
    units = {place: row.units() for place, row in rows.items()}
    for fact in facts:
        its = units[fact.line.place]
        for leg in legs_of(its, fact):
            move(its, leg)
            yield leg


def legs_of(units: Mapping[Bucket, int], fact: Fact) -> list[Leg]:
    """The fact in parts, each with one source and one target, by the rule of this module."""
    quantity = fact.line.quantity
    there = quantity if fact.source is Bucket.OUTSIDE else units.get(fact.source, 0)
    known = min(quantity, there)
    beyond = 0 if fact.cause is Cause.NOT_FOUND else quantity - known
    settles = fact.cause in SETTLING and fact.target is Bucket.SELLABLE
    settled = min(known, -units[Bucket.SHORT]) if settles else 0
    parts = (
        (fact.source, Bucket.SHORT, settled),
        (fact.source, fact.target, known - settled),
        (Bucket.SHORT, fact.target, beyond),
    )
    return [
        Leg(fact.line.place, source, target, part, fact.cause, fact.document_id)
        for source, target, part in parts
        if part
    ]


def movements_of(legs: Iterable[Leg], rows: Rows, note: Note) -> Iterator[Movement]:
    for number, leg in enumerate(legs, start=1):
        yield Movement(
            # Of one length, so that they sort by number.
            movement_id=f"{note.write_id}-{number:04}",
            location_id=leg.place.location_id,
            sku=leg.place.sku,
            source=leg.source,
            target=leg.target,
            quantity=leg.quantity,
            cause=leg.cause,
            document_id=leg.document_id,
            actor=note.actor,
            record_time=note.now,
            occur_time=note.occur_time,
            revision=rows[leg.place].revision,
        )


def sold(lines: Sequence[Line], receipt_id: str) -> list[Fact]:
    """What a till sold. Raises InvalidLinesError."""
    if violations := document_violations(receipt_id, "receipt_id"):
        raise invalid_lines(*violations)
    return taken(lines, Bucket.OUTSIDE, Cause.SALE, document_id=receipt_id)


def broke(lines: Sequence[Line], document_id: str) -> list[Fact]:
    """What is damaged now. Raises InvalidLinesError."""
    if violations := document_violations(document_id):
        raise invalid_lines(*violations)
    return taken(lines, Bucket.DAMAGED, Cause.DAMAGE, document_id=document_id)


def taken(lines: Sequence[Line], target: Bucket, cause: Cause, *, document_id: str) -> list[Fact]:
    """From what is sellable at one location. Raises InvalidLinesError."""
    check_lines(lines)
    if len({line.location_id for line in lines}) > 1:
        raise invalid_lines(Violation("lines", "lines of one location"))
    return [
        Fact(
            line=line,
            source=Bucket.SELLABLE,
            target=target,
            cause=cause,
            document_id=document_id,
        )
        for line in lines
    ]


def check_sale_time(sale_time: datetime, now: datetime) -> datetime:
    """When it was sold, never after `now`. Raises InvalidLinesError if it is well after."""
    if sale_time > now + CLOCKS_APART:
        raise invalid_lines(Violation("sale_time", "not in the future"))
    return min(sale_time, now)


def check_facts(facts: Sequence[Fact]) -> None:
    """Raises InvalidLinesError for whose units and how many, InvalidMovementError for the rest."""
    if not 1 <= len(facts) <= LINES_MAX:
        raise invalid_lines(Violation("movements", f"1 to {LINES_MAX} movements"))
    paths = [(fact, f"movements[{number}]") for number, fact in enumerate(facts)]
    if violations := [v for fact, path in paths for v in line_violations(fact.line, path)]:
        raise invalid_lines(*violations)
    if violations := [v for fact, path in paths for v in fact_violations(fact, path)]:
        raise invalid_movements(*violations)


def invalid_movements(*violations: Violation) -> InvalidMovementError:
    return InvalidMovementError("the movements are not as they must be", violations=violations)


def fact_violations(fact: Fact, path: str) -> list[Violation]:
    violations = document_violations(fact.document_id, f"{path}.document_id")
    if Bucket.SHORT in (fact.source, fact.target):
        violations.append(Violation(path, "buckets that a row counts, or outside"))
    if fact.source is fact.target:
        violations.append(Violation(f"{path}.target", "another bucket than the source"))
    return violations
