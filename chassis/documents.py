"""Records to documents and back, the same for every store. Knows no engine.

A document holds plain values: text, numbers, truth, bytes, times, None, lists
and maps of text to these. What would not come back as it went is refused here.
"""

from collections.abc import Callable, Iterable
from dataclasses import is_dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import GenericAlias
from typing import Any, TypeAlias, TypeVar, cast

import msgspec

from chassis.records import Document, Key, Kind, Ref, Unreadable

# Makes plain values of one; see `Plains`.
ToPlain: TypeAlias = Callable[[Any], Any]
T = TypeVar("T")
R = TypeVar("R")

FORGET_TIME = "forget_time"
RESERVED = frozenset({"_id", "schema", "touched", FORGET_TIME})
INT_MIN, INT_MAX = -(2**63), 2**63 - 1
NAMES_MAX = 4096


class UnkeepableValueError(Exception):
    """A value that no engine would give back as it was."""


class UnknownSchemaError(Exception):
    """A document of a schema that this program cannot read."""


def value_to_plain(value: object) -> Any:
    """Raises UnkeepableValueError."""
    plain = to_builtins(value)
    check_plain((plain,))
    return plain


def fields_to_plain(record: object) -> Document:
    """Raises UnkeepableValueError. Names of fields are Python's: no engine objects to them."""
    plain: Document = to_builtins(record)
    check_plain(plain.values())
    return plain


class Plains:
    """What one write leaves behind as plain values, each made once: a row is kept and told of, a
    reservation is kept and is the answer.

    It knows values by their identity, and so holds those that it has seen.
    """

    def __init__(self) -> None:
        self._made: dict[int, tuple[object, Any]] = {}

    def of(self, value: object) -> Any:
        """The same each time, so nobody may change it. Raises UnkeepableValueError."""
        made = self._made.get(id(value))
        if made is None:
            plain = fields_to_plain(value) if is_dataclass(value) else value_to_plain(value)
            made = self._made[id(value)] = value, plain
        return made[1]


def to_builtins(value: object) -> Any:
    return msgspec.to_builtins(value, builtin_types=(datetime, bytes), str_keys=True)


def value_from_plain(plain: Any, to: type[T]) -> T:
    return msgspec.convert(plain, to, builtin_types=(datetime, bytes), str_keys=True)


def key_to_plain(key: Key) -> Any:
    """A str, or a document with the tuple's field names in order."""
    if isinstance(key, str):
        return key if type(key) is str and key.isascii() else value_to_plain(str(key))
    return {
        # Nearly all are plain text, and an import of a thousand rows asks for five thousand keys.
        name: part if type(part) is str and part.isascii() else key_part_to_plain(part)
        for name, part in zip(key._fields, key, strict=True)
    }


def key_part_to_plain(part: Any) -> Any:
    return key_to_plain(part) if hasattr(part, "_fields") else value_to_plain(part)


def hashable(plain: Any) -> Any:
    """What tells apart the plain keys of one kind, whose parts have the same names in order."""
    return tuple(map(hashable, plain.values())) if type(plain) is dict else plain


def record_to_document(
    ref: Ref[R], record: R, *, touched: int, to_plain: ToPlain = fields_to_plain
) -> Document:
    """`touched` must differ from one write to the next.

    MongoDB skips a replacement that changes nothing, and conflicts with no one then.
    """
    kind = ref.kind
    document = {
        **downgraded(kind, to_plain(record)),
        "_id": key_to_plain(ref.key),
        "schema": kind.written,
        "touched": touched,
    }
    forget_time = None if kind.forget_time is None else kind.forget_time(record)
    if forget_time is not None:
        document[FORGET_TIME] = value_to_plain(forget_time)
    return document


def downgraded(kind: Kind[Any], plain: Document) -> Document:
    """As the release before reads it, for as long as the kind says so."""
    for schema in range(kind.schema - 1, kind.written - 1, -1):
        plain = kind.downgrades[schema](plain)
    return plain


def is_forgotten(document: Document, now: datetime) -> bool:
    """Whether it has had its time, so that no read may find it, though it still lies there."""
    return FORGET_TIME in document and bool(document[FORGET_TIME] <= now)


def record_from_document(kind: Kind[R], document: Document) -> R:
    """Raises UnknownSchemaError."""
    schema = document["schema"]
    while schema != kind.schema:
        if schema > kind.schema or schema not in kind.upgrades:
            raise UnknownSchemaError(f"{kind.collection} {document['_id']} has schema {schema}")
        document = kind.upgrades[schema](document)
        schema += 1
    return value_from_plain(document, kind.type)


def records_from_documents(
    kind: Kind[R], documents: Iterable[Document], unreadable: Unreadable | None = None
) -> list[R]:
    """Without those that cannot be read, where `unreadable` is told of them."""
    documents = list(documents)
    if (alike := records_alike(kind, documents)) is not None:
        return alike
    records: list[R] = []
    for document in documents:
        try:
            records.append(record_from_document(kind, document))
        except Exception as error:  # An upgrade may stumble over anything in what nobody foresaw.
            if unreadable is None:
                raise
            unreadable(str(document["_id"]), error)
    return records


def records_alike(kind: Kind[R], documents: list[Document]) -> list[R] | None:
    """All at once, in a third of the time; None where one is of another schema, or cannot be
    read: then each is looked at."""
    if any(document["schema"] != kind.schema for document in documents):
        return None
    every: Any = GenericAlias(list, (kind.type,))
    try:
        return cast(list[R], value_from_plain(documents, every))
    except msgspec.ValidationError:
        return None


def check_plain(values: Iterable[Any]) -> None:
    """Raises UnkeepableValueError.

    Runs over every value of every write: the commonest come first, by their very type, and no
    call is made for what is plainly right.
    """
    waiting = list(values)
    for each in waiting:
        of = type(each)
        if of is str:
            if not each.isascii():
                check_text(each)
        elif of is int:
            if not INT_MIN <= each <= INT_MAX:
                raise UnkeepableValueError(f"{each} does not fit into 64 bits")
        elif of is dict:
            for name in each:
                check_name(name)
            waiting.extend(each.values())
        elif of is list or of is tuple:
            waiting.extend(each)
        elif isinstance(each, datetime):
            check_time(each)


@lru_cache(maxsize=NAMES_MAX)  # Fields have few names; what is refused is not kept.
def check_name(name: str) -> None:
    if "\0" in name or name.startswith("$"):
        raise UnkeepableValueError(f"{name!r} cannot be the name of a field")
    check_text(name)


def check_time(value: datetime) -> None:
    # By identity first: asking for an offset takes longer than all the rest.
    if value.tzinfo is not UTC and value.utcoffset() != timedelta(0):
        raise UnkeepableValueError(f"{value.isoformat()} is not in UTC")
    if value.microsecond % 1000:
        raise UnkeepableValueError(f"{value.isoformat()} is finer than milliseconds")


def check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UnkeepableValueError(f"{text!r} is not valid Unicode") from None
