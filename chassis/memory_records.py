"""Records in memory: the specification of `chassis.mongo_records`, and what tests run on.

Documents are kept as an engine would get them, so that every test of a store
also tests that its records come back as they went.
"""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any, TypeVar

from chassis.answers import (
    Kept,
    answer_to_document,
    cancellation_to_document,
    check_recent,
    kept_from_document,
    months_kept,
    months_read,
    months_written,
)
from chassis.changes import Changed
from chassis.clock import Clock, utc_now
from chassis.documents import is_forgotten, key_to_plain, records_from_documents
from chassis.events import MemoryLog
from chassis.records import (
    SELECT_MAX,
    Change,
    Document,
    Key,
    Kind,
    Outcome,
    RecordExistsError,
    Ref,
    State,
    Unreadable,
    Update,
    Where,
)
from chassis.requests import Request
from chassis.selection import Sortable, selected, sortable, values_at
from chassis.writes import Found, Kinds, event_to_document, removals, state_of, writes_of

A = TypeVar("A")
R = TypeVar("R")


class MemoryRecords:
    def __init__(
        self, kinds: Iterable[Kind[Any]], *, clock: Clock = utc_now, log: MemoryLog | None = None
    ) -> None:
        self._kinds = Kinds(kinds)
        self._clock = clock
        self.log = log or MemoryLog()
        self._documents: dict[str, dict[Sortable, Document]] = {
            kind.collection: {} for kind in self._kinds.all
        }
        self._answers: dict[str, dict[str, Document]] = {}

    async def ensure_indexes(self) -> None:
        await self.tend()

    async def tend(self) -> None:
        now = self._clock()
        self._answers = {month: self._answers.get(month, {}) for month in months_kept(now)}
        for rows in self._documents.values():
            for key in [key for key, document in rows.items() if is_forgotten(document, now)]:
                del rows[key]

    async def find(self, kind: Kind[R], key: Key) -> R | None:
        self._kinds.check(kind)
        return self._found({Ref(kind, key)}).find(kind, key)

    async def find_many(self, kind: Kind[R], keys: Iterable[Key]) -> dict[Key, R]:
        wanted = dict.fromkeys(keys)
        if len(wanted) > SELECT_MAX:
            raise ValueError(f"at most {SELECT_MAX} records are found at once")
        self._kinds.check(kind)
        found = self._found(Ref(kind, key) for key in wanted)
        records = {key: found.find(kind, key) for key in wanted}
        return {key: record for key, record in records.items() if record is not None}

    async def select(
        self, kind: Kind[R], where: Where, *, unreadable: Unreadable | None = None
    ) -> list[R]:
        self._kinds.check(kind)
        now = self._clock()
        rows = self._documents[kind.collection].values()
        there = [document for document in rows if not is_forgotten(document, now)]
        return records_from_documents(kind, selected(there, where), unreadable)

    async def update(
        self,
        refs: Iterable[Ref[Any]],
        change: Change[A],
        *,
        answer: type[A],
        request: Request | None = None,
        timeout_s: float,
    ) -> A:
        # No await from here on: nothing else runs between the read and the write.
        if request is not None:
            if (kept := self._kept(request)) is not None:
                return kept.give(request, answer, self._kinds.of(answer))
            check_recent(request, self._clock())
        found = {ref: self._find(ref) for ref in self._kinds.refs(refs)}
        changed = change(state_of(found, self._clock()))
        self._write(found, changed, answer, request)
        if request is None:
            return changed.answer
        kept = self._kept(request)
        assert kept is not None
        return kept.give(request, answer, self._kinds.of(answer))

    async def update_all(
        self,
        updates: Sequence[Update[Any]],
        *,
        timeout_s: float,
        patience_s: float | None = None,
    ) -> list[Outcome]:
        return [await self._outcome(update, timeout_s) for update in updates]

    async def _outcome(self, update: Update[Any], timeout_s: float) -> Outcome:
        try:
            return await self.update(
                update.refs,
                update.change,
                answer=update.answer,
                request=update.request,
                timeout_s=timeout_s,
            )
        except Exception as error:
            return error

    async def cancel(self, request: Request, *, timeout_s: float) -> bool:
        kept = self._kept(request)
        if kept is None:
            check_recent(request, self._clock())
            self._keep(cancellation_to_document(request))
        return kept is None or kept.cancelled

    def _found(self, refs: Iterable[Ref[Any]]) -> State:
        return state_of({ref: self._find(ref) for ref in refs}, self._clock())

    def _find(self, ref: Ref[Any]) -> Document | None:
        return self._documents[ref.kind.collection].get(sortable(key_to_plain(ref.key)))

    def _kept(self, request: Request) -> Kept | None:
        months = [self._answers.get(month, {}) for month in months_read(self._clock())]
        found = [month[request.key] for month in months if request.key in month]
        return kept_from_document(found[0]) if found else None

    def _keep(self, document: Document) -> None:
        for month in months_written(self._clock()):
            self._answers.setdefault(month, {})[document["_id"]] = document

    def _write(
        self, found: Found, changed: Changed[A], answer: type[A], request: Request | None
    ) -> None:
        now = self._clock()
        there = {ref for ref, document in found.items() if document is not None}
        removed = removals(self._kinds, there, changed)
        writes = writes_of(self._kinds, found, changed.records, removed)
        events = [event_to_document(event, now) for event in changed.events]
        kept = None
        if request is not None:
            kept = answer_to_document(request, changed.answer, self._kinds.of(answer))
        for ref in writes.inserted:
            if self._find(ref) is not None:
                raise RecordExistsError(ref.kind.collection, ("_id",))
        self._put({**writes.inserted, **writes.replaced})
        for ref in writes.removed:
            del self._documents[ref.kind.collection][sortable(key_to_plain(ref.key))]
        if kept is not None:
            self._keep(kept)
        self.log.append(events)

    def _put(self, documents: dict[Ref[Any], Document]) -> None:
        """All of them, or none where a unique index is broken."""
        for kind in {ref.kind for ref in documents}:
            rows = self._documents[kind.collection]
            new = {sortable(d["_id"]): d for ref, d in documents.items() if ref.kind is kind}
            check_unique(kind, rows, new)
        for ref, document in documents.items():
            self._documents[ref.kind.collection][sortable(document["_id"])] = document


def check_unique(
    kind: Kind[Any], rows: dict[Sortable, Document], new: dict[Sortable, Document]
) -> None:
    """Raises RecordExistsError, as an engine does when it keeps the index."""
    for fields in (index.fields for index in kind.indexes if index.unique):
        seen: set[Any] = set()
        for document in {**rows, **new}.values():
            entries = set(product(*(entries_at(document, name) for name in fields)))
            if not seen.isdisjoint(entries):
                raise RecordExistsError(kind.collection, fields)
            seen |= entries


def entries_at(document: Document, name: str) -> set[Sortable]:
    """A list has an entry for each item, what is missing has one for None."""
    found = [v for v in values_at(document, name.split(".")) if not isinstance(v, list | tuple)]
    return {sortable(value) for value in found or [None]}
