"""What can be promised of a row at an instant, and why: every term of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from chassis.errors import AppError, Kind, Violation
from services.inventory.stock.domain import (
    ASKED_MAX,
    Bucket,
    Place,
    StockRow,
)
from services.inventory.supply.domain import (
    Awaited,
    ComingTransfer,
    Expectation,
    nothing_expected,
)

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


class Availability(NamedTuple):
    """What can be promised of a row, and why. A tuple, since a question makes hundreds.

    Attributes:
        expected: Units due until the instant asked for.
        overdue: Units that were due and have not come; they do not count.
        in_transit: Units on their way, which count by their transfer or an expected receipt.
        valid_until: Until when it holds by itself, now until the next claim lapses; None if
            for ever.
    """

    place: Place
    available: int
    on_hand: int
    held: int
    safety: int
    short: int
    revision: int
    in_transit: int
    valid_until: int | None
    expected: int = 0
    overdue: int = 0
    awaited: tuple[Awaited, ...] = ()


def availability(
    row: StockRow, asked: Asked, expectation: Expectation | None = None
) -> Availability:
    if asked.at is not None:
        awaiting = expectation or nothing_expected(row.place)
        return availability_at(row, awaiting, now=asked.now, at=asked.at, channel=asked.channel)
    live, on_hand, safety = row.live(asked.now), row.sellable, row.safety_in(asked.channel)
    held = sum(live.values()) if live else 0
    free = on_hand - safety - held
    # In their order, without names: of each question there are hundreds.
    return Availability(
        row.place,
        free if free > 0 else 0,
        on_hand,
        held,
        safety,
        row.short,
        row.revision,
        row.on.get(Bucket.IN_TRANSIT, 0),
        next(iter(live)) if live else None,
    )


def availability_at(
    row: StockRow, expectation: Expectation, *, now: datetime, at: datetime, channel: str
) -> Availability:
    """As now, but for what is different by then."""
    then = availability(row, Asked(now=at, channel=channel))
    counting, awaited = list(expectation.due_between(now, at)), expectation.awaited
    expected = countable(counting, in_transit=then.in_transit)
    # What comes settles first what was sold beyond the books.
    more = max(expected - row.short, 0)
    return then._replace(
        available=max(then.on_hand + more - then.safety - then.held, 0),
        # Claims that lapse until then do not count already; what is due then may be overdue.
        valid_until=min([int(at.timestamp()), *(receipt.due for receipt in counting)]),
        expected=expected,
        overdue=sum(each.left for each in awaited if each.due <= now.timestamp()),
        awaited=awaited[:AWAITED_MAX],
    )


def countable(counting: Sequence[Awaited], *, in_transit: int) -> int:
    """Units of a transfer that are no longer on their way, since somebody has moved them by hand,
    are where they are and do not come once more."""
    transferred = sum(each.left for each in counting if isinstance(each, ComingTransfer))
    put = sum(each.left for each in counting if not isinstance(each, ComingTransfer))
    return put + min(transferred, in_transit)


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
