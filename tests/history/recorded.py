"""What a run leaves behind for the checker. Values alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos.books import Books
from tests.chaos.checks.events import Heard
from tests.chaos.journal import Entry
from tests.simulation.operations import Operation, Verb


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Attributes:
    operations: By the key under which the journal has their tries; see `key_of`.
    read_s: When the books were read, all being quiet, seconds since 1970.
    """

    operations: Mapping[str, Operation]
    entries: Sequence[Entry]
    books: Books
    heard: Sequence[Heard] = field(default_factory=list)
    read_s: float = 0.0


def key_of(operation: Operation) -> str:
    """An undo has the id of what it undoes, and is another operation."""
    prefix = "undo " if operation.verb is Verb.CANCEL else ""
    return f"{prefix}{operation.request_id}"
