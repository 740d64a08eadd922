"""What a cabinet is, its compartments' uses, its journal. Values alone: rules are in `domain`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from services.collect.point.domain import Size

ONLINE = timedelta(seconds=60)


class UseState(Enum):
    """What the house wants of a compartment. TO_EMPTY: staff must take the order out."""

    EMPTY = "empty"
    RESERVED = "reserved"
    READY = "ready"
    REVOKED = "revoked"
    TO_EMPTY = "to_empty"


class DoorPurpose(Enum):
    """Why staff open a door."""

    LOADING = "loading"
    TAKING_BACK = "taking_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What one compartment is for.

    Attributes:
        generation: Grows with every order put into any compartment of the cabinet.
        revision: Grows with every change within a generation.
        asked: A door was asked to open for loading: something may lie inside.
        loaded: The cabinet has said that the order lies inside.
    """

    compartment_id: str
    size: Size
    generation: int = 0
    revision: int = 0
    state: UseState = UseState.EMPTY
    order_id: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None
    asked: bool = False
    loaded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorCommand:
    """A door that staff wait for, until `expire_time`; whichever replica has the stream tells."""

    command_id: str
    compartment_id: str
    generation: int
    purpose: DoorPurpose
    expire_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A code that lets one key in. `public_key` is the one it was spent on, or empty."""

    code_hash: bytes
    expire_time: datetime
    public_key: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cabinet:
    """A locker cabinet.

    Attributes:
        public_key: With which it signs; None until it is enrolled.
        journal_key: The key whose journal `journal_sequence` counts.
        generation: The newest of its uses, past ones included.
        journal_sequence: Up to where its journal is safe with the house.
        past_journals: The same of keys before, in hex: one that comes back goes on there.
        stream_epoch: Of its newest stream; older ones must end.
        revision: Grows with every change that a stream must hear of.
    """

    cabinet_id: str
    point_id: str
    location_id: str
    uses: tuple[Use, ...]
    public_key: bytes | None = None
    journal_key: bytes = b""
    enrolment: Enrolment | None = None
    commands: tuple[DoorCommand, ...] = ()
    generation: int = 0
    journal_sequence: int = 0
    past_journals: Mapping[str, int] = field(default_factory=dict)
    seen_time: datetime | None = None
    stream_epoch: int = 0
    revision: int = 1

    @property
    def free_count(self) -> int:
        return sum(use.state is UseState.EMPTY for use in self.uses)

    def is_online(self, now: datetime) -> bool:
        """Whether it was heard a moment ago."""
        return self.seen_time is not None and now - self.seen_time < ONLINE


class EntryKind(Enum):
    """What happened at a cabinet. OTHER: a newer cabinet tells what this house does not know."""

    LOADED = "loaded"
    OPENED = "opened"
    REFUSED = "refused"
    REVOKED = "revoked"
    TAKEN_BACK = "taken_back"
    FAULT = "fault"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """What a cabinet says has happened, at `occur_time` by its own clock.

    Its signature has been verified; what it names need not exist.
    """

    cabinet_id: str
    sequence: int
    kind: EntryKind
    occur_time: datetime
    compartment_id: str = ""
    generation: int = 0
    order_id: str = ""
    reason: str = ""
