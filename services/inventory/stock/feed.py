"""One reader of the log for all who watch stock in this process: each change is read, decoded
and encoded once, and put where somebody waits for it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from chassis.events import Batch, EventLog
from chassis.records import Records
from chassis.signals import within
from services.inventory.stock.domain import Place
from services.inventory.stock.encoding import NAMES, Encoding, places_of
from services.inventory.stock.inbox import ROWS_MAX, Inbox, Told
from services.inventory.stock.selection import Selection

BATCH_MAX = 500
# What an answer costs, however few rows are in it, and as much again for others: at a thousand
# changes a second, one for each change would be a hundred thousand answers to a hundred watchers.
PAUSE_EACH_S = 0.0005


class Reader(Inbox):
    """An inbox that wakes who waits at it."""

    def __init__(self, selection: Selection, start: int, *, rows_max: int) -> None:
        super().__init__(selection, start, rows_max=rows_max)
        self.changed = asyncio.Event()

    def put(self, position: int, row: Told) -> None:
        super().put(position, row)
        self.changed.set()

    def end(self, error: Exception) -> None:
        super().end(error)
        self.changed.set()


class Feed:
    """Follows the log while anybody is there. Where it cannot, they all end with that error."""

    def __init__(self, records: Records, log: EventLog, *, rows_max: int = ROWS_MAX) -> None:
        self._log = log
        self._rows_max = rows_max
        self.encoding = Encoding(records)  # For those too who have yet to come to the feed.
        self._task: asyncio.Task[None] | None = None
        # Who joined in the middle of an event would miss the rows of it that were told.
        self._turn = asyncio.Lock()
        self._readers = set[Reader]()
        self._by_location: dict[str, set[Reader]] = {}
        self._by_sku: dict[str, set[Reader]] = {}
        self.position = 0  # Everything up to here was put.

    @property
    def watchers_count(self) -> int:
        return len(self._readers)

    @asynccontextmanager
    async def joined(self, selection: Selection, position: int) -> AsyncIterator[Reader]:
        """Is put every change behind its `start` inside the block; that is `position` or later."""
        async with self._turn:
            if self._task is None:
                self.position = (await self._log.head()).position
                self._task = asyncio.create_task(self._follow())
            # A cursor may be of another replica, whose log was read further.
            start = max(self.position, position)
            reader = Reader(selection, start, rows_max=self._rows_max)
            self._add(reader)
        try:
            yield reader
        finally:
            self._remove(reader)

    async def _follow(self) -> None:
        try:
            while asyncio.current_task() is self._task:
                heard = self._log.appended.next()
                batch = await self._log.read(self.position, BATCH_MAX, NAMES)
                moved_count = batch.position - self.position
                woken_count = await self._tell(batch)
                if moved_count >= BATCH_MAX:
                    await asyncio.sleep(0)  # Behind: a rest would leave it there for good.
                elif moved_count:
                    await asyncio.sleep(woken_count * PAUSE_EACH_S)
                else:
                    await within(heard, self._log.appended.pause_s)
        except Exception as error:
            # Or they would hear of nothing any more, and of bookmarks without end.
            self._task = None
            for reader in self._readers:
                reader.end(error)

    async def _tell(self, batch: Batch) -> int:
        """How many it woke; who has yet to read what came before sleeps on."""
        woken_count = 0
        for event in batch.events:
            async with self._turn:  # Not for all of them: an import's rows are read one by one.
                wanted = {place: found for place in places_of(event) if (found := self._at(place))}
                for row in await self.encoding.rows(event, wanted):
                    for reader in wanted[row.place]:
                        woken_count += not reader.changed.is_set()
                        reader.put(event.position, row)
                self.position = event.position
        self.position = batch.position
        return woken_count

    def _at(self, place: Place) -> list[Reader]:
        """Who waits for it."""
        there = self._by_location.get(place.location_id, ())
        found = [reader for reader in there if reader.selection.takes(place)]
        return [*found, *self._by_sku.get(place.sku, ())]

    def _add(self, reader: Reader) -> None:
        self._readers.add(reader)
        for index, name in self._kept_under(reader.selection):
            index.setdefault(name, set()).add(reader)

    def _remove(self, reader: Reader) -> None:
        self._readers.discard(reader)
        for index, name in self._kept_under(reader.selection):
            index[name].discard(reader)
            if not index[name]:
                del index[name]
        if not self._readers and self._task is not None:
            self._task.cancel()
            self._task = None

    def _kept_under(self, selection: Selection) -> Iterable[tuple[dict[str, set[Reader]], str]]:
        if selection.location_ids is not None:
            return [(self._by_location, each) for each in selection.location_ids]
        return [(self._by_sku, each) for each in selection.skus or ()]
