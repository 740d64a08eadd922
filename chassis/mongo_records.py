"""Records in MongoDB: a document each, an update in one transaction. Knows no aggregate."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from chassis import mongo_forgetting as forgetting
from chassis.answers import (
    PREFIX,
    Kept,
    answer_to_document,
    cancellation_to_document,
    check_recent,
    kept_from_documents,
    months_kept,
    months_read,
    months_written,
)
from chassis.changes import Changed
from chassis.clock import Clock, utc_now
from chassis.documents import key_to_plain, records_from_documents
from chassis.mongo import (
    BulkWriteError,
    Collection,
    ContendedError,
    Database,
    DuplicateKeyError,
    Session,
    patience,
    translated_errors,
)
from chassis.mongo_log import OUTBOX
from chassis.mongo_queries import index_model, query_of, query_of_ids
from chassis.mongo_writes import clash, insertions, replacements
from chassis.queues import Queues
from chassis.records import SELECT_MAX, Change, Document, Key, Kind, Ref, Unreadable, Where
from chassis.requests import Request
from chassis.selection import sortable
from chassis.writes import (
    Found,
    Kinds,
    event_to_document,
    record_unless_forgotten,
    state_of,
    writes_of,
)

A = TypeVar("A")
R = TypeVar("R")


class MongoRecords:
    """`committed` is called after each commit that left events in the outbox."""

    def __init__(
        self,
        database: Database,
        kinds: Iterable[Kind[Any]],
        *,
        clock: Clock = utc_now,
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._kinds = Kinds(kinds)
        self._clock = clock
        self._committed = committed
        self._queues = Queues()
        # Making one takes the driver longer than many a rule takes to decide.
        self._collections = {kind: database.collection(kind.collection) for kind in self._kinds.all}
        self._outbox = database.collection(OUTBOX)

    async def ensure_indexes(self) -> None:
        # A collection made inside a transaction makes others fail that use it at once.
        with patience():
            await self._create([*(kind.collection for kind in self._kinds.all), OUTBOX])
            with translated_errors():
                await asyncio.gather(*map(self._ensure_indexes_of, self._kinds.all))
            await self._tend_answers()

    async def _ensure_indexes_of(self, kind: Kind[Any]) -> None:
        models = list(map(index_model, kind.indexes))
        if kind.forget_time is not None:
            models.append(forgetting.INDEX)
        if models:
            await self._of(kind).create_indexes(models)

    async def tend(self) -> None:
        await self._tend_answers()
        for kind in self._kinds.all:
            if kind.forget_time is not None:
                await forgetting.sweep(self._of(kind), now=self._clock())

    async def _tend_answers(self) -> None:
        kept = months_kept(self._clock())
        await self._create(kept)
        with translated_errors():
            for name in await self._database.collection_names():
                if name.startswith(PREFIX) and name < kept[0]:
                    await self._database.collection(name).drop()

    async def find(self, kind: Kind[R], key: Key) -> R | None:
        self._kinds.check(kind)
        with translated_errors():
            document = await self._of(kind).find_one({"_id": key_to_plain(key)})
        if document is None:
            return None
        return record_unless_forgotten(kind, document, self._clock())

    async def find_many(self, kind: Kind[R], keys: Iterable[Key]) -> dict[Key, R]:
        self._kinds.check(kind)
        wanted = dict.fromkeys(keys)
        if len(wanted) > SELECT_MAX:
            raise ValueError(f"at most {SELECT_MAX} records are found at once")
        query = query_of_ids([key_to_plain(key) for key in wanted])
        with translated_errors():
            documents = await self._of(kind).find(query).to_list(len(wanted) or 1)
        now = self._clock()
        there = [record_unless_forgotten(kind, document, now) for document in documents]
        records = {kind.key(record): record for record in there if record is not None}
        return {key: records[key] for key in wanted if key in records}

    async def select(
        self, kind: Kind[R], where: Where, *, unreadable: Unreadable | None = None
    ) -> list[R]:
        self._kinds.check(kind)
        direction = -1 if where.descending else 1
        order = [(where.order, direction)] if where.order else []
        query = query_of(where)
        if kind.forget_time is not None:
            query = forgetting.unforgotten(query, now=self._clock())
        cursor = self._of(kind).find(query).sort([*order, ("_id", direction)])
        with translated_errors():
            documents = await cursor.limit(where.limit).to_list(where.limit)
        return records_from_documents(kind, documents, unreadable)

    async def update(
        self,
        refs: Iterable[Ref[Any]],
        change: Change[A],
        *,
        answer: type[A],
        request: Request | None = None,
        timeout_s: float,
    ) -> A:
        once, told = self._kinds.refs(refs), False

        async def work(session: Session) -> A:
            nonlocal told
            given, told = await self._once(once, change, answer, request, session)
            return given

        def committed() -> None:
            if told:
                self._committed()

        keys = [(r.kind.collection, r.key) for r in once if not r.kind.immutable]
        return await self._database.transaction(
            work, timeout_s=timeout_s, committed=committed, turn=lambda: self._queues.turn(keys)
        )

    async def _once(
        self,
        refs: tuple[Ref[Any], ...],
        change: Change[A],
        answer: type[A],
        request: Request | None,
        session: Session,
    ) -> tuple[A, bool]:
        """The answer, kept or made now, and whether events went with it."""
        if request is not None:
            if (kept := await self._kept(request)) is not None:
                return kept.give(request, answer, self._kinds.of(answer)), False
            check_recent(request, self._clock())
        found = await self._read(refs, session)
        try:
            changed = change(state_of(found, self._clock()))
        except Exception as error:
            # A repeat of ours may have been done since we looked, and what it did may be what
            # the change objects to. Only this snapshot tells, the majority comes later.
            if request is not None and await self._is_answered(request, session):
                raise ContendedError("a repeat was first") from error
            raise
        if request is not None:
            document = answer_to_document(request, changed.answer, self._kinds.of(answer))
            await self._insert_answers(months_written(self._clock()), document, session)
        await self._write(found, changed, session)
        return changed.answer, bool(changed.events)

    async def _is_answered(self, request: Request, session: Session) -> bool:
        for name in months_written(self._clock()):
            answers = self._database.collection(name)
            if await answers.find_one({"_id": request.key}, {"_id": 1}, session=session):
                return True
        return False

    async def cancel(self, request: Request, *, timeout_s: float) -> bool:
        async def work(session: Session) -> bool:
            kept = await self._kept(request)
            if kept is not None:
                return kept.cancelled
            check_recent(request, self._clock())
            # Where an update at the same time puts its answer, so that one of them fails.
            names = months_written(self._clock())
            await self._insert_answers(names, cancellation_to_document(request), session)
            return True

        return await self._database.transaction(work, timeout_s=timeout_s)

    def _of(self, kind: Kind[Any]) -> Collection:
        return self._collections[kind]

    async def _create(self, names: Iterable[str]) -> None:
        """Together, since each waits for the disk."""
        missing = set(names) - await self._database.collection_names()
        await asyncio.gather(*map(self._database.create_collection, missing))

    async def _kept(self, request: Request) -> Kept | None:
        """In one round trip, which no transaction allows, and before it begins.

        What is kept between this look and the transaction lies where the
        transaction puts its own answer: it fails, and looks again.
        """
        first, *others = months_read(self._clock())
        match: Document = {"$match": {"_id": request.key}}
        unions = [{"$unionWith": {"coll": name, "pipeline": [match]}} for name in others]
        return kept_from_documents(await self._database.aggregate(first, [match, *unions]))

    async def _read(self, refs: tuple[Ref[Any], ...], session: Session) -> Found:
        found: dict[Ref[Any], Document | None] = dict.fromkeys(refs)
        for kind in dict.fromkeys(ref.kind for ref in refs):
            ids = {ref: key_to_plain(ref.key) for ref in refs if ref.kind is kind}
            cursor = self._of(kind).find(query_of_ids(list(ids.values())), session=session)
            if documents := await cursor.to_list(len(ids)):
                by_id = {sortable(at): ref for ref, at in ids.items()}
                found |= {by_id[sortable(document["_id"])]: document for document in documents}
        return found

    async def _write(self, found: Found, changed: Changed[Any], session: Session) -> None:
        """Inserts first: a row that others wait for is locked for the shortest time."""
        writes = writes_of(self._kinds, found, changed.records)
        if changed.events:
            now = self._clock()
            events = [event_to_document(event, now) for event in changed.events]
            await self._outbox.insert_many(events, session=session)
        for kind, operations in [*insertions(writes), *replacements(writes)]:
            try:
                await self._of(kind).bulk_write(operations, session=session)
            except BulkWriteError as error:
                raise clash(error, kind, found) from error

    async def _insert_answers(
        self, names: Iterable[str], document: Document, session: Session
    ) -> None:
        try:
            for name in names:
                await self._database.collection(name).insert_one(document, session=session)
        except DuplicateKeyError as error:
            raise ContendedError("the same request was done meanwhile") from error
