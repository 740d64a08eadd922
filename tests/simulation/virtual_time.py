"""An event loop whose clock jumps to what is due next: hours pass in no time, always the same."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class StandstillError(Exception):
    """Somebody waits for what nobody will ever do."""


class NoWaiting(selectors.SelectSelector):
    """Moves the time on instead of waiting for it. Nothing comes from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise StandstillError("nothing is due, and not all is done")
        self.now_s += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._waiting = NoWaiting()
        super().__init__(self._waiting)

    def time(self) -> float:
        return self._waiting.now_s


def run(work: Coroutine[Any, Any, T]) -> T:
    """Raises StandstillError, and what `work` raises. What it leaves behind is cancelled."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
