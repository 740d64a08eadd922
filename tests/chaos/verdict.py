"""Whether a run passed, and why not: every check over journal and books. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from tests.chaos.books import Books
from tests.chaos.checks.baskets import baskets_are_kept
from tests.chaos.checks.events import Heard, events_reach_all_once
from tests.chaos.checks.lockers import a_code_opens_once, one_order_a_compartment
from tests.chaos.checks.orders import acknowledged_is_kept, each_order_once
from tests.chaos.checks.stock import (
    books_balance,
    holds_lapse_exactly,
    promises_within_stock,
)
from tests.chaos.figures import LATE, failed_in, gap_after_s, is_harmless
from tests.chaos.findings import Violation
from tests.chaos.journal import Entry, Outcome, is_in_doubt
from tests.chaos.nemesis import Kind, Strike

INVARIANTS = ("I1", "I2", "I3", "I4", "I5", "I7", "I9", "I10")
GAP_S_MAX = 5.0
# Two of each service and this load make some two by themselves.
LOAD_PER_CORE_MAX = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run left behind.

    Attributes:
        begin_s, end_s: Of the load, seconds since 1970.
        calm_s: When the first fault could fall, and when the last was over.
        is_quiet: Whether everything owed was done in time after the load.
        own_failures: What went wrong in the generator itself.
        load_per_core: The machine's highest load average meanwhile, others' work included.
    """

    entries: Sequence[Entry]
    books: Books
    heard: Sequence[Heard]
    strikes: Sequence[Strike]
    begin_s: float
    end_s: float
    calm_s: tuple[float, float]
    is_quiet: bool = True
    own_failures: Sequence[BaseException] = field(default_factory=list)
    load_per_core: float = 0.0

    @property
    def is_too_busy(self) -> bool:
        """Whether times say more of the machine than of the suite."""
        return self.load_per_core > LOAD_PER_CORE_MAX


def violations(run: Run) -> list[Violation]:
    """By invariant, in the order in which they were met."""
    books, entries = run.books, run.entries
    found = chain(
        promises_within_stock(books),
        each_order_once(books, entries, begin_s=run.begin_s),
        holds_lapse_exactly(books, entries),
        books_balance(books),
        one_order_a_compartment(books),
        a_code_opens_once(books, entries),
        events_reach_all_once(books, run.heard),
        acknowledged_is_kept(books, entries),
        baskets_are_kept(books, entries),
    )
    return list(found)


def hits_count(run: Run) -> int:
    """Faults that met an order under way."""
    return sum(1 for strike in run.strikes if strike.in_flight_count)


def shortcomings(run: Run) -> list[str]:
    """What else a run must do to pass, in words."""
    found = []
    if not hits_count(run):
        found.append("no fault hit an order in flight: this run proves nothing")
    if not run.is_quiet:
        found.append("not everything owed was done after the load")
    definite = {entry.key for entry in run.entries if entry.outcome is not Outcome.UNKNOWN}
    left = {entry.key for entry in run.entries if is_in_doubt(entry)} - definite
    if left:
        found.append(f"{len(left)} operations got no answer, however often they were repeated")
    for strike in run.strikes:
        found += shortcomings_of(run, strike)
    found += [f"the generator failed: {error!r}" for error in run.own_failures]
    return found


def shortcomings_of(run: Run, strike: Strike) -> list[str]:
    """On a machine that is too busy, nothing that is a matter of time."""
    found = []
    failed = failed_in(run.entries, strike)
    if run.is_too_busy:
        failed = [entry for entry in failed if entry.reason not in LATE]
    if is_harmless(strike.fault) and failed:
        first = failed[0]
        found.append(
            f"{strike.fault}: {len(failed)} calls failed, the first {first.operation}"
            f" ({first.reason}) at {first.begin_s - run.begin_s:.1f} s"
        )
    gap_s = gap_after_s(run.entries, strike, until_s=run.end_s)
    if is_bounded(strike) and gap_s > GAP_S_MAX and not run.is_too_busy:
        found.append(f"{strike.fault}: {gap_s:.1f} s without a success")
    return found


def is_bounded(strike: Strike) -> bool:
    """Whether the suite must go on soon: with all of MongoDB dead its start takes what it takes."""
    is_deadly = strike.fault.kind in (Kind.KILL, Kind.ISOLATE)
    return is_deadly and strike.fault.target != "members"
