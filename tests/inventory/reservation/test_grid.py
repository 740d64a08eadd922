"""Instants at which holds lapse."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.inventory.reservation.grid import GRIDS, HOLD_MAX, expire_instant

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


def test_each_grid_divides_the_next() -> None:
    steps = [grid_s for _, grid_s in GRIDS]
    assert all(b % a == 0 for a, b in pairwise(steps))


@given(
    hold=st.timedeltas(min_value=timedelta(microseconds=1), max_value=HOLD_MAX),
    seconds=st.integers(0, 10**8),
)
def test_a_hold_is_never_shorter_than_asked_nor_longer_by_a_grid_step(
    hold: timedelta, seconds: int
) -> None:
    t = NOW + timedelta(seconds=seconds)
    until = datetime.fromtimestamp(expire_instant(t, hold), UTC)
    grid_s = next(grid_s for longest, grid_s in GRIDS if hold <= longest)

    assert timedelta(0) <= until - (t + hold) < timedelta(seconds=grid_s)


def test_a_row_has_at_most_some_ninety_live_instants() -> None:
    t = NOW + timedelta(seconds=1)
    holds = (timedelta(seconds=s) for s in range(30, int(HOLD_MAX.total_seconds()) + 1, 30))
    assert len({expire_instant(t, hold) for hold in holds}) <= 92
