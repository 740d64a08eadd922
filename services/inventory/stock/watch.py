"""Following stock that somebody selects: the rows as they are, then the log from before that.

Nothing is kept between calls. A cursor says how far its caller has come, within
the snapshot too, and is good for the same selection alone.
"""

import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass

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
from services.inventory.stock.domain import Place
from services.inventory.stock.encoding import NAMES, places_of, told_of
from services.inventory.stock.feed import BATCH_MAX, Feed, Reader
from services.inventory.stock.inbox import Inbox
from services.inventory.stock.selection import Selection
from services.inventory.stock.snapshot import BEGINNING, pages

ANSWER_ROWS_MAX = 500
BOOKMARK_S = 0.9  # One a second is promised to caches.


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Rows, encoded, and the cursor behind them. Without rows it is a bookmark."""

    rows: tuple[bytes, ...]
    cursor: str
    snapshot_complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How far a watch has come.

    Attributes:
        log: What is in the snapshot is never older than this; changes follow from here.
        behind: The last place that the snapshot has come to; None when it is whole.
    """

    log: LogCursor
    behind: Place | None

    def encode(self, selection: Selection) -> str:
        behind = "" if self.behind is None else " ".join(self.behind)
        content = f"{self.log.epoch}{selection.whose} {self.log.position} {behind}"
        return encode_token(content, query=selection.query)


class Watch:
    """One watcher's way: the snapshot, what the log has behind it, what the feed puts."""

    def __init__(
        self, records: Records, log: EventLog, feed: Feed, *, selection: Selection, stage: Stage
    ) -> None:
        self._records = records
        self._log = log
        self._feed = feed
        self._selection = selection
        self._behind = stage.behind
        self._epoch, self._position = stage.log.epoch, stage.log.position
        self._due_s = 0.0

    async def seen(self) -> AsyncGenerator[Seen, None]:
        """For ever. Raises CursorTooOldError, WatchTooSlowError."""
        if self._behind is not None:
            async for seen in self._snapshot(self._behind):
                yield seen
        # Most of it before there is an inbox: what waits there is bounded.
        async for seen in self._missed():
            yield seen
        async with self._feed.joined(self._selection, self._position) as reader:
            async for seen in self._missed(until=reader.start):
                yield seen
            async for seen in self._live(reader):
                yield seen

    async def _snapshot(self, behind: Place) -> AsyncGenerator[Seen, None]:
        """Every row behind `behind`, in pages, by location and sku."""
        async for page in pages(self._records, self._selection, behind):
            yield self._seen(tuple(told_of(row).encoded for row in page.rows), behind=page.behind)
        yield self._seen((), snapshot_complete=True)

    async def _missed(self, *, until: int | None = None) -> AsyncGenerator[Seen, None]:
        """What the log has, up to `until`; without it, until hardly anything is left."""
        inbox, position = Inbox(self._selection), self._position
        while limit := left_to_read(position, until):
            heard = self._log.appended.next()
            batch = await self._log.read(position, limit, NAMES)
            for event in batch.events:
                await self._put(event, inbox)
                while inbox.waiting_count >= ANSWER_ROWS_MAX:
                    yield self._next(inbox, event.position)
            moved_count, position = batch.position - position, batch.position
            if self._left_s() <= 0:
                yield self._next(inbox, position)
            if moved_count < limit and until is None:
                break
            if not moved_count:  # The head may be known before what is read has come so far.
                await within(heard, min(self._left_s(), self._log.appended.pause_s))
        while inbox.waiting_count:
            yield self._next(inbox, position)
        self._position = position

    async def _put(self, event: LoggedEvent, inbox: Inbox) -> None:
        wanted = [place for place in places_of(event) if self._selection.takes(place)]
        for row in await self._feed.encoding.rows(event, wanted):
            inbox.put(event.position, row)

    async def _live(self, reader: Reader) -> AsyncGenerator[Seen, None]:
        while True:
            reader.changed.clear()
            if reader.has_news or self._left_s() <= 0:
                yield self._next(reader, self._feed.position)
            if not reader.has_news:
                await within(reader.changed, self._left_s())

    def _left_s(self) -> float:
        """Until a bookmark is due."""
        return max(self._due_s - time.monotonic(), 0)

    def _next(self, inbox: Inbox, head: int) -> Seen:
        taken = inbox.take(ANSWER_ROWS_MAX, head=head)
        self._position = taken.position
        return self._seen(taken.rows)

    def _seen(
        self,
        rows: tuple[bytes, ...],
        *,
        behind: Place | None = None,
        snapshot_complete: bool = False,
    ) -> Seen:
        self._due_s = time.monotonic() + BOOKMARK_S
        stage = Stage(log=LogCursor(self._epoch, self._position), behind=behind)
        cursor = stage.encode(self._selection)
        return Seen(rows=rows, cursor=cursor, snapshot_complete=snapshot_complete)


def left_to_read(position: int, until: int | None) -> int:
    """How much at once."""
    return BATCH_MAX if until is None else max(min(BATCH_MAX, until - position), 0)


async def watch_from(
    records: Records, log: EventLog, feed: Feed, *, selection: Selection, cursor: str
) -> Watch:
    """Raises InvalidCursorError, CursorTooOldError."""
    stage = await stage_from(log, selection, cursor)
    return Watch(records, log, feed, selection=selection, stage=stage)


async def stage_from(log: EventLog, selection: Selection, cursor: str) -> Stage:
    """Where `cursor` leads; empty is before the first row, with the head noted first."""
    if not cursor:
        return Stage(log=await log.head(), behind=BEGINNING)
    try:
        epoch, position, behind = decode_token(cursor, query=selection.query).split(" ", 2)
        stage = Stage(
            # Of other shops, it is no epoch of the log: too old.
            log=LogCursor(epoch.removesuffix(selection.whose), int(position)),
            behind=Place(*behind.split(" ")) if behind else None,
        )
    except (InvalidPageError, ValueError, TypeError):
        raise InvalidCursorError("the cursor did not come from this selection") from None
    await position_of(log, encode_cursor(stage.log))
    return stage
