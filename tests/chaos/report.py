"""A run in words and numbers, for whoever started it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.chaos import figures
from tests.chaos.figures import QUANTILES
from tests.chaos.findings import Violation
from tests.chaos.journal import Outcome
from tests.chaos.nemesis import Kind, Strike
from tests.chaos.verdict import INVARIANTS, Run, hits_count, shortcomings, violations

REASONS_MAX = 12


@dataclass(frozen=True, slots=True)
class Usage:
    """Resident memory and open descriptors of one process; another pid is another process."""

    pid: int
    memory_mb: float
    descriptors_count: int


def text(
    run: Run,
    *,
    seed: int,
    commit: str,
    usage: Sequence[Mapping[str, Usage]] = (),
) -> str:
    found, short = violations(run), shortcomings(run)
    lines = [
        f"seed {seed}, commit {commit}, {run.end_s - run.begin_s:.0f} s of load,"
        f" load average per core up to {run.load_per_core:.1f}",
        *["too busy a machine: times are not judged"] * run.is_too_busy,
        "",
        *operation_lines(run, found),
        "",
        *latency_lines(run),
        "",
        *strike_lines(run),
        "",
        *usage_lines(usage),
        *verdict_lines(found),
        *(f"FAILED: {words}" for words in short),
        "",
        "passed" if not found and not short else "NOT PASSED",
    ]
    return "\n".join(lines)


def operation_lines(run: Run, found: Sequence[Violation]) -> list[str]:
    counts = figures.counts(run.entries)
    gap_s = figures.longest_gap_s(run.entries, run.begin_s, run.end_s)
    told = figures.reasons(run.entries).most_common(REASONS_MAX)
    of = Counter(violation.invariant for violation in found)
    return [
        "operations " + ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome),
        f"violations {len(found)}, acknowledged but lost {of['I10']}, duplicates {of['I2']}",
        f"longest gap without a success {gap_s:.2f} s",
        f"faults {len(run.strikes)}, of which {hits_count(run)} hit an order in flight",
        *(f"  {count:>6}  {reason}" for reason, count in told),
    ]


def latency_lines(run: Run) -> list[str]:
    first_s, last_s = run.calm_s
    spans = {
        "before": (run.begin_s, first_s),
        "during": (first_s, last_s),
        "after": (last_s, run.end_s),
    }
    lines = ["ms".ljust(8) + "".join(f"p{100 * q:g}".rjust(10) for q in QUANTILES)]
    for name, (begin_s, end_s) in spans.items():
        took = figures.latencies_ms(run.entries, begin_s, end_s)
        shown = ("-" if ms is None else f"{ms:.0f}" for ms in took)
        lines.append(name.ljust(8) + "".join(value.rjust(10) for value in shown))
    return lines


def strike_lines(run: Run) -> list[str]:
    return [
        "     at   took  in flight    gap  failed  fault",
        *(strike_line(run, strike) for strike in run.strikes),
        "",
        *(f"longest gap after {kind}: {gap:.2f} s" for kind, gap in longest_gaps(run).items()),
    ]


def strike_line(run: Run, strike: Strike) -> str:
    gap_s = figures.gap_after_s(run.entries, strike, until_s=run.end_s)
    failed_count = len(figures.failed_in(run.entries, strike))
    return (
        f"{strike.begin_s - run.begin_s:>7.1f}{strike.end_s - strike.begin_s:>7.1f}"
        f"{strike.in_flight_count:>11}{gap_s:>7.2f}{failed_count:>8}  {strike.fault}"
    )


def longest_gaps(run: Run) -> dict[Kind, float]:
    gaps: dict[Kind, float] = {}
    for strike in run.strikes:
        gap_s = figures.gap_after_s(run.entries, strike, until_s=run.end_s)
        gaps[strike.fault.kind] = max(gap_s, gaps.get(strike.fault.kind, 0.0))
    return gaps


def usage_lines(usage: Sequence[Mapping[str, Usage]]) -> list[str]:
    """Of processes that lived from the first look to the last; others began anew."""
    if len(usage) < 2:
        return []
    first, last = usage[0], usage[-1]
    lines = ["process           memory before, after MB   descriptors before, after"]
    for name in sorted(first.keys() & last.keys()):
        before, after = first[name], last[name]
        note = "" if before.pid == after.pid else "  (another process)"
        lines.append(
            f"{name:<18}{before.memory_mb:>12.0f}{after.memory_mb:>12.0f}"
            f"{before.descriptors_count:>14}{after.descriptors_count:>14}{note}"
        )
    return [*lines, ""]


def verdict_lines(found: Sequence[Violation]) -> list[str]:
    lines = []
    for invariant in INVARIANTS:
        of_it = [violation for violation in found if violation.invariant == invariant]
        if of_it:
            lines.append(f"{invariant:<4} BROKEN {len(of_it)} times, first: {of_it[0].example}")
        else:
            lines.append(f"{invariant:<4} holds")
    return lines
