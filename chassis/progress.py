"""How far a consumer has come, and what it has set aside. Pure: values and changes of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from chassis.changes import Changed
from chassis.errors import AppError
from chassis.errors import Kind as ErrorKind
from chassis.records import AT_ONCE, Index, Kind, Ref, State

PARKED_KEYS_MAX = 1000


class OvertakenError(Exception):
    """Another replica has taken this event."""


class TooManyParkedError(AppError):
    kind, reason = ErrorKind.RESOURCE_EXHAUSTED, "TOO_MANY_PARKED"


@dataclass(frozen=True, slots=True)
class Effect:
    """What an event makes of the records at `refs`. Its answer is nobody's."""

    refs: tuple[Ref[Any], ...]
    change: Callable[[State], Changed[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """All up to `position` is done or parked; `cursor` is the source's, of there or before.

    Attributes:
        parked: How many events wait, by the `field_name` of their key.
        parked_count: All that were ever parked: their numbers.
    """

    consumer: str
    cursor: str = ""
    position: int = 0
    parked: Mapping[str, int] = field(default_factory=dict)
    parked_count: int = 0

    def waiting(self, key: str) -> int:
        """How many events of `key` are parked."""
        return self.parked.get(field_name(key), 0)


def field_name(key: str) -> str:
    """`key` itself, unless no field can be named so: keys are whatever their owners call things."""
    is_plain = not key.startswith(("$", "%")) and "\0" not in key
    return key if is_plain else f"%{key.encode().hex()}"


class ParkedKey(NamedTuple):
    consumer: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """An event, as it came, that failed or lies behind one of the same key that did."""

    consumer: str
    number: int
    key: str
    event: bytes
    cause: str
    waiting: bool = True


CURSORS: Kind[Cursor] = Kind(type=Cursor, collection="cursors", key=lambda c: c.consumer)
PARKED: Kind[Parked] = Kind(
    type=Parked,
    collection="parked_events",
    key=lambda parked: ParkedKey(parked.consumer, parked.number),
    indexes=(Index(fields=("consumer", "key", "waiting", "number")),),
    forget_time=lambda parked: None if parked.waiting else AT_ONCE,
)
# What a store must keep for its consumers, beside its own kinds.
CONSUMER_KINDS: tuple[Kind[Any], ...] = (CURSORS, PARKED)


def cursor_in(state: State, consumer: str) -> Cursor:
    return state.find(CURSORS, consumer) or Cursor(consumer=consumer)


def moved(state: State, before: Cursor, *, cursor: str, position: int) -> Cursor:
    """Raises OvertakenError unless the consumer is still where it was `before`."""
    now = cursor_in(state, before.consumer)
    if (now.cursor, now.position) != (before.cursor, before.position):
        raise OvertakenError
    return replace(now, cursor=cursor, position=position)


def parked(cursor: Cursor, *, key: str, event: bytes, cause: str) -> tuple[Cursor, Parked]:
    """Raises TooManyParkedError: so many failures are no poison but an outage."""
    name = field_name(key)
    if name not in cursor.parked and len(cursor.parked) >= PARKED_KEYS_MAX:
        raise TooManyParkedError(
            f"{PARKED_KEYS_MAX} keys are parked: retry them first", keys_max=PARKED_KEYS_MAX
        )
    number = cursor.parked_count + 1
    waiting = {**cursor.parked, name: cursor.waiting(key) + 1}
    record = Parked(consumer=cursor.consumer, number=number, key=key, event=event, cause=cause)
    return replace(cursor, parked=waiting, parked_count=number), record


def unparked(cursor: Cursor, record: Parked) -> tuple[Cursor, Parked]:
    waiting = {**cursor.parked, field_name(record.key): cursor.waiting(record.key) - 1}
    left = {name: count for name, count in waiting.items() if count}
    return replace(cursor, parked=left), replace(record, waiting=False)
