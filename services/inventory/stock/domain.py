"""What a stock row is: units in physical buckets, and claims on them. Pure.

Below every aggregate that moves stock: the ledger and reservations make the next
row out of the methods here. Quantities are whole numbers of the sku's smallest
stock unit, instants whole seconds since 1970.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from chassis.changes import Event
from chassis.errors import AppError, Kind, Violation
from services.inventory.location.domain import check_location_ids, invalid_location_ids

LINES_MAX = 200
ASKED_MAX = 200
PAIRS_MAX = 2_000
QUANTITY_MAX = 1_000_000_000
SKU_LENGTH_MAX = 64  # Skus come back in error details, whose trailers end at 16 KiB.
LOCATION_ID_LENGTH_MAX = 64
DOCUMENT_ID_LENGTH_MAX = 128


class InvalidLinesError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_LINES"


class InvalidSkusError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_SKUS"


class Bucket(StrEnum):
    """Where units are. A hold is a claim on sellable units, not a place."""

    # The two that a row does not count: beyond our walls, and beyond our books.
    OUTSIDE = "outside"
    SHORT = "short"
    SELLABLE = "sellable"
    DISPLAY = "display"
    DAMAGED = "damaged"
    QUARANTINE = "quarantine"
    IN_TRANSIT = "in_transit"
    STAGED = "staged"
    LOCKER = "locker"


class Place(NamedTuple):
    """What one stock row is about."""

    location_id: str
    sku: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """So many units of one sku at one location."""

    location_id: str
    sku: str
    quantity: int

    @property
    def place(self) -> Place:
        return Place(self.location_id, self.sku)

    def of(self, quantity: int) -> "Line":
        """So many instead."""
        return self if quantity == self.quantity else replace(self, quantity=quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRow:
    """Units of one sku at one location: a cache of its movements and of the live claims.

    Attributes:
        on: Units in each bucket that has any.
        held: Units claimed, by the instant at which the claim lapses: some ninety
            instants at most, however many claims.
        at: The row's own time, which no server's clock sets back. Without it, one
            whose clock is behind would still commit a hold whose units another
            has lent again.
        short: Units that facts took beyond what was on hand.
        safety: Units kept back from promises, in channels that have none of their own.
        safety_by_channel: Units kept back in those that have.
        corrected: Net units by which counts, and what was looked for in vain, have corrected
            the book so far. A count would else take them for units that moved. Only what it
            grows by is ever looked at: a row of before begins with zero.
        counted: Those of them that counts have. What a picker missed before one is in it.
    """

    location_id: str
    sku: str
    on: Mapping[Bucket, int] = field(default_factory=dict)
    held: Mapping[int, int] = field(default_factory=dict)
    at: int = 0
    short: int = 0
    safety: int = 0
    revision: int = 0
    safety_by_channel: Mapping[str, int] = field(default_factory=dict)
    corrected: int = 0
    counted: int = 0

    @property
    def place(self) -> Place:
        return Place(self.location_id, self.sku)

    @property
    def sellable(self) -> int:
        return self.on.get(Bucket.SELLABLE, 0)

    def time(self, now: datetime) -> datetime:
        """`now`, or the row's own time if that is later."""
        return max(now, datetime.fromtimestamp(self.at, UTC))

    def live(self, now: datetime) -> dict[int, int]:
        """The claims that have not lapsed at `now`, the next to lapse first."""
        if not self.held:
            return {}
        t_s = max(now.timestamp(), self.at)
        return {instant: self.held[instant] for instant in sorted(self.held) if instant > t_s}

    def available(self, now: datetime, channel: str = "") -> int:
        """Units a new hold may claim at `now`. Facts may leave less than is claimed."""
        return max(self.sellable - self.safety_in(channel) - sum(self.live(now).values()), 0)

    def safety_in(self, channel: str) -> int:
        """Units kept back from promises made there."""
        return self.safety_by_channel.get(channel, self.safety)

    def overclaimed(self, now: datetime) -> int:
        """Units claimed beyond those there are: facts take what is held for somebody too."""
        return max(sum(self.live(now).values()) - self.sellable, 0)

    def claimed(self, quantity: int, *, until: int) -> "StockRow":
        """With so many more units claimed, or fewer if negative. Yet to be `stamped`."""
        held = {**self.held, until: self.held.get(until, 0) + quantity}
        # As `replace` would, which takes several times as long: each reservation claims.
        return StockRow(
            location_id=self.location_id,
            sku=self.sku,
            on=self.on,
            held=held,
            at=self.at,
            short=self.short,
            safety=self.safety,
            revision=self.revision,
            safety_by_channel=self.safety_by_channel,
            corrected=self.corrected,
            counted=self.counted,
        )

    def keeping(self, safety: int) -> "StockRow":
        """With so many units kept back from promises. Yet to be `stamped`."""
        return self if safety == self.safety else replace(self, safety=safety)

    def units(self) -> dict[Bucket, int]:
        """To be moved: those in each bucket, less in SHORT what facts took beyond the books."""
        return {**self.on, Bucket.SHORT: -self.short}

    def stamped(
        self, units: Mapping[Bucket, int], *, at: int, corrected: int = 0, counted: int = 0
    ) -> "StockRow":
        """One revision on, at `at`, with units as they were moved.

        By `corrected` net units of that nothing came or went, by `counted` of these as counts
        say. What has lapsed by then is dropped, as is what is zero.
        """
        on = {bucket: n for bucket, n in units.items() if n}
        short = -on.pop(Bucket.SHORT, 0)
        on.pop(Bucket.OUTSIDE, None)
        # As `replace` would, which takes several times as long: imports stamp row after row.
        return StockRow(
            location_id=self.location_id,
            sku=self.sku,
            on=on,
            held={instant: n for instant, n in self.held.items() if n and instant > at},
            at=at,
            short=short,
            safety=self.safety,
            revision=self.revision + 1,
            safety_by_channel=self.safety_by_channel,
            corrected=self.corrected + corrected,
            counted=self.counted + counted,
        )


