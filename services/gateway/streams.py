"""The event streams that are open in this process: bounded for each subject, ended together."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from chassis.errors import AppError, Kind

STREAMS_MAX = 16  # Of one subject.
RETRY_S = 5.0


class DrainingError(AppError):
    kind, reason = Kind.UNAVAILABLE, "DRAINING"


class TooManyStreamsError(AppError):
    kind, reason = Kind.RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS"


class Streams:
    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._ending = asyncio.Event()

    @property
    def ending(self) -> asyncio.Event:
        """Set when all of them are to end: callers come again, to another replica."""
        return self._ending

    @contextmanager
    def one_of(self, subject: str) -> Iterator[None]:
        """Raises TooManyStreamsError."""
        if self._open[subject] >= STREAMS_MAX:
            raise TooManyStreamsError(
                f"{STREAMS_MAX} streams of this caller are open already",
                streams_max=STREAMS_MAX,
                retry_after_s=RETRY_S,
            )
        self._open[subject] += 1
        try:
            yield
        finally:
            self._open[subject] -= 1
            if not self._open[subject]:
                del self._open[subject]  # Or it keeps every subject there ever was.
