"""`Where`, decided in memory as MongoDB decides it. Knows no store."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain
from typing import Any, TypeAlias

from chassis.documents import key_to_plain, value_to_plain
from chassis.records import Document, Where

Sortable: TypeAlias = tuple[Any, ...]


def selected(documents: list[Document], where: Where) -> list[Document]:
    """Those that `where` selects, in its order."""
    found = [document for document in documents if matches(document, where)]

    def place(document: Document) -> Sortable:
        return sortable(one_value(document, where.order)), sortable(document["_id"])

    found.sort(key=place, reverse=where.descending)
    if where.after is not None:
        value, key = where.after
        plain = key_to_plain(key)
        limit = sortable(value_to_plain(value) if where.order else plain), sortable(plain)
        found = [d for d in found if is_behind(place(d), limit, where.descending)]
    return found[: where.limit]


def matches(document: Document, where: Where) -> bool:
    return (
        all(is_one_of(document, name, [value]) for name, value in where.equal.items())
        and all(is_one_of(document, name, values) for name, values in where.one_of.items())
        and all(
            compares(document, name, value, lambda a, b: a <= b)
            for name, value in where.at_most.items()
        )
        and all(
            compares(document, name, value, lambda a, b: a > b)
            for name, value in where.above.items()
        )
    )


def is_one_of(document: Document, name: str, values: Any) -> bool:
    wanted = {sortable(value_at(name, value)) for value in values}
    found = {sortable(value) for value in values_at(document, name.split("."))}
    return not wanted.isdisjoint(found or {sortable(None)})


def compares(
    document: Document, name: str, value: object, holds: Callable[[Any, Any], bool]
) -> bool:
    limit = sortable(value_at(name, value))
    found = (sortable(item) for item in values_at(document, name.split(".")))
    return any(item[0] == limit[0] and holds(item, limit) for item in found)


def is_behind(place: Sortable, limit: Sortable, descending: bool) -> bool:
    return place < limit if descending else place > limit


def one_value(document: Document, name: str) -> Any:
    values = list(values_at(document, (name or "_id").split(".")))
    if len(values) != 1 or values[0] is None:
        raise ValueError(f"{document['_id']} has no one value of {name} to go by")
    return values[0]


def value_at(name: str, value: Any) -> Any:
    """As it is kept there: a tuple with names is a document as a key, else an array."""
    return key_to_plain(value) if name == "_id" else value_to_plain(value)


def values_at(value: Any, path: list[str]) -> Iterator[Any]:
    """What a dotted path reaches; a list is looked into, and stands for itself too."""
    if not path:
        yield value
        if isinstance(value, list | tuple):
            yield from value
    elif isinstance(value, dict):
        if path[0] in value:
            yield from values_at(value[path[0]], path[1:])
    elif isinstance(value, list | tuple):
        items = (values_at(item, path) for item in value if isinstance(item, dict))
        yield from chain.from_iterable(items)


def sortable(value: Any) -> Sortable:
    """Compares as MongoDB does: by type first, maps by their fields in order."""
    if value is None:
        return (0,)
    if isinstance(value, bool):
        return 8, value
    if isinstance(value, int | float):
        return 1, value
    if isinstance(value, str):
        return 2, value.encode()
    if isinstance(value, dict):
        items = ((name, sortable(item)) for name, item in value.items())
        return 3, tuple((item[0], name, item) for name, item in items)
    if isinstance(value, list | tuple):
        return 4, tuple(sortable(item) for item in value)
    if isinstance(value, bytes):
        return 5, len(value), value
    assert isinstance(value, datetime)
    return 9, value
