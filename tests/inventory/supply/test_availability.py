"""What can be promised at an instant, term by term."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.inventory.stock.domain import Bucket, Place, StockRow
from services.inventory.stock.instant import InvalidAtTimeError, check_at_time
from services.inventory.supply.availability import (
    Asked,
    InvalidMinRevisionsError,
    RevisionNotReachedError,
    availability,
    check_min_revisions,
    check_reached,
)
from services.inventory.supply.domain import ComingTransfer, Expectation, ExpectedReceipt

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
HOUR_S = 3600
PLACE = Place("lyon", "LAMP")


def row(sellable: int = 10, **others: Any) -> StockRow:
    others = {"on": {Bucket.SELLABLE: sellable}, **others}
    return StockRow(location_id="lyon", sku="LAMP", **others)


def expected(*hours: int, quantity: int = 4, received: int = 0) -> Expectation:
    receipts = (
        ExpectedReceipt(
            document_id=f"PO{n}", due=NOW_S + n * HOUR_S, quantity=quantity, received=received
        )
        for n in sorted(hours)
    )
    return Expectation(location_id="lyon", sku="LAMP", receipts=tuple(receipts))


def ahead(hours: float, channel: str = "") -> Asked:
    return Asked(now=NOW, at=NOW + timedelta(hours=hours), channel=channel)


def test_now_it_is_what_a_hold_may_claim() -> None:
    held = row(held={NOW_S + 60: 1, NOW_S + 30: 1, NOW_S: 1}, safety=3)
    shown = availability(held, Asked(now=NOW))
    assert (shown.available, shown.held, shown.safety) == (5, 2, 3)
    assert shown.available == held.available(NOW)


def test_now_an_answer_is_valid_until_the_next_claim_lapses() -> None:
    held = row(held={NOW_S + 60: 1, NOW_S + 30: 1, NOW_S: 1})
    assert availability(held, Asked(now=NOW)).valid_until == NOW_S + 30


def test_an_answer_that_nothing_changes_is_valid_for_good() -> None:
    assert availability(row(), Asked(now=NOW)).valid_until is None


def test_claims_that_lapse_by_then_do_not_count() -> None:
    held = row(held={NOW_S + HOUR_S: 3, NOW_S + 2 * HOUR_S: 2})
    assert [availability(held, ahead(hours)).held for hours in (0.5, 1, 2)] == [5, 2, 0]


def test_receipts_that_are_due_by_then_count_and_no_others() -> None:
    shown = [availability(row(), ahead(hours), expected(1, 3)) for hours in (0.5, 1, 3)]
    assert [each.expected for each in shown] == [0, 4, 8]
    assert [each.available for each in shown] == [10, 14, 18]


def test_what_was_due_and_has_not_come_does_not_count_and_is_told() -> None:
    shown = availability(row(), ahead(1), expected(-1, 0, 1))
    assert (shown.available, shown.expected, shown.overdue) == (14, 4, 8)
    assert shown.awaited == expected(-1, 0, 1).receipts


def test_only_what_has_not_come_is_awaited() -> None:
    assert availability(row(), ahead(1), expected(1, received=3)).expected == 1
    settled = availability(row(), ahead(1), expected(1, received=4))
    assert (settled.expected, settled.awaited) == (0, ())


def test_what_comes_settles_first_what_is_short() -> None:
    assert availability(row(0, short=3), ahead(1), expected(1)).available == 1
    assert availability(row(2, short=9), ahead(1), expected(1)).available == 2


def test_now_nothing_that_is_expected_is_shown() -> None:
    shown = availability(row(), Asked(now=NOW), expected(-1, 1))
    assert (shown.expected, shown.overdue, shown.awaited) == (0, 0, ())


def test_what_is_on_its_way_is_told_and_counts_by_what_is_expected_alone() -> None:
    sent = row(on={Bucket.SELLABLE: 1, Bucket.IN_TRANSIT: 7})
    shown = availability(sent, ahead(1), expected(1))
    assert (shown.in_transit, shown.available) == (7, 5)


def test_what_was_moved_out_of_transit_by_hand_does_not_come_once_more() -> None:
    on_its_way = ComingTransfer(transfer_id="t", due=NOW_S + 1800, left=6)
    awaiting = replace(expected(), transfers=(on_its_way,))
    asked = ahead(1)
    there = row(10, on={Bucket.SELLABLE: 10, Bucket.IN_TRANSIT: 6})
    assert availability(there, asked, awaiting).available == 16
    by_hand = row(14, on={Bucket.SELLABLE: 14, Bucket.IN_TRANSIT: 2})
    assert availability(by_hand, asked, awaiting).available == 16


def test_what_is_kept_back_is_that_of_the_channel() -> None:
    kept = row(safety=1, safety_by_channel={"app": 4})
    shown = [availability(kept, ahead(1, channel)) for channel in ("app", "till")]
    assert [(each.safety, each.available) for each in shown] == [(4, 6), (1, 9)]


@pytest.mark.parametrize(
    ("hours", "dues", "valid_until_h"), [(2, (), 2), (2, (1,), 1), (2, (-1, 3), 2), (1, (1,), 1)]
)
def test_ahead_an_answer_is_valid_until_a_receipt_that_counts_is_due_or_until_then(
    hours: int, dues: tuple[int, ...], valid_until_h: int
) -> None:
    held = row(held={NOW_S + 60: 1})
    shown = availability(held, ahead(hours), expected(*dues))
    assert shown.valid_until == NOW_S + valid_until_h * HOUR_S


rows = st.builds(
    row,
    st.integers(0, 20),
    held=st.dictionaries(st.integers(NOW_S - 5, NOW_S + 9_000), st.integers(1, 5), max_size=4),
    short=st.integers(0, 5),
    safety=st.integers(0, 5),
)


@given(rows, st.sets(st.integers(-2, 4), max_size=4), st.integers(1, 3))
def test_an_answer_stays_as_it_is_until_it_says(
    given_row: StockRow, hours: set[int], asked_h: int
) -> None:
    """As long as nothing is written."""
    at = NOW + timedelta(hours=asked_h)
    for asked_at in (None, at):
        first = availability(given_row, Asked(now=NOW, at=asked_at), expected(*hours))
        until = first.valid_until or NOW_S + 9_001
        later = datetime.fromtimestamp(until, UTC) - timedelta(milliseconds=1)
        again = availability(given_row, Asked(now=later, at=asked_at), expected(*hours))
        assert again.available == first.available


def test_a_row_that_is_behind_what_was_asked_for_fails() -> None:
    rows_read = {PLACE: row(revision=3)}
    check_reached(rows_read, {PLACE: 3})
    with pytest.raises(RevisionNotReachedError) as refused:
        check_reached(rows_read, {PLACE: 4})
    assert (refused.value.metadata["revision"], refused.value.retry_after_s) == ("3", 1.0)


def test_revisions_are_of_rows_that_are_asked_for() -> None:
    check_min_revisions({PLACE: 1}, [PLACE])
    with pytest.raises(InvalidMinRevisionsError):
        check_min_revisions({Place("lille", "LAMP"): 1}, [PLACE])


def test_an_instant_is_neither_past_nor_too_far_ahead() -> None:
    month = timedelta(days=30)
    assert check_at_time(NOW - timedelta(minutes=5), NOW, ahead_max=month) == NOW
    assert check_at_time(NOW + month, NOW, ahead_max=month) == NOW + month
    for at in (NOW - timedelta(minutes=6), NOW + timedelta(days=31)):
        with pytest.raises(InvalidAtTimeError):
            check_at_time(at, NOW, ahead_max=month)
