"""Who is slowed down by whose guesses, without a store, a server or a clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chassis.lockout import Attempts, TooManyAttemptsError
from services.customer.guessing.domain import (
    KNOWN_FOR,
    KnownSource,
    attempted,
    learned,
    succeeded,
    try_of,
)

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
KEY = b"k" * 32
HOME = try_of(KEY, address_hash="h", source="10.0.0.1")
NOWHERE = try_of(KEY, address_hash="h", source="")
(OWN,) = learned(HOME, now=NOON)
CLOSED = Attempts(key="h", failed_count=10, closed_until=NOON + timedelta(minutes=15))


def test_the_fifth_attempt_in_a_row_is_the_last_for_a_while() -> None:
    account: Attempts | None = None
    for _ in range(5):
        (account,) = attempted(account, None, attempt=HOME, now=NOON).records  # type: ignore[assignment]

    with pytest.raises(TooManyAttemptsError) as caught:
        attempted(account, None, attempt=HOME, now=NOON)
    assert caught.value.retry_after_s == 30


def test_an_account_that_strangers_have_closed_is_open_to_its_owner_at_home() -> None:
    counted = attempted(CLOSED, OWN, attempt=HOME, now=NOON)

    assert counted.answer
    assert counted.records == (replace(OWN, attempts=OWN.attempts.failed(NOON)),)


def test_guesses_at_home_are_slowed_down_too() -> None:
    source: KnownSource = OWN
    for _ in range(5):
        (source,) = attempted(None, source, attempt=HOME, now=NOON).records  # type: ignore[assignment]

    with pytest.raises(TooManyAttemptsError):
        attempted(None, source, attempt=HOME, now=NOON)


def test_a_source_is_a_strangers_again_when_nobody_has_come_from_there_for_long() -> None:
    with pytest.raises(TooManyAttemptsError):
        attempted(
            replace(CLOSED, closed_until=NOON + 2 * KNOWN_FOR),
            OWN,
            attempt=HOME,
            now=NOON + KNOWN_FOR,
        )


def test_the_right_password_counts_back() -> None:
    account = Attempts(key="h", failed_count=4)

    assert Attempts(key="h") in succeeded(account, None, attempt=NOWHERE, now=NOON)


def test_the_right_password_at_home_gives_strangers_no_more_tries() -> None:
    later = NOON + timedelta(days=1)
    (again,) = learned(HOME, now=later)

    assert succeeded(CLOSED, OWN, attempt=HOME, now=later) == (again,)


def test_where_nobody_says_where_they_are_nothing_is_learnt() -> None:
    assert learned(NOWHERE, now=NOON) == ()


def test_two_accounts_at_one_source_are_not_seen_to_share_it() -> None:
    neighbour = try_of(KEY, address_hash="n", source="10.0.0.1")

    assert neighbour.pair_hash != HOME.pair_hash
    assert neighbour.source_hash == HOME.source_hash != "10.0.0.1"
