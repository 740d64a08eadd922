"""Following stock that somebody selects: the rows as they are, then the log from before that.

Nothing is kept between calls. A cursor says how far its caller has come, within
the snapshot too, and is good for the same selection alone.
"""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
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
from services.inventory.stock.selection import Selection
from services.inventory.stock.snapshot import BEGINNING, pages
from services.inventory.stock.store import find_rows

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

    def encode(self, selection: Selection) -> str:
        behind = "" if self.behind is None else " ".join(self.behind)
        content = f"{self.log.epoch} {self.log.position} {behind}"
        return encode_token(content, query=selection.query)


async def watched(
    records: Records, log: EventLog, selection: Selection, cursor: str
) -> AsyncGenerator[Seen, None]:
    """The snapshot, or what is left of it, then every change, for ever.

    Raises InvalidCursorError, CursorTooOldError.
    """
    stage = await stage_from(log, selection, cursor)
    if stage.behind is not None:
        async for seen in snapshot(records, selection, stage.log, stage.behind):
            yield seen
    async for seen in changes(records, log, selection, stage.log):
        yield seen


async def stage_from(log: EventLog, selection: Selection, cursor: str) -> Stage:
    """Where `cursor` leads; empty is before the first row, with the head noted first."""
    if not cursor:
        return Stage(log=await log.head(), behind=BEGINNING)
    try:
        epoch, position, behind = decode_token(cursor, query=selection.query).split(" ", 2)
        stage = Stage(
            log=LogCursor(epoch, int(position)),
            behind=Place(*behind.split(" ")) if behind else None,
        )
    except (InvalidPageError, ValueError, TypeError):
        raise InvalidCursorError("the cursor did not come from this selection") from None
    await position_of(log, encode_cursor(stage.log))
    return stage


async def snapshot(
    records: Records, selection: Selection, head: LogCursor, behind: Place
) -> AsyncIterator[Seen]:
    """Every row behind `behind`, in pages, by location and sku."""
    async for page in pages(records, selection, behind):
        cursor = Stage(log=head, behind=page.behind).encode(selection)
        yield Seen(rows=tuple(page.rows), cursor=cursor)
    cursor = Stage(log=head, behind=None).encode(selection)
    yield Seen(rows=(), cursor=cursor, snapshot_complete=True)


async def changes(
    records: Records, log: EventLog, selection: Selection, start: LogCursor
) -> AsyncIterator[Seen]:
    position = start.position
    due_s = time.monotonic() + BOOKMARK_S

    def seen(rows: Sequence[StockRow], position: int) -> Seen:
        stage = Stage(log=LogCursor(start.epoch, position), behind=None)
        return Seen(rows=tuple(rows), cursor=stage.encode(selection))

    while True:
        heard = log.appended.next()
        batch = await log.read(position, BATCH_MAX, NAMES)
        moved, position = batch.position > position, batch.position
        rows = list[StockRow]()
        for event in batch.events:
            rows += await rows_told(records, event, selection)
            if len(rows) >= BATCH_MAX:
                yield seen(rows, event.position)
                rows.clear()
        if rows or time.monotonic() >= due_s:
            yield seen(rows, position)
            due_s = time.monotonic() + BOOKMARK_S
        if not moved:
            left_s = max(due_s - time.monotonic(), 0)
            await within(heard, min(left_s, log.appended.pause_s))


async def rows_told(
    records: Records, event: LoggedEvent, selection: Selection
) -> Sequence[StockRow]:
    """The row it left; of an import, the rows as they are by now, which is never before it."""
    its = [place for place in places_of(event) if selection.takes(place)]
    if event.name == "stock_changed":
        return [value_from_plain(event.detail, StockRow) for _ in its]
    return tuple((await find_rows(records, its)).values())


def places_of(event: LoggedEvent) -> list[Place]:
    detail = event.detail
    skus = [detail["sku"]] if event.name == "stock_changed" else detail["skus"]
    return [Place(detail["location_id"], sku) for sku in skus]
