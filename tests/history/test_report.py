"""What a run that must not pass shows of its flaw, and what its own end does."""

from tests.chaos.findings import Violation
from tests.history.given import good_history
from tests.history.report import seen
from tests.history.running import Ran

OWED, WRONG = Violation("I9", "events never came into the log"), Violation("I4", "a row")


def ran(*, is_quiet: bool) -> Ran:
    return Ran(
        history=good_history(1),
        begin_s=0.0,
        end_s=1.0,
        calm_s=(0.0, 1.0),
        strikes=(),
        clocks_count=0,
        is_quiet=is_quiet,
        load_per_core=0.0,
    )


def test_a_flaw_is_seen_by_what_it_breaks() -> None:
    assert seen(ran(is_quiet=True), [WRONG, OWED], {"I9"}) is OWED
    assert seen(ran(is_quiet=True), [WRONG, OWED], {"I1"}) is None


def test_what_is_owed_still_when_a_run_ends_shows_no_flaw() -> None:
    assert seen(ran(is_quiet=False), [OWED], {"I4", "I9"}) is None
    assert seen(ran(is_quiet=False), [OWED, WRONG], {"I4", "I9"}) is WRONG
