"""A run in words and numbers, for whoever started it."""

from collections.abc import Sequence, Set
from itertools import pairwise

from tests.chaos import figures
from tests.chaos.figures import QUANTILES
from tests.chaos.findings import Violation
from tests.chaos.journal import Entry, Outcome
from tests.chaos.nemesis import Strike
from tests.history.checks import INVARIANTS
from tests.history.running import Ran

REASONS_MAX = 14
# What is broken, without any flaw, while lapses and events are owed still.
OWED = frozenset({"I3", "I9"})


def text(ran: Ran, found: Sequence[Violation], *, seed: int, commit: str, check_s: float) -> str:
    entries = ran.history.entries
    counts = figures.counts(entries)
    of = {name: [v for v in found if v.invariant == name] for name in INVARIANTS}
    log = ran.history.books.log("inventory")
    lines = [
        f"seed {seed}, commit {commit}, {ran.end_s - ran.begin_s:.0f} s of load,"
        f" load average per core up to {ran.load_per_core:.1f}",
        "",
        "tries "
        + ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome)
        + f"; {len(ran.history.operations)} operations, {len(log)} events,"
        f" replayed in {check_s:.1f} s",
        f"violations {len(found)}, acknowledged but lost {len(of['I10'])},"
        f" duplicates {len(of['I2'])}",
        f"clocks set {ran.clocks_count} times; longest gap without a success"
        f" {gap_s(entries, ran.begin_s, ran.end_s):.2f} s",
        *(
            f"  {count:>6}  {reason}"
            for reason, count in figures.reasons(entries).most_common(REASONS_MAX)
        ),
        "",
        *latency_lines(ran),
        "",
        "     at   took  in flight    gap  fault",
        *(strike_line(ran, strike) for strike in ran.strikes),
        "",
        *(verdict_line(name, of[name]) for name in INVARIANTS),
        *(f"FAILED: {words}" for words in shortcomings(ran)),
        "",
        "NOT PASSED" if found or shortcomings(ran) else "passed",
    ]
    return "\n".join(lines)


def shortcomings(ran: Ran) -> list[str]:
    """What else a run must do, or its verdict says nothing."""
    found = []
    if not any(strike.in_flight_count for strike in ran.strikes):
        found.append("no fault hit an operation in flight: this run proves nothing")
    if not ran.is_quiet:
        found.append("not everything owed was answered and told after the load")
    return found


def seen(ran: Ran, found: Sequence[Violation], invariants: Set[str]) -> Violation | None:
    """What shows a flaw: nothing that the end of a run breaks by itself when it was not quiet."""
    telling = invariants if ran.is_quiet else invariants - OWED
    return next((violation for violation in found if violation.invariant in telling), None)


def latency_lines(ran: Ran) -> list[str]:
    first_s, last_s = ran.calm_s
    spans = {
        "before": (ran.begin_s, first_s),
        "during": (first_s, last_s),
        "after": (last_s, ran.end_s),
    }
    lines = ["ms".ljust(8) + "".join(f"p{100 * q:g}".rjust(10) for q in QUANTILES)]
    for name, (begin_s, end_s) in spans.items():
        took = sorted(e.took_s for e in ran.history.entries if begin_s <= e.begin_s < end_s)
        shown = (figures.quantile(took, q) for q in QUANTILES)
        values = ("-" if s is None else f"{1000 * s:.0f}" for s in shown)
        lines.append(name.ljust(8) + "".join(value.rjust(10) for value in values))
    return lines


def strike_line(ran: Ran, strike: Strike) -> str:
    until_s = min(max(strike.end_s, strike.begin_s + 5), ran.end_s)
    gap = gap_s(ran.history.entries, strike.begin_s, until_s)
    return (
        f"{strike.begin_s - ran.begin_s:>7.1f}{strike.end_s - strike.begin_s:>7.1f}"
        f"{strike.in_flight_count:>11}{gap:>7.2f}  {strike.fault}"
    )


def gap_s(entries: Sequence[Entry], begin_s: float, end_s: float) -> float:
    """The longest time without a success in a span."""
    ends = (e.end_s for e in entries if e.outcome is Outcome.OK and begin_s < e.end_s < end_s)
    return max(after - before for before, after in pairwise([begin_s, *sorted(ends), end_s]))


def verdict_line(invariant: str, found: Sequence[Violation]) -> str:
    if not found:
        return f"{invariant:<4} holds"
    return f"{invariant:<4} BROKEN {len(found)} times, first: {found[0].example}"
