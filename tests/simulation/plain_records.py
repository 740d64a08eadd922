"""Records as the values they are: what `MemoryRecords` promises, at a tenth of its cost.

Every call rests for a moment before and behind what it does, where its process may die. What
it does itself is one step, as a transaction is. `tests/simulation/test_plain_records.py` holds
it to what `MemoryRecords` does, of which it has what a simulated rule asks for.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import coroutine
from typing import Any, Protocol, TypeVar

from chassis.changes import Changed
from chassis.documents import key_to_plain, record_to_document
from chassis.records import (
    Change,
    ImmutableRecordError,
    Key,
    Kind,
    NotReadError,
    RecordExistsError,
    Ref,
    State,
    Unreadable,
    Where,
)
from chassis.requests import Request, RequestCancelledError
from chassis.selection import selected
from chassis.writes import Kinds

A = TypeVar("A")
R = TypeVar("R")


@coroutine
def a_moment() -> Generator[None, None, None]:
    """Where whoever schedules may let others go first, or end it all."""
    yield


class Witness(Protocol):
    """Is told of each decision at the instant at which it is made."""

    def wrote(self, refs: Sequence[Ref[Any]], changed: Changed[Any]) -> None: ...

    def refused(self, error: Exception) -> None: ...

    def repeated(self, answer: object) -> None: ...

    def cancelled(self, is_refused_now: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """`request` that was done, or cancelled: then there is no answer."""

    request: Request
    answer: object = None
    is_cancelled: bool = False


class PlainRecords:
    def __init__(self, kinds: Iterable[Kind[Any]], witness: Witness) -> None:
        self._kinds = Kinds(kinds)
        self._witness = witness
        self.records: dict[Ref[Any], Any] = {}
        self._kept: dict[str, Kept] = {}

    async def find(self, kind: Kind[R], key: Key) -> R | None:
        await a_moment()
        found: R | None = self.records.get(Ref(kind, key))
        return found

    async def find_many(self, kind: Kind[R], keys: Iterable[Key]) -> dict[Key, R]:
        await a_moment()
        found = {key: self.records.get(Ref(kind, key)) for key in keys}
        return {key: record for key, record in found.items() if record is not None}

    async def select(
        self, kind: Kind[R], where: Where, *, unreadable: Unreadable | None = None
    ) -> list[R]:
        await a_moment()
        return selected_of(self.records, kind, where)

    async def update(
        self,
        refs: Iterable[Ref[Any]],
        change: Change[A],
        *,
        answer: type[A],
        request: Request | None = None,
        timeout_s: float,
    ) -> A:
        await a_moment()
        try:
            given = self._decided(list(dict.fromkeys(refs)), change, request)
        except Exception as error:
            self._witness.refused(error)
            raise
        await a_moment()
        return given

    async def cancel(self, request: Request, *, timeout_s: float) -> bool:
        await a_moment()
        kept = self._kept.setdefault(request.key, Kept(request, is_cancelled=True))
        self._witness.cancelled(kept.is_cancelled)
        await a_moment()
        return kept.is_cancelled

    def _decided(self, refs: list[Ref[Any]], change: Change[A], request: Request | None) -> A:
        if request is not None and (kept := self._kept.get(request.key)) is not None:
            given: A = repeated(kept, request)
            self._witness.repeated(given)
            return given
        read = {ref: self.records.get(ref) for ref in refs}
        changed = change(State(read))
        self._put(read, changed.records)
        self._remove(read, changed.removed)
        if request is not None:
            self._kept[request.key] = Kept(request, changed.answer)
        self._witness.wrote(refs, changed)
        return changed.answer

    def _put(self, read: dict[Ref[Any], Any], records: Sequence[object]) -> None:
        """All of them or none. Raises RecordExistsError, ImmutableRecordError."""
        written = {self._kinds.ref(record): record for record in records}
        if len(written) < len(records):
            raise ValueError("a change returned a record twice")
        for ref in written:
            is_there = self.records.get(ref) is not None
            if is_there and ref not in read:
                raise RecordExistsError(ref.kind.collection, ("_id",))
            if is_there and ref.kind.immutable:
                raise ImmutableRecordError(f"{ref.kind.collection} {ref.key} is never replaced")
        self.records |= written

    def _remove(self, read: dict[Ref[Any], Any], removed: Sequence[object]) -> None:
        """Raises NotReadError."""
        for ref in map(self._kinds.ref, removed):
            if read.get(ref) is None:
                raise NotReadError(f"{ref.kind.collection} {ref.key} was not found")
            del self.records[ref]


def selected_of(records: Mapping[Ref[Any], Any], kind: Kind[R], where: Where) -> list[R]:
    # Before documents are made of them, which costs most: those that may be meant.
    whole = {name: value for name, value in where.equal.items() if "." not in name}
    there = {
        repr(key_to_plain(ref.key)): (ref, record)
        for ref, record in records.items()
        if ref.kind is kind and all(getattr(record, n) == v for n, v in whole.items())
    }
    documents = [record_to_document(ref, record, touched=0) for ref, record in there.values()]
    return [there[repr(document["_id"])][1] for document in selected(documents, where)]


def repeated(kept: Kept, request: Request) -> Any:
    """Raises RequestCancelledError, RequestIdReusedError."""
    if kept.is_cancelled:
        raise RequestCancelledError("cancelled before it came", request_id=request.request_id)
    request.check_repeat(kept.request.body_hash)
    return kept.answer
