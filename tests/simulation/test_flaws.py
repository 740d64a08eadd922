"""What is broken is found, and shown by a history in which each step matters."""

import pytest

from tests.simulation.flaws import FLAWS
from tests.simulation.searching import search, shortest
from tests.simulation.world import broken_by

# The rarest is found in some 150,000 on the average, by chance: what a rule awaits moves all that
# follows.
STEPS_MAX = 800_000
READABLE_STEPS = 50


@pytest.mark.parametrize("name", FLAWS)
def test_a_flaw_is_found_and_no_step_of_the_history_shown_can_be_left_out(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    FLAWS[name].make(monkeypatch)

    searched = search(first_seed=1, steps_count=STEPS_MAX)
    assert searched.broken is not None
    assert searched.broken.invariant in FLAWS[name].invariants
    short = shortest(searched.history, searched.broken.invariant)
    assert len(short) <= READABLE_STEPS
    for number in range(len(short)):
        broken = broken_by(short[:number] + short[number + 1 :])
        assert broken is None or broken.invariant != searched.broken.invariant


def test_the_same_seed_is_the_same_history(monkeypatch: pytest.MonkeyPatch) -> None:
    FLAWS["no-tombstone"].make(monkeypatch)

    first, again = (search(first_seed=1, steps_count=STEPS_MAX) for _ in range(2))
    assert first.history and first.history == again.history
    assert first.text() == again.text()
