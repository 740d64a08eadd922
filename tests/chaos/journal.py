"""What was asked of the suite and what it said, each try with its times. Knows no transport."""

import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

# Whose answers a customer, an associate or a cabinet waits for: what a fault should hit.
ORDER_OPERATIONS = ("place", "cancel", "pick", "stage", "load", "take_back", "hand_over")

# Of these nothing is left in doubt: whoever wants to know asks anew.
READS = ("look", "code", "available", "open")


class Outcome(StrEnum):
    """FAILED is a definite no; UNKNOWN may have happened or not: only its own key tells."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one try. `answer` is what of it the checks look at."""

    outcome: Outcome
    reason: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One try. Times are seconds since 1970 by this machine's clock, as the engine's are.

    Attributes:
        key: The request id, the same in every try of one operation.
        about: The order, reservation or place it concerns, where that is known beforehand.
    """

    operation: str
    key: str
    about: str
    asked: Mapping[str, Any]
    begin_s: float
    end_s: float
    outcome: Outcome
    reason: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def took_s(self) -> float:
        return self.end_s - self.begin_s


Send: TypeAlias = Callable[[], Awaitable[Reply]]


class Journal:
    """In memory, and in a file that a killed run leaves behind.

    Faults wait for an operation that they are `aimed_at` to be under way.
    """

    def __init__(
        self,
        file: Path,
        *,
        aimed_at: Collection[str] = ORDER_OPERATIONS,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._file = open(file, "w")
        self._aimed_at = aimed_at
        self._now_s = now_s
        self._sends: dict[str, tuple[Entry, Send]] = {}
        self._in_flight: Counter[str] = Counter()
        self.entries: list[Entry] = []

    async def tried(
        self,
        operation: str,
        send: Send,
        *,
        key: str,
        about: str = "",
        asked: Mapping[str, Any] | None = None,
    ) -> Entry:
        """Send it, and write down what came of it. Cancelled, it is UNKNOWN."""
        begin_s, reply = self._now_s(), Reply(Outcome.UNKNOWN, "CANCELLED")
        try:
            with self._under_way(operation):
                reply = await send()
        finally:
            entry = Entry(
                operation=operation,
                key=key,
                about=about,
                asked=asked or {},
                begin_s=begin_s,
                end_s=self._now_s(),
                outcome=reply.outcome,
                reason=reply.reason,
                answer=reply.answer,
            )
            self._note(entry, send)
        return entry

    async def repeated(self, entry: Entry) -> Entry:
        """The same once more, under its own key."""
        _, send = self._sends[entry.key]
        return await self.tried(
            entry.operation, send, key=entry.key, about=entry.about, asked=entry.asked
        )

    def unknown(self) -> list[Entry]:
        """Of each write that nobody has answered yet, the last try."""
        return [last for last, _ in self._sends.values() if is_in_doubt(last)]

    @property
    def aimed_at_count(self) -> int:
        return sum(self._in_flight[name] for name in self._aimed_at)

    def close(self) -> None:
        self._file.close()

    @contextmanager
    def _under_way(self, operation: str) -> Iterator[None]:
        self._in_flight[operation] += 1
        try:
            yield
        finally:
            self._in_flight[operation] -= 1

    def _note(self, entry: Entry, send: Send) -> None:
        self.entries.append(entry)
        before = self._sends.get(entry.key)
        # Once answered it stays so: of two tries at once the later may be the one that was cut.
        if before is None or before[0].outcome is Outcome.UNKNOWN:
            self._sends[entry.key] = (entry, send)
        self._file.write(json.dumps(asdict(entry)) + "\n")
        self._file.flush()


def is_in_doubt(entry: Entry) -> bool:
    return entry.outcome is Outcome.UNKNOWN and entry.operation not in READS


def answered(entries: Sequence[Entry], *operations: str) -> list[Entry]:
    """The acknowledged tries of these operations."""
    return [e for e in entries if e.outcome is Outcome.OK and e.operation in operations]
