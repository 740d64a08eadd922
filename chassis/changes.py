"""What one write reads and what it leaves behind. Pure: domains build these values.

A change is a function from the records it reads to all that it writes; stores
run it, and run it again if another writer got in first. See `chassis.records`.
"""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Event:
    """What others are told: the record `key` came to `revision`, because of `name`.

    `detail` holds plain values (text, whole numbers, lists and maps of them): ids, states and
    quantities, never a person. Or it is the record itself, which is made plain once for both,
    and told but for its fields `untold`. `kind` says of which kind the record is where its service
    keeps another under the same key: their revisions have nothing to do with one another.
    """

    name: str
    key: str
    revision: int
    detail: object = field(default_factory=dict)
    untold: frozenset[str] = frozenset()
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed(Generic[A]):
    """All that one write leaves behind, or nothing of it.

    Attributes:
        answer: What the caller gets; kept under the request, so a repeat gets it again.
        records: Each is put at its key. One that the write did not read must be new.
        events: Told to others in this order, after the write is durable.
        removed: Records that the write read, and that are there no longer.
    """

    answer: A
    records: tuple[object, ...] = ()
    events: tuple[Event, ...] = ()
    removed: tuple[object, ...] = ()
