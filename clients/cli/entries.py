"""What comes out of a file: entries, and refusals of what could not be read. Pure."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

T = TypeVar("T")

Record: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Note:
    """What an importer tells of an entry. A stable reason in UPPER_SNAKE and a sentence."""

    reason: str
    message: str


class Entry(NamedTuple, Generic[T]):
    """What stands at `place`: a line from 1, or an item of a document from 1.

    `notes` say what of it was left out or looks wrong; the rest goes in. A tuple, since each
    line of a file becomes one at every step from its text to what is sent.
    """

    place: int
    value: T
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """What stands at `place` does not go in."""

    place: int
    note: Note


Read: TypeAlias = Entry[T] | Refusal
Parse: TypeAlias = Callable[[Record], tuple[T, tuple[Note, ...]]]


class RefusedError(Exception):
    """This entry cannot be taken; the message says what to do."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.note = Note(reason, message)


def parsed(records: Iterable[Read[Record]], parse: Parse[T]) -> Iterator[Read[T]]:
    """What `parse` makes of each record; a RefusedError refuses its record alone."""
    for record in records:
        if isinstance(record, Refusal):
            yield record
            continue
        try:
            value, notes = parse(record.value)
        except RefusedError as error:
            yield Refusal(record.place, error.note)
        else:
            yield Entry(record.place, value, notes)


def once(entries: Iterable[Read[T]], key: Callable[[T], Hashable]) -> Iterator[Read[T]]:
    """Refuses what names the same thing a second time.

    Both would be written, one over the other, and every later run would write both again.
    """
    seen: dict[Hashable, int] = {}
    for entry in entries:
        if isinstance(entry, Refusal):
            yield entry
            continue
        first = seen.setdefault(key(entry.value), entry.place)
        if first == entry.place:
            yield entry
        else:
            message = f"the same as {first}: leave one of them out"
            yield Refusal(entry.place, Note("DUPLICATE", message))
