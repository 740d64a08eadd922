"""Inventory as it is, but with a clock that is off, and with one flaw if it is told so.

`python -m tests.history.replica FILE [FLAW]`: FILE says by how many seconds, and may be written
anew at any time. Nothing in a path of production knows of it.
"""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from chassis import batches
from chassis.engine import EngineClock
from chassis.mongo_answers import MongoAnswers
from chassis.records import Ref
from services.inventory import main as inventory_main
from services.inventory.stock.domain import StockRow
from tests.chaos import defects

LOOK_AGAIN_S = 0.2


@dataclass(slots=True)
class Offset:
    """What the file says, looked at now and then."""

    file: Path
    looked_s: float = 0.0
    seconds: float = 0.0

    def __call__(self) -> timedelta:
        now_s = time.monotonic()
        if now_s - self.looked_s > LOOK_AGAIN_S:
            self.looked_s, self.seconds = now_s, read_offset_s(self.file, self.seconds)
        return timedelta(seconds=self.seconds)


def read_offset_s(file: Path, before_s: float) -> float:
    """As it was, while somebody writes it."""
    try:
        return float(file.read_text())
    except (FileNotFoundError, ValueError):
        return before_s


def set_clock(file: Path) -> None:
    """All that asks for the engine's time gets one that is off."""
    right, offset = EngineClock.__call__, Offset(file)

    def off(self: EngineClock) -> datetime:
        return right(self) + offset()

    EngineClock.__call__ = off  # type: ignore[method-assign]


def no_time_in_the_row() -> None:
    """Each replica goes by its own clock alone."""
    right = StockRow.stamped

    def stamped(self: StockRow, units: Any, *, at: int, **others: Any) -> StockRow:
        return replace(right(self, units, at=at, **others), at=0)

    StockRow.stamped = stamped  # type: ignore[method-assign]


def decided_anew() -> None:
    """A repeat does not find its answer."""

    async def kept(self: MongoAnswers, keys: Any) -> Mapping[str, Any]:
        return {}

    async def insert(self: MongoAnswers, documents: Any, session: Any) -> None:
        return None

    MongoAnswers.kept = kept  # type: ignore[method-assign]
    MongoAnswers.insert = insert  # type: ignore[method-assign]


def unseen_in_a_batch() -> None:
    """Nobody sees what those before have left in the same batch."""

    def left(self: batches.Batch, ref: Ref[Any], record: Any) -> Any:
        return self.found[ref]

    batches.Batch._left = left  # type: ignore[method-assign]


FLAWS: Mapping[str, tuple[Callable[[], None], frozenset[str]]] = {
    "no-time-in-the-row": (no_time_in_the_row, frozenset({"I1", "I3", "I4"})),
    "decided-anew": (decided_anew, frozenset({"I2", "I4"})),
    "unseen-in-a-batch": (unseen_in_a_batch, frozenset({"I1", "I4", "I11"})),
    "no-version-check": (defects.no_version_check, frozenset({"I1", "I4", "I9", "I11"})),
    "forgets-events": (defects.forgets_events, frozenset({"I9", "I11"})),
    "lapses-late": (defects.lapses_late, frozenset({"I3"})),
}


def main() -> None:
    file, *flaw = sys.argv[1:]
    del sys.argv[1:]
    set_clock(Path(file))
    for name in flaw:
        FLAWS[name][0]()
    inventory_main.main()


if __name__ == "__main__":
    main()
