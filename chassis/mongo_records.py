"""Records in MongoDB: a document each, an update in one transaction. Knows no aggregate."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from copy import copy
from typing import Any, TypeVar, cast

from chassis import mongo_forgetting as forgetting
from chassis.answers import Kept, cancellation_to_document, check_recent
from chassis.batches import Batch, NotTogetherError, refs_of
from chassis.clock import Clock, utc_now
from chassis.documents import hashable, is_forgotten, key_to_plain, records_from_documents
from chassis.errors import AppError
from chassis.mongo import (
    BulkWriteError,
    Collection,
    ContendedError,
    Database,
    Session,
    patience,
    translated_errors,
)
from chassis.mongo_answers import MongoAnswers
from chassis.mongo_log import OUTBOX
from chassis.mongo_queries import index_model, query_of, query_of_ids
from chassis.mongo_writes import clash, insertions, removals, replacements
from chassis.packing import packed
from chassis.queues import Queues
from chassis.records import (
    SELECT_MAX,
    Change,
    Document,
    Key,
    Kind,
    Outcome,
    Ref,
    Unreadable,
    Update,
    Where,
)
from chassis.requests import Request
from chassis.writes import (
    Found,
    Kinds,
    event_to_document,
    readable_of,
    record_unless_forgotten,
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
        self._answers = MongoAnswers(database, clock=clock)

    async def ensure_indexes(self) -> None:
        # A collection made inside a transaction makes others fail that use it at once.
        with patience():
            await self._database.create_missing(
                [*(kind.collection for kind in self._kinds.all), OUTBOX]
            )
            with translated_errors():
                await asyncio.gather(*map(self._ensure_indexes_of, self._kinds.all))
            await self._answers.tend()

    async def _ensure_indexes_of(self, kind: Kind[Any]) -> None:
        models = list(map(index_model, kind.indexes))
        if kind.forget_time is not None:
            models.append(forgetting.INDEX)
        if models:
            await self._of(kind).create_indexes(models)

    async def tend(self) -> None:
        await self._answers.tend()
        for kind in self._kinds.all:
            if kind.forget_time is not None:
                await forgetting.sweep(self._of(kind), now=self._clock())

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
        there = [document for document in documents if not is_forgotten(document, now)]
        records = {kind.key(each): each for each in records_from_documents(kind, there)}
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
        update = Update(refs=tuple(refs), change=change, answer=answer, request=request)
        [outcome] = await self._commit((update,), timeout_s)
        if isinstance(outcome, Exception):
            raise outcome
        given: A = outcome
        return given

    async def update_all(
        self,
        updates: Sequence[Update[Any]],
        *,
        timeout_s: float,
        patience_s: float | None = None,
    ) -> list[Outcome]:
        ends_s = time.monotonic() + timeout_s
        return await self._in_parts(updates, ends_s, patience_s)

    async def _in_parts(
        self, updates: Sequence[Update[Any]], ends_s: float, patience_s: float | None
    ) -> list[Outcome]:
        """Together; or, where the store refuses that for one of them, each half by itself.

        So one that can never be written costs the others some tries, and not their own writes.
        """
        try:
            return await self._commit(updates, ends_s - time.monotonic(), patience_s)
        except AppError:
            raise  # The engine's, which says nothing of any of them.
        except Exception as error:
            if len(updates) == 1:
                return [error]
        half = len(updates) // 2
        first, rest = await self._in_parts(updates[:half], ends_s, patience_s), updates[half:]
        try:
            return [*first, *await self._in_parts(rest, ends_s, patience_s)]
        except AppError as error:
            # The first are written: whoever was told this of all would write those again.
            return [*first, *(copy(error) for _ in rest)]

    async def _commit(
        self,
        updates: Sequence[Update[Any]],
        timeout_s: float,
        patience_s: float | None = None,
    ) -> list[Outcome]:
        """What each comes to, all in one transaction."""
        refs, told = self._kinds.refs(refs_of(updates)), False

        async def work(session: Session) -> list[Outcome]:
            nonlocal told
            outcomes, batch = await self._decided(updates, refs, session)
            told = bool(batch.events)
            return outcomes

        def committed() -> None:
            if told:
                self._committed()

        keys = [(r.kind.collection, r.key) for r in refs if not r.kind.immutable]
        return await self._database.transaction(
            work,
            timeout_s=timeout_s,
            patience_s=patience_s,
            committed=committed,
            turn=lambda: self._queues.turn(keys),
        )

    async def _decided(
        self, updates: Sequence[Update[Any]], refs: tuple[Ref[Any], ...], session: Session
    ) -> tuple[list[Outcome], Batch]:
        """What each comes to, and what was written of it."""
        requests = {u.request.key for u in updates if u.request is not None}
        # The look at the answers may be older than the snapshot or younger: what one of both
        # misses, the other sees, or the answer's own place does when it is written.
        kept, documents = await both(self._answers.kept(requests), self._read(refs, session))
        now = self._clock()
        found = readable_of(documents, now)
        batch = Batch(kinds=self._kinds, found=found, kept=kept, now=now)
        outcomes = [batch.attempt(update) for update in updates]
        if batch.is_blurred:
            raise NotTogetherError
        await self._check_first(updates, outcomes, kept, session)
        await self._answers.insert(batch.answers(), session)
        await self._write({ref: documents[ref] for ref in batch.refs}, batch, session)
        return outcomes, batch

    async def _check_first(
        self,
        updates: Sequence[Update[Any]],
        outcomes: Sequence[Outcome],
        kept: Mapping[str, Kept],
        session: Session,
    ) -> None:
        """A repeat of a request may have been done since we looked, and what it did may be what
        a change objects to. Only this snapshot tells, the majority comes later."""
        refused = [
            update.request.key
            for update, outcome in zip(updates, outcomes, strict=True)
            if isinstance(outcome, Exception)
            and update.request is not None
            and update.request.key not in kept
        ]
        if refused and await self._answers.among(refused, session):
            raise ContendedError("a repeat was first")

    async def cancel(self, request: Request, *, timeout_s: float) -> bool:
        async def work(session: Session) -> bool:
            kept = (await self._answers.kept([request.key])).get(request.key)
            if kept is not None:
                return kept.cancelled
            check_recent(request, self._clock())
            # Where an update at the same time puts its answer, so that one of them fails.
            await self._answers.insert([cancellation_to_document(request)], session)
            return True

        return await self._database.transaction(work, timeout_s=timeout_s)

    def _of(self, kind: Kind[Any]) -> Collection:
        return self._collections[kind]

    async def _read(self, refs: tuple[Ref[Any], ...], session: Session) -> Found:
        found: dict[Ref[Any], Document | None] = dict.fromkeys(refs)
        for kind in dict.fromkeys(ref.kind for ref in refs):
            ids = {ref: key_to_plain(ref.key) for ref in refs if ref.kind is kind}
            cursor = self._of(kind).find(query_of_ids(list(ids.values())), session=session)
            if documents := await cursor.to_list(len(ids)):
                by_id = {hashable(at): ref for ref, at in ids.items()}
                found |= {by_id[hashable(document["_id"])]: document for document in documents}
        return found

    async def _write(self, found: Found, batch: Batch, session: Session) -> None:
        """Inserts first: a row that others wait for is locked for the shortest time."""
        plain = batch.plains.of
        writes = writes_of(
            self._kinds, found, batch.records.values(), batch.removed, to_plain=plain
        )
        if batch.events:
            events = [event_to_document(e, batch.now, to_plain=plain) for e in batch.events]
            await self._outbox.insert_many(packed(events), session=session)
        for kind, operations in [*insertions(writes), *removals(writes), *replacements(writes)]:
            try:
                await self._of(kind).bulk_write(operations, session=session)
            except BulkWriteError as error:
                raise clash(error, kind, found) from error


async def both(first: Awaitable[A], second: Awaitable[R]) -> tuple[A, R]:
    """At once. Raises when both have ended: a session must rest before it is given up."""
    given = await asyncio.gather(first, second, return_exceptions=True)
    for each in given:
        if isinstance(each, BaseException):
            raise each
    return cast(tuple[A, R], given)
