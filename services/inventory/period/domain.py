"""Periods of the ledger: movements closed into archives, and what is carried of them. Pure.

Of each row the movements are closed in the order in which they were made. So a row is what is
carried of it and what its open movements come to, at any instant, and whoever reads its movements
backwards comes from the ledger into the archives.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from chassis.changes import Changed
from chassis.errors import AppError, Kind
from services.inventory.ledger.domain import Movement, Note
from services.inventory.stock.domain import Bucket, Place

# Of the first archive of a location, which follows none.
NO_HASH = ""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class PeriodOpenError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "PERIOD_OPEN"


class ClosedMeanwhileError(AppError):
    """Others closed the same location: what was to be closed may be closed already."""

    kind, reason = Kind.ABORTED, "CLOSED_MEANWHILE"


class ArchiveKey(NamedTuple):
    location_id: str
    number: int


class SheetKey(NamedTuple):
    location_id: str
    sku: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """How far a location is closed. Whoever closes writes it, so that archives follow each other.

    Attributes:
        archive_count: The number of its last archive too.
        archive_hash: Of the last, and so of all.
    """

    location_id: str
    archive_count: int = 0
    archive_hash: str = NO_HASH


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What the closed movements of a row come to.

    Attributes:
        units: By bucket, below zero in SHORT, nothing of what is outside; none that is zero.
        revision: Of the row after the last of them.
    """

    location_id: str
    sku: str
    units: Mapping[Bucket, int] = field(default_factory=dict)
    movement_count: int = 0
    revision: int = 0
    close_time: datetime = EPOCH

    @property
    def place(self) -> Place:
        return Place(self.location_id, self.sku)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Movements of one row in an archive, as they stood in the ledger and in their order."""

    location_id: str
    sku: str
    number: int
    first_revision: int
    last_revision: int
    movements: tuple[Movement, ...]

    @property
    def key(self) -> SheetKey:
        return SheetKey(self.location_id, self.sku, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """By which a sheet is known to be there, and as it was."""

    sku: str
    movement_count: int
    sheet_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Sheets that were closed in one write, and who closed them.

    Attributes:
        seals: One of each sheet, by sku.
        first_time: When the earliest of their movements was recorded.
        hash_before: Of the archive before it at its location.
        archive_hash: Of `hash_before` and all of this.
    """

    location_id: str
    number: int
    seals: tuple[Seal, ...]
    first_time: datetime
    last_time: datetime
    close_time: datetime
    actor: str
    hash_before: str
    archive_hash: str

    @property
    def key(self) -> ArchiveKey:
        return ArchiveKey(self.location_id, self.number)

    @property
    def movement_count(self) -> int:
        return sum(seal.movement_count for seal in self.seals)


def close(
    period: Period, carried: Mapping[str, Carried], movements: Sequence[Movement], *, note: Note
) -> Changed[Archive]:
    """Take movements of one location out of the ledger: of each row the oldest, in order.

    `carried` is what there is by sku, or nothing yet.
    """
    number = period.archive_count + 1
    sheets = list(sheets_of(movements, number))
    archive = sealed(period, sheets, note=note)
    after = Period(
        location_id=period.location_id, archive_count=number, archive_hash=archive.archive_hash
    )
    grown = [grow(carried[sheet.sku], sheet, note.now) for sheet in sheets]
    return Changed(
        answer=archive, records=(archive, *sheets, *grown, after), removed=tuple(movements)
    )


def sheets_of(movements: Sequence[Movement], number: int) -> Iterator[Sheet]:
    in_order = sorted(movements, key=lambda each: (each.sku, *order_of(each)))
    for sku, its in groupby(in_order, key=lambda each: each.sku):
        of_row = tuple(its)
        yield Sheet(
            location_id=of_row[0].location_id,
            sku=sku,
            number=number,
            first_revision=of_row[0].revision,
            last_revision=of_row[-1].revision,
            movements=of_row,
        )


def order_of(movement: Movement) -> tuple[int, str]:
    """In which a row's movements were made."""
    return movement.revision, movement.movement_id


def grow(carried: Carried, sheet: Sheet, now: datetime) -> Carried:
    units = Counter(carried.units)
    for movement in sheet.movements:
        add(units, movement)
    return Carried(
        location_id=carried.location_id,
        sku=carried.sku,
        units=left(units),
        movement_count=carried.movement_count + len(sheet.movements),
        revision=sheet.last_revision,
        close_time=max(carried.close_time, now),
    )


def add(units: Counter[Bucket], movement: Movement) -> None:
    """Each movement counts twice: out of its source, into its target."""
    units[movement.source] -= movement.quantity
    units[movement.target] += movement.quantity


def left(units: Mapping[Bucket, int]) -> dict[Bucket, int]:
    return {bucket: n for bucket, n in units.items() if n and bucket is not Bucket.OUTSIDE}


def sealed(period: Period, sheets: Sequence[Sheet], *, note: Note) -> Archive:
    times = [each.record_time for sheet in sheets for each in sheet.movements]
    archive = Archive(
        location_id=period.location_id,
        number=period.archive_count + 1,
        seals=tuple(map(seal_of, sheets)),
        first_time=min(times),
        last_time=max(times),
        close_time=note.now,
        actor=note.actor,
        hash_before=period.archive_hash,
        archive_hash=NO_HASH,
    )
    return replace(archive, archive_hash=hash_of(archive))


def seal_of(sheet: Sheet) -> Seal:
    movement_lines = [line_of(movement) for movement in sheet.movements]
    return Seal(
        sku=sheet.sku, movement_count=len(sheet.movements), sheet_hash=hashed(movement_lines)
    )


def hash_of(archive: Archive) -> str:
    """Of all of it but its hash."""
    return hashed(
        [
            archive.location_id,
            archive.number,
            [[seal.sku, seal.movement_count, seal.sheet_hash] for seal in archive.seals],
            millis(archive.first_time),
            millis(archive.last_time),
            millis(archive.close_time),
            archive.actor,
            archive.hash_before,
        ]
    )


def line_of(movement: Movement) -> list[object]:
    """By value and in this order for ever: whatever a release keeps it as, its hash is the same."""
    return [
        movement.movement_id,
        movement.location_id,
        movement.sku,
        movement.source.value,
        movement.target.value,
        movement.quantity,
        movement.cause.value,
        movement.document_id,
        movement.actor,
        millis(movement.record_time),
        millis(movement.occur_time),
        movement.revision,
    ]


def hashed(lines: Sequence[object]) -> str:
    """SHA-256 of them as JSON in ASCII, without a space."""
    return hashlib.sha256(json.dumps(lines, separators=(",", ":")).encode()).hexdigest()


def millis(time: datetime) -> int:
    return (time - EPOCH) // MILLISECOND


def check_before(asked: datetime | None, *, now: datetime, open_s: float) -> datetime:
    """Before which instant is closed. Raises PeriodOpenError."""
    latest = now - timedelta(seconds=open_s)
    if asked is not None and asked > latest:
        said = latest.isoformat(timespec="seconds")
        raise PeriodOpenError(f"what is younger than {said} stays open", open_since=said)
    return latest if asked is None else asked
