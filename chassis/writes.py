"""What an update has to write, worked out from what it read. Pure, the same for every store."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, TypeVar

from chassis.changes import Changed, Event
from chassis.documents import (
    RESERVED,
    ToPlain,
    fields_to_plain,
    is_forgotten,
    record_from_document,
    record_to_document,
    value_to_plain,
)
from chassis.records import Document, ImmutableRecordError, Kind, NotReadError, Ref, State

R = TypeVar("R")

Found = Mapping[Ref[Any], Document | None]


@dataclass(frozen=True, slots=True)
class Writes:
    """The documents to insert and to replace, the refs of those to delete, and the refs that must
    conflict all the same."""

    inserted: dict[Ref[Any], Document] = field(default_factory=dict)
    replaced: dict[Ref[Any], Document] = field(default_factory=dict)
    removed: list[Ref[Any]] = field(default_factory=list)
    touched: list[Ref[Any]] = field(default_factory=list)
    absent: list[Ref[Any]] = field(default_factory=list)


class Kinds:
    """The kinds that one store keeps, by type of record."""

    def __init__(self, kinds: Iterable[Kind[Any]]) -> None:
        self.all = tuple(kinds)
        self._by_type = {kind.type: kind for kind in self.all}
        collections = {kind.collection for kind in self.all}
        if not len(self.all) == len(self._by_type) == len(collections):
            raise ValueError("two kinds keep the same type or use the same collection")
        for kind in self.all:
            check_fields(kind.type)

    def ref(self, record: object) -> Ref[Any]:
        kind = self._by_type.get(type(record))
        if kind is None:
            raise TypeError(f"no kind of this store keeps {type(record).__name__}")
        return Ref(kind, kind.key(record))

    def of(self, type_: type[R]) -> Kind[R] | None:
        """What keeps records of this type; None for what is no record of this store."""
        return self._by_type.get(type_)

    def check(self, kind: Kind[Any]) -> None:
        if self._by_type.get(kind.type) is not kind:
            raise TypeError(f"this store does not keep {kind.collection}")

    def refs(self, refs: Iterable[Ref[Any]]) -> tuple[Ref[Any], ...]:
        """Each once, in order."""
        once = tuple(dict.fromkeys(refs))
        for ref in once:
            self.check(ref.kind)
        return once


def check_fields(type_: type[Any]) -> None:
    """Raises ValueError where the store would write over a field of the record."""
    if taken := RESERVED & {each.name for each in fields(type_)}:
        raise ValueError(f"{type_.__name__} has fields named as the store's: {sorted(taken)}")


def state_of(found: Found, now: datetime) -> State:
    return State(records_of(found, now))


def records_of(found: Found, now: datetime) -> dict[Ref[Any], object | None]:
    return {
        ref: None if document is None else record_unless_forgotten(ref.kind, document, now)
        for ref, document in found.items()
    }


@dataclass(frozen=True, slots=True)
class Unread:
    """What lies there in the place of a record that cannot be read: a matter of who wants it."""

    error: Exception


def readable_of(found: Found, now: datetime) -> dict[Ref[Any], object | None]:
    """As `records_of`, with what cannot be read among them."""
    return {ref: record_or_unread(ref, document, now) for ref, document in found.items()}


def record_or_unread(ref: Ref[Any], document: Document | None, now: datetime) -> object | None:
    try:
        return document and record_unless_forgotten(ref.kind, document, now)
    except Exception as error:  # An upgrade may stumble over anything in what nobody foresaw.
        return Unread(error)


def record_unless_forgotten(kind: Kind[R], document: Document, now: datetime) -> R | None:
    return None if is_forgotten(document, now) else record_from_document(kind, document)


def writes_of(
    kinds: Kinds,
    found: Found,
    records: Iterable[object],
    removed: Iterable[Ref[Any]] = (),
    *,
    to_plain: ToPlain = fields_to_plain,
) -> Writes:
    """Raises ImmutableRecordError."""
    writes = Writes(removed=list(removed))
    for record in records:
        ref = kinds.ref(record)
        if ref in writes.inserted or ref in writes.replaced:
            raise ValueError(f"a change returned {ref.kind.collection} {ref.key} twice")
        before = found.get(ref)
        if before is None:
            writes.inserted[ref] = record_to_document(ref, record, touched=0, to_plain=to_plain)
        elif ref.kind.immutable:
            raise ImmutableRecordError(f"{ref.kind.collection} {ref.key} is never replaced")
        else:
            touched = before["touched"] + 1
            document = record_to_document(ref, record, touched=touched, to_plain=to_plain)
            writes.replaced[ref] = document
    add_conflicts(writes, found)
    return writes


def removals(kinds: Kinds, found: Container[Ref[Any]], changed: Changed[Any]) -> list[Ref[Any]]:
    """What the change takes out of what was found. Raises NotReadError, ValueError."""
    if not changed.removed:
        return []
    refs = [kinds.ref(record) for record in changed.removed]
    for ref in refs:
        if ref not in found:
            raise NotReadError(f"{ref.kind.collection} {ref.key} is removed, and was not found")
    kept = {kinds.ref(record) for record in changed.records}
    if len(set(refs)) < len(refs) or not kept.isdisjoint(refs):
        raise ValueError("a change removed a record twice, or returned it too")
    # Whether another one may take its place in the index would hang on which is written first.
    if any(map(has_unique, refs)):
        raise ValueError("what a unique index guards is not removed")
    return refs


def has_unique(ref: Ref[Any]) -> bool:
    return any(index.unique for index in ref.kind.indexes)


def add_conflicts(writes: Writes, found: Found) -> None:
    """What was only read, but decided: left unwritten, two such writes could both commit."""
    written = {*writes.inserted, *writes.replaced, *writes.removed}
    for ref, document in found.items():
        if ref in written:
            continue
        if document is None:
            writes.absent.append(ref)
        elif not ref.kind.immutable:
            writes.touched.append(ref)


def event_to_document(
    event: Event, now: datetime, *, to_plain: ToPlain = value_to_plain
) -> Document:
    detail = to_plain(event.detail)
    if event.untold:
        detail = {name: value for name, value in detail.items() if name not in event.untold}
    return {
        "name": event.name,
        "key": event.key,
        "revision": event.revision,
        "detail": detail,
        "occur_time": to_plain(now),
        **({"kind": event.kind} if event.kind else {}),
    }
