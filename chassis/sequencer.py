"""Gives events their positions: moves them from the outbox into the log, in order.

A position taken by the write itself either loses events, as a greater one can
commit first, or makes all writes wait for each other.
"""

import asyncio
import logging
import random
from collections import deque

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
from chassis.signals import Signal, within

BATCH_MAX = 300
# By how many places an event may stand behind where it was inserted, on a member that applied
# it from another's log: that many operations it applies side by side (replBatchLimitOperations).
DISPLACED_MAX = 5000
MOVE_TIMEOUT_S = 2.0
PAUSE_AFTER_ERROR_S_MAX = 0.5

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
        """Give up to BATCH_MAX events their positions; answers how many."""
        with translated_errors():
            if await self._outbox.find_one({}, {"_id": 1}) is None:
                return 0
        return await self._database.transaction(
            self._move, timeout_s=MOVE_TIMEOUT_S, committed=self._appended.set
        )

    async def _move(self, session: Session) -> int:
        events = await self._first(session)
        if not events:
            return 0
        last = await self._log.find_one({}, {"_id": 1}, sort=[("_id", -1)], session=session)
        first_position = (last["_id"] if last else 0) + 1
        await self._append(numbered(events, first_position), session)
        ids = [event["_id"] for event in events]
        await self._outbox.delete_many({"_id": {"$in": ids}}, session=session)
        return len(events)

    async def _first(self, session: Session) -> list[Document]:
        """In the order of insertion: of two writes of one record, the second began behind the
        first. Where more wait than are taken, one of the same key may stand among those."""
        cursor = self._outbox.find({}, session=session).sort("$natural", 1).limit(BATCH_MAX + 1)
        events = await cursor.to_list(BATCH_MAX + 1)
        if len(events) <= BATCH_MAX:
            return events
        marks = {"key": 1, "revision": 1}
        cursor = self._outbox.find({}, marks, session=session).sort("$natural", 1)
        waiting = await cursor.limit(BATCH_MAX + DISPLACED_MAX).to_list(BATCH_MAX + DISPLACED_MAX)
        chosen = [mark["_id"] for mark in in_order(waiting)[:BATCH_MAX]]
        cursor = self._outbox.find({"_id": {"$in": chosen}}, session=session)
        by_id = {event["_id"]: event for event in await cursor.to_list(BATCH_MAX)}
        return [by_id[each] for each in chosen]

    async def _append(self, events: list[Document], session: Session) -> None:
        try:
            await self._log.insert_many(events, session=session)
        except BulkWriteError as error:
            raise ContendedError("another sequencer took these positions") from error


def numbered(events: list[Document], first_position: int) -> list[Document]:
    return [{**event, "_id": first_position + n} for n, event in enumerate(in_order(events))]


def in_order(events: list[Document]) -> list[Document]:
    """The same places taken by the same keys, but each key's events by revision.

    The natural order is that of insertion only on the member that took the inserts; one
    that became primary since applied them side by side.
    """
    by_key: dict[str, deque[Document]] = {}
    for event in sorted(events, key=lambda event: int(event["revision"])):
        by_key.setdefault(event["key"], deque()).append(event)
    return [by_key[event["key"]].popleft() for event in events]
