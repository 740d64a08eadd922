"""What an update writes, as operations of the driver, and what their refusals mean. Pure."""

from collections.abc import Iterable
from typing import Any, TypeAlias

from chassis.documents import key_to_plain
from chassis.mongo import (
    BulkWriteError,
    ContendedError,
    DeleteMany,
    DeleteOne,
    InsertOne,
    ReplaceOne,
    UpdateOne,
)
from chassis.records import Kind, RecordExistsError
from chassis.selection import sortable
from chassis.writes import Found, Writes

Operations: TypeAlias = tuple[Kind[Any], list[Any]]

DUPLICATE_CODE = 11000


def insertions(writes: Writes) -> list[Operations]:
    """New records; and each absence that decided, as a record made and unmade.

    That leaves nothing but a conflict with whoever makes it.
    """
    operations: list[tuple[Kind[Any], Any]] = [
        (ref.kind, InsertOne(document)) for ref, document in writes.inserted.items()
    ]
    for ref in writes.absent:
        nothing = {"_id": key_to_plain(ref.key)}
        operations += [(ref.kind, InsertOne(nothing)), (ref.kind, DeleteOne(nothing))]
    return by_kind(operations)


def removals(writes: Writes) -> list[Operations]:
    """Of each kind all at once: a thousand by themselves take three times as long."""
    ids: dict[Kind[Any], list[Any]] = {}
    for ref in writes.removed:
        ids.setdefault(ref.kind, []).append(key_to_plain(ref.key))
    return [(kind, [DeleteMany({"_id": {"$in": its}})]) for kind, its in ids.items()]


def replacements(writes: Writes) -> list[Operations]:
    operations: list[tuple[Kind[Any], Any]] = [
        (ref.kind, ReplaceOne({"_id": document["_id"]}, document))
        for ref, document in writes.replaced.items()
    ]
    touch = {"$inc": {"touched": 1}}
    for ref in writes.touched:
        operations.append((ref.kind, UpdateOne({"_id": key_to_plain(ref.key)}, touch)))
    return by_kind(operations)


def by_kind(operations: Iterable[tuple[Kind[Any], Any]]) -> list[Operations]:
    grouped: dict[Kind[Any], list[Any]] = {}
    for kind, operation in operations:
        grouped.setdefault(kind, []).append(operation)
    return list(grouped.items())


def clash(error: BulkWriteError, kind: Kind[Any], found: Found) -> Exception:
    """What to raise when something is there already, or `error` itself."""
    first = error.details["writeErrors"][0]
    if first["code"] != DUPLICATE_CODE:
        return error
    fields = tuple(first["keyPattern"])
    absent = {sortable(key_to_plain(ref.key)) for ref in found if ref.kind is kind}
    if fields == ("_id",) and sortable(first["keyValue"]["_id"]) in absent:
        return ContendedError("another writer made the same record meanwhile")
    return RecordExistsError(kind.collection, fields)
