"""One reader of the log for all who watch in this process, and a bell for each subject.

Five hundred watchers that each read the log would ask the engine five hundred times for
every event; here they read memory, and wake for what concerns them alone.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice

from chassis.errors import AppError
from chassis.events import Batch, EventLog, LogCursor, LoggedEvent
from chassis.packing import weight
from chassis.signals import Signal, within

log = logging.getLogger(__name__)

KEPT_MAX = 10_000
# An event of many rows weighs as much as they do: ten thousand such would be a gigabyte. Ten
# thousand that hold ten items each are kept.
KEPT_WEIGHT_MAX = 200_000
BATCH_MAX = 500
AGAIN_S = 0.2
# A bell may be missed only if this process lost its engine; watchers look anyway.
BELL_PAUSE_S = 5.0


def by_key(event: LoggedEvent) -> Iterable[str]:
    return (event.key,)


class Tail:
    """An `EventLog` that serves its newest events from memory once `run` is under way."""

    def __init__(
        self,
        source: EventLog,
        *,
        subjects: Callable[[LoggedEvent], Iterable[str]] = by_key,
        kept_max: int = KEPT_MAX,
        kept_weight_max: int = KEPT_WEIGHT_MAX,
    ) -> None:
        self._source = source
        self._subjects = subjects
        self._kept: deque[LoggedEvent] = deque()
        self._weights: deque[int] = deque()
        self._kept_max = kept_max
        self._kept_weight_max = kept_weight_max
        self._kept_weight = 0
        self._behind = LogCursor("", 0)  # The newest position read.
        # Set here and nowhere else: who waits for it need not look in between.
        self._appended = Signal(BELL_PAUSE_S)
        self._bells: dict[str, tuple[Signal, int]] = {}

    @property
    def appended(self) -> Signal:
        return self._appended

    @property
    def position(self) -> int:
        """Of the newest event it has read."""
        return self._behind.position

    @property
    def bells_count(self) -> int:
        """Subjects somebody listens to."""
        return len(self._bells)

    async def oldest(self) -> LogCursor:
        return await self._source.oldest()

    async def head(self) -> LogCursor:
        return await self._source.head()

    async def since(self, instant: datetime) -> LogCursor:
        return await self._source.since(instant)

    async def read(self, position: int, limit: int, names: Collection[str] = ()) -> Batch:
        first = self._kept[0].position if self._kept else self._behind.position + 1
        if position < first - 1 or position > self._behind.position:
            return await self._source.read(position, limit, names)
        following = list(islice(self._kept, position + 1 - first, position + 1 - first + limit))
        events = tuple(event for event in following if not names or event.name in names)
        return Batch(events, position + len(following))

    @contextmanager
    def bell(self, subject: str) -> Iterator[Signal]:
        """Rings for each event about `subject`. Take `next()`, look, then wait for it."""
        signal, count = self._bells.get(subject, (Signal(BELL_PAUSE_S), 0))
        self._bells[subject] = signal, count + 1
        try:
            yield signal
        finally:
            signal, count = self._bells.pop(subject)
            if count > 1:
                self._bells[subject] = signal, count - 1

    async def run(self) -> None:
        """Follow the log for ever. Begins behind its newest event."""
        while True:
            try:
                await self._follow()
            except AppError as error:
                log.warning("the log cannot be read: %s", error.reason)
                await asyncio.sleep(AGAIN_S)

    async def _follow(self) -> None:
        self._behind = await self._source.head()
        self._kept.clear()
        self._weights.clear()
        self._kept_weight = 0
        while True:
            heard = self._source.appended.next()
            batch = await self._source.read(self._behind.position, BATCH_MAX)
            if batch.position > self._behind.position:
                self._take(batch)
            if len(batch.events) < BATCH_MAX:  # What came meanwhile has been heard.
                await within(heard, self._source.appended.pause_s)

    def _keep(self, events: Iterable[LoggedEvent]) -> None:
        for event in events:
            self._kept.append(event)
            self._weights.append(weight(event.detail))
            self._kept_weight += self._weights[-1]
            while len(self._kept) > self._kept_max or self._kept_weight > self._kept_weight_max:
                self._kept.popleft()
                self._kept_weight -= self._weights.popleft()

    def _take(self, batch: Batch) -> None:
        self._keep(batch.events)
        self._behind = LogCursor(self._behind.epoch, batch.position)
        self._appended.set()
        for subject in {s for event in batch.events for s in self._subjects(event)}:
            if subject in self._bells:
                self._bells[subject][0].set()
