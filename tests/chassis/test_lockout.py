"""How guesses are slowed down, without a store or a clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.lockout import (
    DELAY_MAX,
    Allowance,
    Attempts,
    TooManyAttemptsError,
    WrongGuesses,
    delay,
    place_of,
)

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def after_failures(count: int) -> Attempts:
    attempts = Attempts(key="anna")
    for _ in range(count):
        attempts = attempts.failed(NOON)
    return attempts


def test_four_wrong_guesses_are_free() -> None:
    assert after_failures(4).checked(NOON)


def test_the_fifth_closes_for_30_s_and_says_how_long() -> None:
    with pytest.raises(TooManyAttemptsError) as raised:
        after_failures(5).checked(NOON + 10 * SECOND)

    assert raised.value.retry_after_s == 20


def test_it_is_open_again_when_the_delay_is_over() -> None:
    assert after_failures(5).checked(NOON + 30 * SECOND)


@pytest.mark.parametrize(("count", "seconds"), [(5, 30), (6, 60), (7, 120), (9, 480), (10, 900)])
def test_each_further_one_doubles_the_delay(count: int, seconds: int) -> None:
    assert delay(count) == seconds * SECOND


@given(st.integers(10, 10**12))
def test_no_delay_is_longer_than_15_minutes(count: int) -> None:
    assert delay(count) == DELAY_MAX


def test_the_right_one_starts_anew() -> None:
    assert after_failures(9).succeeded() == Attempts(key="anna")


def test_guesses_are_forgotten_long_after_the_last_delay() -> None:
    attempts = after_failures(50)

    assert attempts.forget_time >= attempts.closed_until + 1000 * DELAY_MAX
    assert attempts.succeeded().forget_time < NOON


TWO_A_MINUTE = Allowance(count_max=2, window=60 * SECOND)


def wrong_guesses(count: int) -> WrongGuesses:
    guesses = WrongGuesses(key="here", begin_time=NOON)
    for _ in range(count):
        guesses = guesses.wrong(TWO_A_MINUTE, NOON)
    return guesses


def test_a_source_may_guess_wrong_as_often_as_it_is_allowed() -> None:
    assert wrong_guesses(1).checked(TWO_A_MINUTE, NOON)


def test_then_it_waits_until_its_window_ends() -> None:
    with pytest.raises(TooManyAttemptsError) as raised:
        wrong_guesses(2).checked(TWO_A_MINUTE, NOON + 10 * SECOND)

    assert raised.value.retry_after_s == 50
    assert wrong_guesses(2).checked(TWO_A_MINUTE, NOON + 60 * SECOND)


def test_a_new_window_counts_from_one() -> None:
    later = NOON + 60 * SECOND
    assert wrong_guesses(2).wrong(TWO_A_MINUTE, later) == WrongGuesses(
        key="here", begin_time=later, count=1
    )


def test_made_up_names_are_counted_in_few_places() -> None:
    assert len({place_of("client", str(n)) for n in range(300_000)}) <= 65_536
