"""Passwords that a test lets be looked at when it wants, and that say how many were."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from prometheus_client import CollectorRegistry

from chassis.passwords import Passwords
from tests.waiting import until

HELD_S_MAX = 20.0


class HeldPasswords(Passwords):
    """As they are, but for the time when they are looked at.

    Args:
        threads: How many are looked at together.
        peppers: As of `Passwords`.
    """

    def __init__(self, threads: ThreadPoolExecutor, *peppers: bytes) -> None:
        registry = CollectorRegistry()
        super().__init__(threads, *peppers, registry=registry)
        self._registry = registry
        self.looks_count = 0
        self._open = threading.Event()
        self._open.set()

    async def until_waiting(self, count: int) -> None:
        """Until so many are looked at or wait."""

        async def is_so() -> bool:
            return self._registry.get_sample_value("passwords_waiting") == count

        await until(is_so)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Inside, whoever is looked at waits, and all others behind them."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    def _matches(self, peppered: bytes, kept: str) -> bool:
        self._open.wait(HELD_S_MAX)
        self.looks_count += 1
        return super()._matches(peppered, kept)


@contextmanager
def open_held(*peppers: bytes) -> Iterator[HeldPasswords]:
    """On one thread, so that one who is looked at holds up all others."""
    with ThreadPoolExecutor(1) as threads:
        yield HeldPasswords(threads, *peppers)
