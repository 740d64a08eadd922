"""What `locker.py` decides and remembers: of no line, no time zone and no door's motor.

Numbers are sections of docs/locker-protocol.md.
"""

import asyncio
import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comptoir.collect.v1 import locker_service_pb2 as pb
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# Any other is taken for REVOKED, also one that a later version adds: shut is safe (4).
KNOWN = (pb.ASSIGNMENT_STATE_RESERVED, pb.ASSIGNMENT_STATE_READY, pb.ASSIGNMENT_STATE_EMPTY)
# What is written when the door is closed, by what it was opened for.
CLOSED = {
    pb.DOOR_PURPOSE_LOADING: pb.JOURNAL_KIND_LOADED,
    pb.DOOR_PURPOSE_TAKING_BACK: pb.JOURNAL_KIND_TAKEN_BACK,
}


# One transaction a decision. AUTOINCREMENT: numbers without gaps that never come twice.
MEMORY = """
PRAGMA synchronous = EXTRA;
CREATE TABLE IF NOT EXISTS identity (private_key BLOB);
CREATE TABLE IF NOT EXISTS compartment
    (name TEXT PRIMARY KEY, wanted BLOB, answered INTEGER, door BLOB);
CREATE TABLE IF NOT EXISTS spent (command_id TEXT PRIMARY KEY, until_s INTEGER);
CREATE TABLE IF NOT EXISTS journal (sequence INTEGER PRIMARY KEY AUTOINCREMENT, entry BLOB);
"""


@dataclass
class Compartment:
    """What the house wants of it last, and what happened in this use of it (4).

    Attributes:
        answered: That it was called off is in the journal.
        door: It stands open: what is written when it is closed.
    """

    wanted: pb.Assignment
    answered: bool = False
    door: pb.JournalEntry | None = None

    @property
    def is_revoked(self) -> bool:
        return self.wanted.state not in KNOWN


