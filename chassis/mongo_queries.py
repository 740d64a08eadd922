"""What the record store asks and keeps sorted, in the engine's own words."""

from typing import Any

from chassis.documents import key_to_plain, value_to_plain
from chassis.mongo import IndexModel
from chassis.records import Document, Index, Key, Where
from chassis.selection import value_at


def index_model(index: Index) -> IndexModel:
    keys = [(name, -1 if name in index.descending else 1) for name in index.fields]
    return IndexModel(keys, unique=index.unique)


def query_of_ids(ids: list[Any]) -> Document:
    # The engine plans a query for a list, even for a list of one, and none for an id.
    return {"_id": ids[0] if len(ids) == 1 else {"$in": ids}}


def query_of(where: Where) -> Document:
    conditions: list[Document] = []
    compared = (("$eq", where.equal), ("$lte", where.at_most), ("$gt", where.above))
    for operator, values in compared:
        conditions += [{n: {operator: value_at(n, value)}} for n, value in values.items()]
    for name, items in where.one_of.items():
        conditions.append({name: {"$in": [value_at(name, item) for item in items]}})
    if where.after is not None:
        conditions += behind(where, *where.after)
    return {"$and": conditions} if conditions else {}


def behind(where: Where, value: object, key: Key) -> list[Document]:
    further = "$lt" if where.descending else "$gt"
    behind_key = {"_id": {further: key_to_plain(key)}}
    if not where.order:
        return [behind_key]
    plain = value_to_plain(value)
    either = [{where.order: {further: plain}}, {where.order: plain, **behind_key}]
    return [{where.order: {further + "e": plain}}, {"$or": either}]
