"""Gives events their positions: moves them from the outbox into the log, in order.

A position taken by the write itself either loses events, as a greater one can
commit first, or makes all writes wait for each other.
"""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from chassis.errors import AppError
from chassis.mongo import (
    BulkWriteError,
    ContendedError,
    Database,
    Document,
    Session,
    translated_errors,
)
from chassis.mongo_log import LOG, OUTBOX
from chassis.packing import last_of, packed, placed, unpacked
from chassis.signals import Signal, within

# Events that are moved at once where more wait, about: a document is moved whole. With many
# more an engine that is slow would not be done in time, and so never.
BATCH_MAX = 600
# Documents that are read before it is known how many wait.
FEW_MAX = 20
# By how many operations a document may stand behind where it was inserted, on a member that
# applied it from another's log: that many it applies side by side (replBatchLimitOperations).
DISPLACED_MAX = 5000
MARKS = {name: 1 for each in ("kind", "key", "revision") for name in (each, f"events.{each}")}
MARKS_AT_ONCE = 100
MOVE_TIMEOUT_S = 2.0
PAUSE_AFTER_ERROR_S_MAX = 0.5

# The kind of a record, empty where no other has keys like its own, and its key.
Record: TypeAlias = tuple[str, str]

log = logging.getLogger(__name__)


class Sequencer:
    """Any replica runs one. Several at once collide on a position, and one of them wins.

    Args:
        outbox: Set when events were written.
        appended: Set here, when they have positions.
    """

    def __init__(self, database: Database, *, outbox: Signal, appended: Signal) -> None:
        self._database = database
        self._log = database.collection(LOG)
        self._outbox = database.collection(OUTBOX)
        self._written = outbox
        self._appended = appended

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            heard = self._written.next()
            try:
                moved_count = await self.move()
            except AppError as error:
                log.warning("events wait without positions: %s", error.reason)
                await asyncio.sleep(random.uniform(0, PAUSE_AFTER_ERROR_S_MAX))
                continue
            if moved_count < BATCH_MAX:  # What came meanwhile has been heard.
                await within(heard, self._written.pause_s)

    async def move(self) -> int:
        """Give the events of some documents their positions; answers how many."""
        with translated_errors():
            if await self._outbox.find_one({}, {"_id": 1}) is None:
                return 0
        return await self._database.transaction(
            self._move, timeout_s=MOVE_TIMEOUT_S, committed=self._appended.set
        )

    async def _move(self, session: Session) -> int:
        documents = await self._due(session)
        if not documents:
            return 0
        last = await self._log.find_one({}, {"_id": 1}, sort=[("_id", -1)], session=session)
        behind = last_of(last) if last else 0
        appended = list(placed(arranged(documents), behind))
        await self._append(appended, session)
        ids = [document["_id"] for document in documents]
        await self._outbox.delete_many({"_id": {"$in": ids}}, session=session)
        return last_of(appended[-1]) - behind

    async def _due(self, session: Session) -> list[Document]:
        """In the order of insertion: of two writes of one record, the second began behind the
        first. Where more wait than are taken, one of the same record may stand among those."""
        cursor = self._outbox.find({}, session=session).sort("$natural", 1).limit(FEW_MAX + 1)
        documents = await cursor.to_list(FEW_MAX + 1)
        if len(documents) <= FEW_MAX:
            return due(documents)
        chosen = [marks["_id"] for marks in due(await self._marks(session))]
        cursor = self._outbox.find({"_id": {"$in": chosen}}, session=session)
        by_id = {document["_id"]: document for document in await cursor.to_list(len(chosen))}
        return [by_id[each] for each in chosen]

    async def _marks(self, session: Session) -> list[Document]:
        """Of those that wait, as many as may hold what goes before the first of them."""
        found = self._outbox.find({}, MARKS, session=session).sort("$natural", 1)
        cursor, waiting, ahead = found.batch_size(MARKS_AT_ONCE), list[Document](), Ahead()
        events_count = 0
        async for marks in cursor:
            waiting.append(marks)
            if events_count >= BATCH_MAX:
                ahead.add(marks)
            events_count += count_of(marks)
            if ahead.operations_count >= DISPLACED_MAX:
                break
        if cursor.alive:
            await cursor.close()
        return waiting

    async def _append(self, documents: list[Document], session: Session) -> None:
        try:
            await self._log.insert_many(documents, session=session)
        except BulkWriteError as error:
            raise ContendedError("another sequencer took these positions") from error


class Ahead:
    """How many operations, at least, put there what was looked at.

    Each document was inserted, and each record was written. Events would be too many: of what
    comes together, one write of a row is told of once for each who changed it.
    """

    def __init__(self) -> None:
        self._documents_count = 0
        self._records = set[Record]()

    def add(self, document: Document) -> None:
        self._documents_count += 1
        self._records.update(record for record, _ in marks_of([document]))

    @property
    def operations_count(self) -> int:
        return max(self._documents_count, len(self._records))


def due(waiting: list[Document]) -> list[Document]:
    """Of those that wait, or of their marks, what is moved next: the first, and whatever tells
    of an earlier revision of what these tell of, wherever it stands."""
    chosen, rest, events_count = list[Document](), list[Document](), 0
    for document in waiting:
        (chosen if events_count < BATCH_MAX else rest).append(document)
        events_count += count_of(document)
    added = chosen
    while added and rest:
        latest = latest_revisions(chosen)
        added = [document for document in rest if is_before(document, latest)]
        rest = [document for document in rest if not is_before(document, latest)]
        chosen = [*chosen, *added]
    return chosen


def is_before(document: Document, latest: Mapping[Record, int]) -> bool:
    return any(revision < latest.get(record, 0) for record, revision in marks_of([document]))


def latest_revisions(documents: Iterable[Document]) -> dict[Record, int]:
    latest = dict[Record, int]()
    for record, revision in marks_of(documents):
        latest[record] = max(revision, latest.get(record, 0))
    return latest


def count_of(document: Document) -> int:
    return len(document.get("events", [document]))


def marks_of(documents: Iterable[Document]) -> Iterator[tuple[Record, int]]:
    for document in documents:
        for event in document.get("events", [document]):
            yield record_of(event), int(event["revision"])


def record_of(event: Document) -> Record:
    return event.get("kind", ""), event["key"]


def arranged(documents: list[Document]) -> list[Document]:
    """As they are, but for those of before; or taken apart, where they are not in order."""
    if not is_in_order(documents):
        return packed(in_order(list(unpacked(documents))))
    return [each if "events" in each else packed([each])[0] for each in documents]


def is_in_order(documents: list[Document]) -> bool:
    latest = dict[Record, int]()
    for record, revision in marks_of(documents):
        if revision < latest.get(record, revision):
            return False
        latest[record] = revision
    return True


def in_order(events: list[Document]) -> list[Document]:
    """The same places taken by the same records, but each record's events by revision.

    The natural order is that of insertion only on the member that took the inserts; one
    that became primary since applied them side by side.
    """
    by_record: dict[Record, deque[Document]] = {}
    for event in sorted(events, key=lambda event: int(event["revision"])):
        by_record.setdefault(record_of(event), deque()).append(event)
    return [by_record[record_of(event)].popleft() for event in events]
