"""What can be promised of a row at an instant, and why: every term of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.errors import AppError, Kind, Violation
from services.inventory.stock.domain import (
    ASKED_MAX,
    Bucket,
    Place,
    StockRow,
)
from services.inventory.supply.domain import Expectation, ExpectedReceipt

AHEAD_MAX = timedelta(days=366)
AWAITED_MAX = 10
# A primary that has lost its place is behind for as long as an election takes.
BEHIND_S = 1.0


class InvalidMinRevisionsError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_MIN_REVISIONS"


class RevisionNotReachedError(AppError):
    kind, reason = Kind.UNAVAILABLE, "REVISION_NOT_REACHED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """When it is asked, about when, and for promises of which channel.

    `at` is None for now: then what is expected is not looked at.
    """

    now: datetime
    at: datetime | None = None
    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """What can be promised of a row, and why.

    Attributes:
        expected: Units due until the instant asked for.
        overdue: Units that were due and have not come; they do not count.
        in_transit: Units on their way, which count by what is expected.
        valid_until: Until when it holds by itself; None if for ever.
    """

    place: Place
    available: int
    on_hand: int
    held: int
    safety: int
    short: int
    revision: int
    valid_until: int | None
    expected: int = 0
    overdue: int = 0
    in_transit: int = 0
    awaited: tuple[ExpectedReceipt, ...] = ()


def availability(
    row: StockRow, asked: Asked, expectation: Expectation | None = None
) -> Availability:
    at = asked.at or asked.now
    live = row.live(at)
    held, safety = sum(live.values()), row.safety_in(asked.channel)
    awaited = () if expectation is None or asked.at is None else expectation.awaited
    counting = [] if expectation is None else list(expectation.due_between(asked.now, at))
    expected = sum(receipt.left for receipt in counting)
    # What comes settles first what was sold beyond the books.
    more = max(expected - row.short, 0)
    return Availability(
        place=row.place,
        available=max(row.sellable + more - safety - held, 0),
        on_hand=row.sellable,
        held=held,
        safety=safety,
        short=row.short,
        revision=row.revision,
        valid_until=valid_until(asked, live, counting),
        expected=expected,
        overdue=sum(each.left for each in awaited if each.due <= asked.now.timestamp()),
        in_transit=row.on.get(Bucket.IN_TRANSIT, 0),
        awaited=awaited[:AWAITED_MAX],
    )


def valid_until(
    asked: Asked, live: Mapping[int, int], counting: Sequence[ExpectedReceipt]
) -> int | None:
    """Now, until the next claim lapses; ahead, until a receipt that counts is due, or until then:
    claims that lapse in between do not count already."""
    if asked.at is None:
        return next(iter(live), None)
    return min([int(asked.at.timestamp()), *(receipt.due for receipt in counting)])


def check_min_revisions(asked: Mapping[Place, int], places: Sequence[Place]) -> None:
    """Raises InvalidMinRevisionsError unless they are of rows that are asked for."""
    if len(asked) > ASKED_MAX or not asked.keys() <= set(places):
        rule = f"at most {ASKED_MAX}, each of a sku and a location asked for"
        raise InvalidMinRevisionsError(
            "min_revisions are not as they must be", violations=(Violation("min_revisions", rule),)
        )


def check_reached(rows: Mapping[Place, StockRow], asked: Mapping[Place, int]) -> None:
    """Raises RevisionNotReachedError for the first row that is behind."""
    for place, revision in asked.items():
        if rows[place].revision < revision:
            raise RevisionNotReachedError(
                f"{place.sku} at {place.location_id} is at revision {rows[place].revision},"
                f" {revision} was asked for: try again, or look whether a backup was restored",
                retry_after_s=BEHIND_S,
                location_id=place.location_id,
                sku=place.sku,
                revision=rows[place].revision,
            )
