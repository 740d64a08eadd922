"""What a cabinet remembers through a loss of power. Values and their JSON; no rules, no files."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

SCHEMA = 1


class UnreadableMemoryError(Exception):
    """A state file that this program did not write."""


class Wanted(Enum):
    """What the house wants of a compartment."""

    EMPTY = "empty"
    RESERVED = "reserved"
    READY = "ready"
    REVOKED = "revoked"


class Purpose(Enum):
    """Why a door stands open."""

    LOADING = "loading"
    TAKING_BACK = "taking_back"
    COLLECTING = "collecting"


class Happened(Enum):
    LOADED = "loaded"
    OPENED = "opened"
    REFUSED = "refused"
    REVOKED = "revoked"
    TAKEN_BACK = "taken_back"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A door that stands open, and for which use it was opened."""

    purpose: Purpose
    generation: int
    order_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compartment:
    """What the house said last of a compartment, and what happened in this use of it.

    Attributes:
        loaded: Its door was closed upon the order.
        opened: It has opened for the customer: never again in this generation.
        answered: That it was called off is in the journal.
    """

    compartment_id: str
    generation: int
    revision: int
    wanted: Wanted
    order_id: str = ""
    salt_hex: str = ""
    verifier_hex: str = ""
    not_before_ms: int = 0
    not_after_ms: int = 0
    loaded: bool = False
    opened: bool = False
    answered: bool = False
    door: Door | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the journal."""

    sequence: int
    happened: Happened
    occur_ms: int
    compartment_id: str = ""
    generation: int = 0
    order_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """All that must survive.

    Attributes:
        code: The one it was enrolled with, good for nothing else any more.
        keys: Of the house, by key id, in hex: they sign capabilities.
        spent: Nonces and command ids, with the time after which their age alone refuses them.
        journal: The entries that the house has not acknowledged yet.
        wrong_count: Tries refused in a row at the panel.
        closed_until_ms: Until when the panel takes no try.
    """

    cabinet_id: str
    private_key_hex: str = field(repr=False)
    code: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    compartments: Mapping[str, Compartment] = field(default_factory=dict)
    spent: Mapping[str, int] = field(default_factory=dict)
    last_sequence: int = 0
    journal: tuple[Entry, ...] = ()
    wrong_count: int = 0
    closed_until_ms: int = 0


def memory_to_json(memory: Memory) -> str:
    def plain(value: object) -> Any:
        assert isinstance(value, Enum), "everything else is plain"
        return value.value

    return json.dumps({"schema": SCHEMA, **asdict(memory)}, default=plain, sort_keys=True)


def memory_from_json(text: str) -> Memory:
    """Raises UnreadableMemoryError."""
    try:
        document = json.loads(text)
        if document.pop("schema") != SCHEMA:
            raise ValueError
        compartments = document.pop("compartments")
        journal = document.pop("journal")
        return Memory(
            **document,
            compartments={name: compartment_from(c) for name, c in compartments.items()},
            journal=tuple(entry_from(entry) for entry in journal),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableMemoryError("not the state of a cabinet of this program") from error


def compartment_from(document: dict[str, Any]) -> Compartment:
    door = document.pop("door")
    opened = door and Door(**{**door, "purpose": Purpose(door["purpose"])})
    return Compartment(**{**document, "wanted": Wanted(document["wanted"]), "door": opened})


def entry_from(document: dict[str, Any]) -> Entry:
    return Entry(**{**document, "happened": Happened(document["happened"])})
