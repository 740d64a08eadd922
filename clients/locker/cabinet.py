"""The cabinet itself: one decision after the other, each safe on disk before a door moves."""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.locker import rules
from clients.locker.codes import RefusedTextError, claim_from, matching
from clients.locker.memory import Memory
from clients.locker.rules import WAIT, Outcome

log = logging.getLogger(__name__)

# Milliseconds since 1970, by the cabinet's own clock.
ClockMs: TypeAlias = Callable[[], int]


class Keeping(Protocol):
    def save(self, memory: Memory) -> None:
        """Returns when no loss of power can undo it."""


class Motors(Protocol):
    def open(self, compartment_id: str) -> None:
        """Unlock a door."""


class LoggedMotors:
    """Doors of which a line in a file says that they were unlocked."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def open(self, compartment_id: str) -> None:
        log.info("door %s opens", compartment_id)
        if self._path is not None:
            with self._path.open("a") as file:
                file.write(f"{compartment_id}\n")


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def new_memory(cabinet_id: str) -> Memory:
    """With a key made here, which never leaves."""
    private = Ed25519PrivateKey.generate()
    return Memory(cabinet_id=cabinet_id, private_key_hex=private.private_bytes_raw().hex())


class Cabinet:
    """`memory` is always what is on disk."""

    def __init__(
        self, memory: Memory, keeping: Keeping, motors: Motors, *, clock_ms: ClockMs = now_ms
    ) -> None:
        self.memory = memory
        self._keeping = keeping
        self._motors = motors
        self._clock_ms = clock_ms
        self._panel = asyncio.Lock()
        self._changed = asyncio.Event()

    @property
    def clock_ms(self) -> ClockMs:
        return self._clock_ms

    def changed(self) -> asyncio.Event:
        """Set at the next change. Take it, look, then wait for it."""
        return self._changed

    def keep(self, memory: Memory) -> None:
        """Make it the memory, durably."""
        if memory == self.memory:
            return
        self._keeping.save(memory)
        self.memory = memory
        self._changed.set()
        self._changed = asyncio.Event()

    def decide(self, rule: Callable[..., Outcome]) -> str:
        """Apply `rule(memory, now_ms=…)`; returns its answer.

        Nothing else happens in between: neither task nor line can see half of it.
        """
        outcome = rule(self.memory, now_ms=self._clock_ms())
        self.keep(outcome.memory)
        if outcome.opens:
            self._motors.open(outcome.opens)
        return outcome.answer

    def wake(self) -> None:
        """Once, when the program starts."""
        self.decide(rules.awoken)

    def close(self, compartment_id: str) -> str:
        """Somebody closes a door."""
        return self.decide(partial(rules.closed, compartment_id=compartment_id))

    async def type(self, code: str) -> str:
        """Somebody types digits: OPEN, WAIT, or why not."""
        async with self._panel:  # One try at a time, or a hundred at once meet no delay.
            if self.wait_ms():
                return WAIT
            found = await asyncio.to_thread(
                matching, code, tuple(self.memory.compartments.values())
            )
            return self.decide(partial(rules.typed, matching=found))

    async def scan(self, text: str) -> str:
        """Somebody shows a QR code: OPEN, WAIT, or why not."""
        async with self._panel:
            if self.wait_ms():
                return WAIT
            try:
                claim = claim_from(text, self.memory.keys)
            except RefusedTextError as error:
                return self.decide(partial(rules.refused, reason=error.reason))
            return self.decide(partial(rules.scanned, claim=claim))

    def wait_ms(self) -> int:
        """How long the panel takes no try yet."""
        return rules.wait_ms(self.memory, self._clock_ms())
