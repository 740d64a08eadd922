"""What a run comes to in numbers. Pure."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from tests.chaos.journal import ORDER_OPERATIONS, Entry, Outcome
from tests.chaos.nemesis import Fault, Kind, Strike

# Refusals that a customer or another channel may well get: nothing is broken.
BUSINESS = frozenset(
    {
        "INSUFFICIENT_STOCK",
        "HOLD_LAPSED",
        "NO_COMPARTMENT",
        "SLOT_FULL",
        "TOO_MANY_REQUESTS",
        "CABINET_AWAY",
        "CABINET_OFFLINE",
    }
)
# Whom losing one of two, or all of what nobody may need, must cost no call.
HARMLESS = frozenset({Kind.ROLL, Kind.FLUSH})
# How a call ends that waits too long for a core, as much as one that waits for a process.
LATE = frozenset({"DATABASE_TIMEOUT", "DEADLINE_EXCEEDED", "TimeoutError"})
QUANTILES = (0.5, 0.99, 0.999)


def counts(entries: Iterable[Entry]) -> Counter[Outcome]:
    return Counter(entry.outcome for entry in entries)


def reasons(entries: Iterable[Entry]) -> Counter[str]:
    """Why calls were refused or came to nothing, by operation."""
    return Counter(
        f"{entry.operation} {entry.reason}" for entry in entries if entry.outcome is not Outcome.OK
    )


def latencies_ms(
    entries: Iterable[Entry], begin_s: float, end_s: float
) -> tuple[float | None, ...]:
    """p50, p99 and p99.9 of the order operations begun in a span, failed ones too."""
    took = sorted(
        entry.took_s * 1000
        for entry in entries
        if entry.operation in ORDER_OPERATIONS and begin_s <= entry.begin_s < end_s
    )
    return tuple(quantile(took, q) for q in QUANTILES)


def quantile(ordered: Sequence[float], q: float) -> float | None:
    """The smallest that at least `q` of all do not exceed."""
    return ordered[max(math.ceil(q * len(ordered)) - 1, 0)] if ordered else None


def longest_gap_s(entries: Iterable[Entry], begin_s: float, end_s: float) -> float:
    """The longest time without an order operation that succeeded, in a span."""
    ends = [e.end_s for e in entries if succeeded(e) and begin_s < e.end_s < end_s]
    edges = [begin_s, *sorted(ends), end_s]
    return max(after - before for before, after in pairwise(edges))


def succeeded(entry: Entry) -> bool:
    return entry.operation in ORDER_OPERATIONS and entry.outcome is Outcome.OK


def gap_after_s(entries: Iterable[Entry], strike: Strike, *, until_s: float) -> float:
    """The longest gap from the blow until what it hit was back, and a moment beyond."""
    return longest_gap_s(
        entries, strike.begin_s, min(max(strike.end_s, strike.begin_s + 5), until_s)
    )


def is_harmless(fault: Fault) -> bool:
    """Whether it must not cost a single call."""
    return fault.kind in HARMLESS or fault.target in ("redis", "secondary")


def failed_in(entries: Iterable[Entry], strike: Strike) -> list[Entry]:
    """Calls that went wrong under a fault: not those that were refused for good reason."""
    return [
        entry
        for entry in entries
        if entry.outcome is not Outcome.OK
        and entry.reason not in BUSINESS
        and strike.begin_s <= entry.begin_s <= strike.end_s
    ]
