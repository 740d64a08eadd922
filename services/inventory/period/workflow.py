"""Closing and proving archives, location by location, to be resumed at any point."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from chassis.clock import Clock
from chassis.errors import AppError, Kind
from chassis.records import SELECT_MAX, Records, Where
from services.inventory.balance.proof import Behind, Question
from services.inventory.ledger.domain import Movement, Note
from services.inventory.ledger.store import MOVEMENTS
from services.inventory.period.archives import ArchiveDifference, Walk
from services.inventory.period.domain import Archive, Carried, ClosedMeanwhileError
from services.inventory.period.store import (
    CARRIED,
    archive_with_sheets,
    carried_at,
    find_period,
    write_archive,
)
from services.inventory.stock.domain import Place, StockRow
from services.inventory.stock.store import rows_of_location

# Of one archive: far from what the engine gives a transaction, and short for our own loop.
MOVEMENTS_MAX = 250
# Looked at between two answers, and read at once.
ROWS_MAX, ROWS_AT_ONCE = 1000, 100
# Each time somebody else was first, and has closed something.
TRIES_MAX = 10
WRITE_S_MAX = 2.0


class TooManyClosingsError(AppError):
    """Each writes as fast as the engine takes it: two would only be in each other's way."""

    kind, reason = Kind.RESOURCE_EXHAUSTED, "TOO_MANY_CLOSINGS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """Attributes:
    before: Movements that were recorded before it are closed.
    actor: Who closes, told by each archive.
    movements_max: Of one archive, and what more the last write of a row has.
    """

    records: Records
    clock: Clock
    before: datetime
    actor: str
    movements_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An archive, or none where all that was looked at stays open."""

    location_id: str
    archive: Archive | None
    behind: Behind


class Chunk(NamedTuple):
    """The next movements to close, and behind which sku to look on."""

    movements: list[Movement]
    after_sku: str
    is_last: bool


async def closed(
    closing: Closing, question: Question, behind: Behind
) -> AsyncGenerator[Step, None]:
    """All of the question that lies behind `behind`. Raises ClosedMeanwhileError."""
    for part in question.wholes(behind):
        (location_id,) = part.location_ids
        after_sku, is_last = part.after_sku, False
        while not is_last:
            chunk, archive = await closed_next(closing, location_id, after_sku)
            after_sku, is_last = chunk.after_sku, chunk.is_last
            # Without a sku all of a location would lie behind, and its first row be left out.
            if after_sku or is_last:
                behind = Behind("" if is_last else after_sku, location_id)
            yield Step(location_id=location_id, archive=archive, behind=behind)


async def closed_next(
    closing: Closing, location_id: str, after_sku: str
) -> tuple[Chunk, Archive | None]:
    """Raises ClosedMeanwhileError."""
    for tries_left in reversed(range(TRIES_MAX)):
        # Before what is to be closed is looked for: whoever closes some of it then, changes this.
        seen = await find_period(closing.records, location_id)
        chunk = await chunk_of(closing, location_id, after_sku)
        if not chunk.movements:
            return chunk, None
        now = closing.clock()
        note = Note(write_id="", actor=closing.actor, now=now, occur_time=now)
        try:
            archive = await write_archive(
                closing.records, seen, chunk.movements, note=note, timeout_s=WRITE_S_MAX
            )
        except ClosedMeanwhileError:
            if not tries_left:
                raise
        else:
            return chunk, archive
    raise AssertionError("the last try returns or raises")


async def chunk_of(closing: Closing, location_id: str, after_sku: str) -> Chunk:
    found = list[Movement]()
    for _ in range(ROWS_MAX // ROWS_AT_ONCE):
        rows = await rows_of_location(
            closing.records, location_id, after_sku=after_sku, limit=ROWS_AT_ONCE
        )
        carried = await closing.records.find_many(CARRIED, [row.place for row in rows])
        for row in rows:
            if not is_closed(row, carried.get(row.place)):
                left = closing.movements_max - len(found)
                found += await oldest(closing, row.place, limit=left)
                if len(found) >= closing.movements_max:
                    # There may be more of this row.
                    return Chunk(found, after_sku, is_last=False)
            after_sku = row.sku
        if len(rows) < ROWS_AT_ONCE:
            return Chunk(found, after_sku, is_last=True)
    return Chunk(found, after_sku, is_last=False)


def is_closed(row: StockRow, carried: Carried | None) -> bool:
    """Whether nothing was written of it since: most of what a shop has ever had."""
    return carried is not None and carried.revision == row.revision


async def oldest(closing: Closing, place: Place, *, limit: int) -> list[Movement]:
    """Of a row, up to the first that stays open: no later one leaves before it.

    More than `limit` where these end within a write: a row of which a part of one were closed would
    be at the revision that is carried, and its rest not be looked for.
    """
    where = Where(
        limit=limit,
        equal={"location_id": place.location_id, "sku": place.sku},
        order="revision",
    )
    found = await closing.records.select(MOVEMENTS, where)
    if len(found) == limit:
        found += await rest_of_write(closing.records, place, found[-1])
    opens = (n for n, each in enumerate(found) if each.record_time >= closing.before)
    return found[: next(opens, len(found))]


async def rest_of_write(records: Records, place: Place, last: Movement) -> list[Movement]:
    """Those of one row behind it: a write has fewer of one than are selected at once."""
    where = Where(
        limit=SELECT_MAX,
        equal={
            "location_id": place.location_id,
            "sku": place.sku,
            "revision": last.revision,
        },
        after=(None, last.movement_id),
    )
    return await records.select(MOVEMENTS, where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What was found in the archives of a location."""

    location_id: str
    archive_count: int
    movement_count: int
    archive_hash: str
    differences: tuple[ArchiveDifference, ...]


async def proven(
    records: Records, question: Question, behind: Behind
) -> AsyncGenerator[Proven, None]:
    """Each location of the question that lies behind `behind`. Raises ClosedMeanwhileError."""
    for part in question.wholes(behind):
        (location_id,) = part.location_ids
        yield await proven_at(records, location_id)


async def proven_at(records: Records, location_id: str) -> Proven:
    """All of it as of one instant: of a period that is the same before and behind the reading.

    Raises ClosedMeanwhileError.
    """
    walk = Walk()
    period = await find_period(records, location_id)
    for _ in range(TRIES_MAX):
        while walk.number < period.archive_count:
            walk.take(*await archive_with_sheets(records, location_id, walk.number + 1))
        carried = [each async for each in carried_at(records, location_id)]
        seen, period = period, await find_period(records, location_id)
        if seen == period:
            walk.ended(period)
            return Proven(
                location_id=location_id,
                archive_count=period.archive_count,
                movement_count=walk.movement_count,
                archive_hash=period.archive_hash,
                differences=(*walk.found, *walk.compared(carried)),
            )
    raise ClosedMeanwhileError(f"{location_id} is closed by others: try again")
