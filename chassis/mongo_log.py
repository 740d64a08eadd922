"""The event log in MongoDB. Who fills it is `chassis.sequencer`."""

import logging
from collections.abc import Collection
from datetime import datetime
from uuid import uuid4

from chassis.events import Batch, LogCursor, batch_of, gone_count
from chassis.mongo import Database, Document, patience, translated_errors
from chassis.packing import EVENTS_MAX, first_of, last_of
from chassis.signals import Signal

LOG, OUTBOX, EPOCHS = "log", "outbox", "log_epochs"
EPOCH_ID = "log"
# Documents that are read before it is known how much they hold. Who is near the end finds no
# more; who is far behind takes a part of the largest, and would decode the others in vain.
FEW_MAX = 4

log = logging.getLogger(__name__)


class MongoLog:
    """The log in the collection LOG, where the sequencer puts what lies in OUTBOX."""

    def __init__(self, database: Database, appended: Signal) -> None:
        self._database = database
        self._log = database.collection(LOG)
        self._epochs = database.collection(EPOCHS)
        self._appended = appended

    async def ensure_epoch(self, restored: str = "") -> None:
        """Idempotent. The collections are made here, outside transactions.

        `restored` names the restore this log comes from, if it does: the first to come with
        a name begins an epoch for it, all others find it begun.
        """
        with patience():
            for name in {LOG, OUTBOX, EPOCHS} - await self._database.collection_names():
                await self._database.create_collection(name)
            with translated_errors():
                await self._log.create_index("occur_time")
                # Two sequencers that took different documents would both go on behind the last,
                # and end at different positions. Documents of before have no `first`.
                await self._log.create_index("first", unique=True, sparse=True)
                first = {"$setOnInsert": {"epoch": uuid4().hex}}
                await self._epochs.update_one({"_id": EPOCH_ID}, first, upsert=True)
            if restored:
                await self._begin(restored)

    @property
    def appended(self) -> Signal:
        return self._appended

    async def oldest(self) -> LogCursor:
        epoch, found = await self._epoch(), await self._end(1)
        return LogCursor(epoch, first_of(found) - 1 if found else 0)

    async def head(self) -> LogCursor:
        epoch, found = await self._epoch(), await self._end(-1)
        return LogCursor(epoch, last_of(found) if found else 0)

    async def since(self, instant: datetime) -> LogCursor:
        # Positions do not follow times: a slow write tells late of what happened early.
        cursor = self._log.find({"occur_time": {"$gte": instant}}, {"first": 1})
        with translated_errors():
            first = await cursor.sort("_id", 1).limit(1).to_list(1)
        if not first:
            return await self.head()
        return LogCursor(await self._epoch(), first_of(first[0]) - 1)

    async def read(self, position: int, limit: int, names: Collection[str] = ()) -> Batch:
        few_count, end = min(limit, FEW_MAX), position + limit
        with translated_errors():
            documents = await self._found({"_id": {"$gt": position}}, few_count)
            if len(documents) == few_count and (last := last_of(documents[-1])) < end:
                # From here on, none that begins behind the end. Where there is a gap, or a release
                # to come packs more, this finds too few, and the next read begins there.
                ends = {"$gt": last, "$lt": end + EVENTS_MAX}
                begins = {"$not": {"$gt": end}}  # Documents of before have no `first`.
                documents += await self._found({"_id": ends, "first": begins}, end - last)
        return batch_of(documents, position, limit, names)

    async def _found(self, where: Document, limit: int) -> list[Document]:
        """All in one answer of the engine, below 16 MB of them."""
        cursor = self._log.find(where).hint("_id_").sort("_id", 1).limit(limit)
        found: list[Document] = await cursor.batch_size(limit).to_list(limit)
        return found

    async def trim(self, before: datetime, limit: int) -> int:
        # Found from the oldest on: the index of times would have to be read whole for that.
        cursor = self._log.find({}, {"occur_time": 1}).sort("_id", 1).limit(limit + 1)
        with translated_errors():
            oldest = await cursor.to_list(limit + 1)
            gone = gone_count(oldest, before)
            if gone:
                await self._log.delete_many({"_id": {"$lt": oldest[gone]["_id"]}})
        return gone

    async def begin_epoch(self) -> None:
        """Make every cursor too old: after a restore, positions mean other events."""
        with translated_errors():
            new = {"$set": {"epoch": uuid4().hex}}
            await self._epochs.update_one({"_id": EPOCH_ID}, new, upsert=True)

    async def _begin(self, restored: str) -> None:
        with translated_errors():
            new = {"$set": {"epoch": uuid4().hex, "restored": restored}}
            # One document: of replicas that start together, the second finds nothing to change.
            other = {"_id": EPOCH_ID, "restored": {"$ne": restored}}
            begun = await self._epochs.update_one(other, new)
        if begun.modified_count:
            log.warning("a new epoch of the event log begins for restore %s", restored)

    async def _epoch(self) -> str:
        with translated_errors():
            found = await self._epochs.find_one({"_id": EPOCH_ID})
        assert found is not None, "ensure_epoch runs at start"
        return str(found["epoch"])

    async def _end(self, direction: int) -> Document | None:
        with translated_errors():
            return await self._log.find_one({}, {"first": 1}, sort=[("_id", direction)])
