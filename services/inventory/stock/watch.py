"""Following the stock of some locations: the rows as they are, then the log from before that.

Nothing is kept between calls. A cursor says how far its caller has come, within
the snapshot too, and is good for the same locations alone.
"""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from dataclasses import dataclass

from chassis.documents import value_from_plain
from chassis.events import (
    EventLog,
    InvalidCursorError,
    LogCursor,
    LoggedEvent,
    encode_cursor,
    position_of,
)
from chassis.paging import InvalidPageError, decode_token, encode_token
from chassis.records import Records
from chassis.signals import within
from services.inventory.stock.domain import Place, StockRow
from services.inventory.stock.store import find_rows, rows_of_location

BATCH_MAX = 500
BOOKMARK_S = 0.9  # One a second is promised to caches.
NAMES = frozenset({"stock_changed", "stock_imported"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Rows, and the cursor behind them. Without rows it is a bookmark."""

    rows: tuple[StockRow, ...]
    cursor: str
    snapshot_complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How far a watch has come.

    Attributes:
        log: What is in the snapshot is never older than this; changes follow from here.
        behind: The last row sent of the snapshot; None when all were.
    """

    log: LogCursor
    behind: Place | None

    def encode(self, location_ids: Collection[str]) -> str:
        behind = "" if self.behind is None else " ".join(self.behind)
        content = f"{self.log.epoch} {self.log.position} {behind}"
        return encode_token(content, query=query_of(location_ids))


async def watched(
    records: Records, log: EventLog, location_ids: Collection[str], cursor: str
) -> AsyncGenerator[Seen, None]:
    """The snapshot, or what is left of it, then every change, for ever.

    Raises InvalidCursorError, CursorTooOldError.
    """
    stage = await stage_from(log, location_ids, cursor)
    if stage.behind is not None:
        async for seen in snapshot(records, location_ids, stage.log, stage.behind):
            yield seen
    async for seen in changes(records, log, location_ids, stage.log):
        yield seen


async def stage_from(log: EventLog, location_ids: Collection[str], cursor: str) -> Stage:
    """Where `cursor` leads; empty is before the first row, with the head noted first."""
    if not cursor:
        return Stage(log=await log.head(), behind=Place("", ""))
    try:
        epoch, position, behind = decode_token(cursor, query=query_of(location_ids)).split(" ", 2)
        stage = Stage(
            log=LogCursor(epoch, int(position)),
            behind=Place(*behind.split(" ")) if behind else None,
        )
    except (InvalidPageError, ValueError, TypeError):
        raise InvalidCursorError("the cursor did not come from these locations") from None
    await position_of(log, encode_cursor(stage.log))
    return stage


async def snapshot(
    records: Records, location_ids: Collection[str], head: LogCursor, behind: Place
) -> AsyncIterator[Seen]:
    """Every row behind `behind`, in pages, by location and sku."""
    for location_id in sorted(each for each in location_ids if each >= behind.location_id):
        after_sku = behind.sku if location_id == behind.location_id else ""
        while rows := await rows_of_location(
            records, location_id, after_sku=after_sku, limit=BATCH_MAX
        ):
            after_sku = rows[-1].sku
            cursor = Stage(log=head, behind=rows[-1].place).encode(location_ids)
            yield Seen(rows=tuple(rows), cursor=cursor)
    cursor = Stage(log=head, behind=None).encode(location_ids)
    yield Seen(rows=(), cursor=cursor, snapshot_complete=True)


async def changes(
    records: Records, log: EventLog, location_ids: Collection[str], start: LogCursor
) -> AsyncIterator[Seen]:
    wanted, position = frozenset(location_ids), start.position
    due_s = time.monotonic() + BOOKMARK_S

    def seen(rows: Sequence[StockRow], position: int) -> Seen:
        stage = Stage(log=LogCursor(start.epoch, position), behind=None)
        return Seen(rows=tuple(rows), cursor=stage.encode(location_ids))

    while True:
        heard = log.appended.next()
        batch = await log.read(position, BATCH_MAX, NAMES)
        moved, position = batch.position > position, batch.position
        rows = list[StockRow]()
        for event in (e for e in batch.events if e.detail["location_id"] in wanted):
            rows += await rows_told(records, event)
            if len(rows) >= BATCH_MAX:
                yield seen(rows, event.position)
                rows.clear()
        if rows or time.monotonic() >= due_s:
            yield seen(rows, position)
            due_s = time.monotonic() + BOOKMARK_S
        if not moved:
            left_s = max(due_s - time.monotonic(), 0)
            await within(heard, min(left_s, log.appended.pause_s))


async def rows_told(records: Records, event: LoggedEvent) -> Sequence[StockRow]:
    """The row it left; of an import, the rows as they are by now, which is never before it."""
    if event.name == "stock_changed":
        return (value_from_plain(event.detail, StockRow),)
    location_id = event.detail["location_id"]
    found = await find_rows(records, [Place(location_id, sku) for sku in event.detail["skus"]])
    return tuple(found.values())


def query_of(location_ids: Collection[str]) -> str:
    return " ".join(["stock", *sorted(location_ids)])