# Of a row: it is between the ledger and its counts.
UNTOLD = frozenset({"corrected", "counted"})


def empty_row(place: Place) -> StockRow:
    """Of a sku that was never stocked there."""
    return StockRow(location_id=place.location_id, sku=place.sku)


def latest(rows: Iterable[StockRow], now: datetime) -> datetime:
    """`now`, or the latest time of the rows: what a write that touches them goes by."""
    return max(now, datetime.fromtimestamp(max((row.at for row in rows), default=0), UTC))


def row_changed(row: StockRow) -> Event:
    """Tells of the row as it was left."""
    key = f"{row.location_id} {row.sku}"
    return Event("stock_changed", key, row.revision, row, untold=UNTOLD)


def rows_imported(rows: Iterable[StockRow], write_id: str) -> Iterator[Event]:
    """Tells which rows an import left where, an event for each location.

    Each is of its own key: rows have revisions, and whoever ignores what it has by key and
    revision would take the next part of an import for one that it had.
    """
    by_location: dict[str, list[StockRow]] = {}
    for row in rows:
        by_location.setdefault(row.location_id, []).append(row)
    for location_id, its in by_location.items():
        skus, revisions = [row.sku for row in its], [row.revision for row in its]
        detail = {"location_id": location_id, "skus": skus, "revisions": revisions}
        yield Event("stock_imported", f"{location_id} {write_id}", 1, detail)


def check_lines(lines: Sequence[Line]) -> None:
    """Raises InvalidLinesError unless all are within their limits, each of another place."""
    if not 1 <= len(lines) <= LINES_MAX:
        raise invalid_lines(Violation("lines", f"1 to {LINES_MAX} lines"))
    violations = [v for n, line in enumerate(lines) for v in line_violations(line, f"lines[{n}]")]
    seen: set[Place] = set()
    for number, line in enumerate(lines):
        if line.place in seen:
            violations.append(
                Violation(f"lines[{number}]", "another location or sku than the lines before")
            )
        seen.add(line.place)
    if violations:
        raise invalid_lines(*violations)


def invalid_lines(*violations: Violation) -> InvalidLinesError:
    return InvalidLinesError("the lines are not as they must be", violations=violations)


def line_violations(line: Line, path: str) -> list[Violation]:
    violations = place_violations(line.place, path)
    if not 1 <= line.quantity <= QUANTITY_MAX:
        violations.append(Violation(f"{path}.quantity", f"1 to {QUANTITY_MAX} units"))
    return violations


def place_violations(place: Place, path: str) -> list[Violation]:
    prefix = f"{path}." if path else ""
    violations = []
    if not 1 <= len(place.location_id) <= LOCATION_ID_LENGTH_MAX:
        length = f"the id of a location, 1 to {LOCATION_ID_LENGTH_MAX} characters"
        violations.append(Violation(f"{prefix}location_id", length))
    if not is_sku(place.sku):
        violations.append(Violation(f"{prefix}sku", f"1 to {SKU_LENGTH_MAX} printable characters"))
    return violations


def is_sku(text: str) -> bool:
    """Whether it may name an article: no space, so that an event's key can be split."""
    return 1 <= len(text) <= SKU_LENGTH_MAX and text.isprintable() and " " not in text


def document_violations(document_id: str, path: str = "document_id") -> list[Violation]:
    fits = len(document_id) <= DOCUMENT_ID_LENGTH_MAX
    return [] if fits else [Violation(path, f"at most {DOCUMENT_ID_LENGTH_MAX} characters")]


def check_sku(sku: str) -> None:
    """Raises InvalidSkusError unless it is empty, for all, or may name an article."""
    if sku and not is_sku(sku):
        violation = Violation("sku", f"1 to {SKU_LENGTH_MAX} printable characters")
        raise InvalidSkusError("sku is not as it must be", violations=(violation,))


def check_pairs(skus: Sequence[str], location_ids: Sequence[str]) -> None:
    """Raises InvalidSkusError, InvalidLocationIdsError."""
    check_skus(skus)
    check_location_ids(location_ids, count_max=ASKED_MAX)
    if len(skus) * len(location_ids) > PAIRS_MAX:
        raise invalid_location_ids(f"at most {PAIRS_MAX} pairs of a sku and a location")


def check_skus(skus: Sequence[str]) -> None:
    """Raises InvalidSkusError."""
    distinct = len(set(skus)) == len(skus)
    if not (1 <= len(skus) <= ASKED_MAX and distinct and all(map(is_sku, skus))):
        violation = Violation("skus", f"1 to {ASKED_MAX} articles, each another")
        raise InvalidSkusError("skus are not as they must be", violations=(violation,))