class Cabinet:
    """Each method is one decision: on disk, whole, before a door opens and it returns (8)."""

    def __init__(self, file: Path) -> None:
        os.umask(0o077)  # The key is in it, before it is told to anybody.
        self._memory = sqlite3.connect(file)
        self._memory.executescript(MEMORY)
        self.changed = asyncio.Event()
        with self._memory:
            if not self._rows("SELECT 1 FROM identity"):
                key = Ed25519PrivateKey.generate().private_bytes_raw()
                self._memory.execute("INSERT INTO identity VALUES (?)", [key])
            [(key,)] = self._rows("SELECT private_key FROM identity")
            self.key = Ed25519PrivateKey.from_private_bytes(key)
            for (wanted,) in self._rows("SELECT wanted FROM compartment WHERE door IS NOT NULL"):
                stood_open = pb.Assignment.FromString(wanted)
                self._write(entry_of(pb.JOURNAL_KIND_FAULT, stood_open, "POWER_LOST"))

    def assigned(self, told: pb.Assignment) -> None:
        """Unless something newer is known. What happened in the same use still has (4)."""
        before, after = self._compartment(told.compartment_id), Compartment(told)
        if before is not None:
            known = (before.wanted.generation, before.wanted.revision)
            if (told.generation, told.revision) <= known:
                return
            after.door = before.door
            after.answered = before.answered and told.generation == known[0]
        with self._memory:
            self._put(after)
        self.changed.set()

    def commanded(self, command: pb.OpenDoor) -> None:
        """Open for staff, once for each command (5).

        Where power is lost between disk and motor, nothing opens twice, and staff can help.
        """
        spent = self._rows("SELECT 1 FROM spent WHERE command_id = ?", command.command_id)
        if spent or command.purpose not in CLOSED:
            return
        found = self._compartment(command.compartment_id)
        reason = why_not(found, command)
        with self._memory:
            self._memory.execute("DELETE FROM spent WHERE until_s < ?", [time.time()])
            row = [command.command_id, command.expire_time.seconds + 1]
            self._memory.execute("INSERT INTO spent VALUES (?, ?)", row)
            if found is None or reason:
                wanted = found.wanted if found else pb.Assignment()
                self._write(entry_of(pb.JOURNAL_KIND_REFUSED, wanted, reason))
            else:
                found.door = entry_of(CLOSED[command.purpose], found.wanted)
                self._put(found)
        self.changed.set()
        say(f"door {command.compartment_id} {reason or 'opens'}")

    def closed(self, name: str) -> None:
        """Written is what the door was opened for, whatever is wanted by now (5)."""
        found = self._compartment(name)
        if found is None or found.door is None:
            return
        with self._memory:
            self._write(found.door)
            found.door = None
            self._put(found)
        self.changed.set()
        say(f"door {name} is shut")

    def acknowledged(self, sequence: int) -> None:
        with self._memory:
            self._memory.execute("DELETE FROM journal WHERE sequence <= ?", [sequence])

    def journal(self, after: int) -> list[tuple[int, bytes]]:
        """What the house has not acknowledged, behind this number, oldest first."""
        query = "SELECT sequence, entry FROM journal WHERE sequence > ? ORDER BY sequence"
        return self._rows(query, after)

    @property
    def last_sequence(self) -> int:
        """Of the newest entry ever written."""
        [(newest,)] = self._rows("SELECT max(seq) FROM sqlite_sequence")
        return newest or 0

    def _put(self, after: Compartment) -> None:
        """That it is called off is answered once; while it is loaded nobody can say yet (5)."""
        is_loading = after.door is not None and after.door.kind == pb.JOURNAL_KIND_LOADED
        if after.is_revoked and not is_loading and not after.answered:
            after.answered = True
            self._write(entry_of(pb.JOURNAL_KIND_REVOKED, after.wanted))
        wanted = after.wanted.SerializeToString()
        door = after.door and after.door.SerializeToString()
        row = [after.wanted.compartment_id, wanted, after.answered, door]
        self._memory.execute("REPLACE INTO compartment VALUES (?, ?, ?, ?)", row)

    def _write(self, entry: pb.JournalEntry) -> None:
        """Signed once: these bytes are what is sent (7)."""
        added = self._memory.execute("INSERT INTO journal (entry) VALUES ('')")
        entry.sequence = added.lastrowid or 0
        entry.occur_time.GetCurrentTime()
        content = entry.SerializeToString()
        signed = pb.SignedEntry(entry=content, signature=self.key.sign(content))
        row = [signed.SerializeToString(), entry.sequence]
        self._memory.execute("UPDATE journal SET entry = ? WHERE sequence = ?", row)

    def _compartment(self, name: str) -> Compartment | None:
        query = "SELECT wanted, answered, door FROM compartment WHERE name = ?"
        for wanted, answered, door in self._rows(query, name):
            opened = None if door is None else pb.JournalEntry.FromString(door)
            return Compartment(pb.Assignment.FromString(wanted), bool(answered), opened)
        return None

    def _rows(self, query: str, *values: Any) -> list[Any]:
        return self._memory.execute(query, values).fetchall()


def entry_of(kind: Any, wanted: pb.Assignment, reason: str = "") -> pb.JournalEntry:
    return pb.JournalEntry(
        kind=kind,
        compartment_id=wanted.compartment_id,
        generation=wanted.generation,
        order_id=wanted.order_id,
        reason=reason,
    )


def why_not(found: Compartment | None, command: pb.OpenDoor) -> str:
    if found is None:
        return "UNKNOWN_COMPARTMENT"
    if time.time_ns() >= command.expire_time.ToNanoseconds():
        return "COMMAND_EXPIRED"
    if found.door is not None:
        return "DOOR_OPEN"
    is_loading = command.purpose == pb.DOOR_PURPOSE_LOADING
    is_reserved = found.wanted.state == pb.ASSIGNMENT_STATE_RESERVED
    fits = is_reserved if is_loading else found.answered
    is_same_use = command.generation == found.wanted.generation
    return "" if fits and is_same_use else "OTHER_USE"


def say(text: str) -> None:
    print(text, flush=True)
