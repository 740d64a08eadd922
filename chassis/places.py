"""Who may wait for a dear piece of work: few at once, and few of one source. Does none of it.

Without a bound one source that floods fills the queue with work that nobody waits for any
more, takes the processor and the threads of the database from all others, and readiness
with them: docs/decisions/0033-few-passwords-wait-at-once.md.
"""

from collections import Counter as Tally
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge

from chassis.errors import AppError, Kind

# At some 20 ms a hash on two threads the last of them waits for two thirds of a second, and
# on a processor that is busy elsewhere for some seconds: a caller has five.
PLACES_MAX = 64
# A shop's phones share one address, but few of them send a password in the same moment. Eight
# sources must join to keep all others out.
PLACES_OF_SOURCE_MAX = 8
RETRY_S = 1.0
OF_SOURCE, OF_ALL = BOUNDS = ("source", "all")


class TooManyPasswordsError(AppError):
    kind, reason = Kind.RESOURCE_EXHAUSTED, "TOO_MANY_PASSWORDS"


class Places:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._by_source = Tally[str]()
        waiting = Gauge(
            "passwords_waiting",
            "Passwords and PINs that are looked at, or wait for that.",
            registry=registry,
        )
        waiting.set_function(self._by_source.total)
        self._refused = Counter(
            "passwords_refused",
            "Those that were sent away unseen, since so many of their source or of all waited.",
            ["bound"],
            registry=registry,
        )
        for bound in BOUNDS:
            self._refused.labels(bound)  # Shown from the start: a rate needs a zero to rise from.

    @contextmanager
    def taken(self, source: str) -> Iterator[None]:
        """A place inside the block. Raises TooManyPasswordsError, at once."""
        self._check(source)
        self._by_source[source] += 1
        try:
            yield
        finally:
            self._by_source[source] -= 1
            if not self._by_source[source]:
                del self._by_source[source]  # Or it keeps every source there ever was.

    def _check(self, source: str) -> None:
        if self._by_source[source] >= PLACES_OF_SOURCE_MAX:
            raise self._refused_by(OF_SOURCE)
        if self._by_source.total() >= PLACES_MAX:
            raise self._refused_by(OF_ALL)

    def _refused_by(self, bound: str) -> TooManyPasswordsError:
        self._refused.labels(bound).inc()
        # One answer to both: which bound it was tells whoever floods how near they are.
        return TooManyPasswordsError(
            "too many passwords or PINs wait to be looked at: send the same again in a moment",
            retry_after_s=RETRY_S,
        )
