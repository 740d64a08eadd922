"""What happened is never refused, and the sum of a row's movements is the row."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.inventory.balance.domain import balance
from services.inventory.ledger.domain import (
    CLOCKS_APART,
    Cause,
    Fact,
    InvalidMovementError,
    Movement,
    Note,
    check_facts,
    check_sale_time,
    post,
    sold,
)
from services.inventory.ledger.levels import InvalidLevelError, Level, check_level, take_levels
from services.inventory.stock.domain import Bucket, InvalidLinesError, Line, Place, StockRow

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
LAMP = Place("lyon", "LAMP")
NOTE = Note(write_id="w", actor="till", now=NOW, occur_time=NOW)


def row(
    on: dict[Bucket, int], *, short: int = 0, safety: int = 0, at: int = 0, revision: int = 0
) -> StockRow:
    return StockRow(
        location_id="lyon",
        sku="LAMP",
        on=on,
        short=short,
        safety=safety,
        at=at,
        revision=revision,
    )


def fact(quantity: int, source: Bucket, target: Bucket, cause: Cause) -> Fact:
    line = Line(location_id="lyon", sku="LAMP", quantity=quantity)
    return Fact(line=line, source=source, target=target, cause=cause)


def after(before: StockRow, *facts: Fact) -> StockRow:
    (found,) = post({LAMP: before}, facts, note=NOTE).rows
    return found


def levelled(before: StockRow, sellable: int, safety: int = 0) -> tuple[StockRow, list[Movement]]:
    level = Level(place=LAMP, sellable=sellable, safety=safety)
    records = take_levels({LAMP: before}, [level], note=NOTE).records
    rows = [record for record in records if isinstance(record, StockRow)]
    return (rows or [before])[0], [r for r in records if isinstance(r, Movement)]


def summed(movements: Iterable[Movement]) -> Counter[Bucket]:
    sums = Counter[Bucket]()
    for movement in movements:
        sums[movement.source] -= movement.quantity
        sums[movement.target] += movement.quantity
    return sums


SALE = fact(3, Bucket.SELLABLE, Bucket.OUTSIDE, Cause.SALE)


def test_a_sale_takes_from_what_is_sellable() -> None:
    assert after(row({Bucket.SELLABLE: 5}), SALE).on == {Bucket.SELLABLE: 2}


def test_what_a_sale_takes_beyond_the_books_is_short() -> None:
    found = after(row({Bucket.SELLABLE: 2}), SALE)
    assert (found.on, found.short) == ({}, 1)


def test_a_receipt_settles_what_is_short_first() -> None:
    received = fact(10, Bucket.OUTSIDE, Bucket.SELLABLE, Cause.RECEIPT)
    found = after(row({}, short=3), received)
    assert (found.on, found.short) == ({Bucket.SELLABLE: 7}, 0)


@pytest.mark.parametrize("cause", [Cause.RETURN, Cause.ORDER, Cause.DAMAGE, Cause.SALE])
def test_only_receipts_and_counts_settle(cause: Cause) -> None:
    found = after(row({}, short=3), fact(10, Bucket.OUTSIDE, Bucket.SELLABLE, cause))
    assert (found.on, found.short) == ({Bucket.SELLABLE: 10}, 3)


def test_a_receipt_that_is_not_for_sale_settles_nothing() -> None:
    found = after(row({}, short=3), fact(10, Bucket.OUTSIDE, Bucket.DAMAGED, Cause.RECEIPT))
    assert (found.on, found.short) == ({Bucket.DAMAGED: 10}, 3)


def test_units_that_are_put_where_they_are_are_there_however_few_the_books_had() -> None:
    staged = fact(3, Bucket.SELLABLE, Bucket.STAGED, Cause.ORDER)
    found = after(row({Bucket.SELLABLE: 1}), staged)
    assert (found.on, found.short) == ({Bucket.STAGED: 3}, 2)


def test_units_not_found_were_taken_by_nobody() -> None:
    missing = fact(3, Bucket.SELLABLE, Bucket.OUTSIDE, Cause.NOT_FOUND)
    found = after(row({Bucket.SELLABLE: 1}), missing)
    assert (found.on, found.short) == ({}, 0)


def test_a_row_knows_what_corrected_its_book_and_what_of_it_counts_did() -> None:
    before = row({Bucket.SELLABLE: 9})
    facts = [
        fact(3, Bucket.SELLABLE, Bucket.OUTSIDE, Cause.COUNT),
        fact(1, Bucket.OUTSIDE, Bucket.SELLABLE, Cause.COUNT),
        fact(1, Bucket.SELLABLE, Bucket.OUTSIDE, Cause.NOT_FOUND),
        SALE,
    ]
    found = after(before, *facts)
    assert (found.corrected, found.counted) == (-3, -2)


def test_facts_of_one_write_follow_one_another_and_raise_the_revision_once() -> None:
    received = fact(3, Bucket.OUTSIDE, Bucket.SELLABLE, Cause.RECEIPT)
    found = after(row({}, revision=4), received, SALE)
    assert (found.on, found.short, found.revision) == ({}, 0, 5)


def test_movements_are_numbered_within_their_write_and_say_the_revision_after_it() -> None:
    movements = post({LAMP: row({Bucket.SELLABLE: 2})}, [SALE], note=NOTE).movements

    assert [m.movement_id for m in movements] == ["w-0001", "w-0002"]
    assert [(m.source, m.quantity) for m in movements] == [
        (Bucket.SELLABLE, 2),
        (Bucket.SHORT, 1),
    ]
    assert {m.revision for m in movements} == {1}


def test_a_write_goes_by_the_latest_time_of_its_rows() -> None:
    at = int(NOW.timestamp()) + 60
    assert after(row({}, at=at), SALE).at == at


def test_claims_beyond_what_a_fact_left_stay() -> None:
    until = int(NOW.timestamp()) + 60
    before = StockRow(location_id="lyon", sku="LAMP", on={Bucket.SELLABLE: 3}, held={until: 3})
    found = after(before, SALE)
    assert (found.held, found.available(NOW)) == ({until: 3}, 0)


def test_the_first_level_is_a_receipt_and_the_next_a_count() -> None:
    first, received = levelled(row({}), 5)
    _, counted = levelled(first, 7)

    assert [(m.cause, m.quantity) for m in received] == [(Cause.RECEIPT, 5)]
    assert [(m.cause, m.quantity) for m in counted] == [(Cause.COUNT, 2)]


def test_a_level_that_is_so_already_writes_nothing() -> None:
    level = Level(place=LAMP, sellable=5, safety=2)
    before = row({Bucket.SELLABLE: 5, Bucket.STAGED: 1}, safety=2, revision=1)
    changed = take_levels({LAMP: before}, [level], note=NOTE)

    assert (changed.answer, changed.records, changed.events) == ([False], (), ())


def test_a_level_that_says_another_safety_stock_moves_nothing() -> None:
    found, movements = levelled(row({Bucket.SELLABLE: 5}, revision=1), 5, safety=2)
    assert (found.safety, found.revision, movements) == (2, 2, [])


@given(sellable=st.integers(0, 9), short=st.integers(0, 9), level=st.integers(0, 9))
def test_a_level_is_what_is_sellable_and_settles_what_is_short_whole(
    sellable: int, short: int, level: int
) -> None:
    before = row({Bucket.SELLABLE: sellable}, short=short, revision=1)
    found, movements = levelled(before, level)

    assert (found.sellable, found.short) == (level, 0)
    sums = summed(movements)
    assert (sums[Bucket.SELLABLE], sums[Bucket.SHORT]) == (level - sellable, short)


FACTS = st.builds(
    fact,
    st.integers(1, 9),
    st.sampled_from([b for b in Bucket if b is not Bucket.SHORT]),
    st.sampled_from([b for b in Bucket if b is not Bucket.SHORT]),
    st.sampled_from(Cause),
).filter(lambda f: f.source is not f.target)


@given(st.lists(FACTS, max_size=20))
def test_whatever_happened_the_movements_add_up_to_a_row_without_a_bucket_below_zero(
    facts: list[Fact],
) -> None:
    rows, movements, _ = post({LAMP: row({})}, facts, note=NOTE)

    assert all(quantity > 0 for quantity in rows[0].on.values()) and rows[0].short >= 0
    assert balance(rows[0], summed(movements), {}).is_balanced
    assert all(m.source is not m.target and m.quantity > 0 for m in movements)


def test_a_sale_is_of_one_location_and_each_sku_once() -> None:
    lamp = Line(location_id="lyon", sku="LAMP", quantity=1)
    elsewhere = Line(location_id="lille", sku="CORD", quantity=1)

    for lines in ([], [lamp, lamp], [lamp, elsewhere]):
        with pytest.raises(InvalidLinesError):
            sold(lines, "")


def test_a_till_whose_clock_is_a_little_ahead_sold_now() -> None:
    assert check_sale_time(NOW + CLOCKS_APART, NOW) == NOW


def test_nothing_was_sold_in_the_future() -> None:
    with pytest.raises(InvalidLinesError):
        check_sale_time(NOW + CLOCKS_APART + timedelta(seconds=1), NOW)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (Bucket.SELLABLE, Bucket.SELLABLE),
        (Bucket.OUTSIDE, Bucket.OUTSIDE),
        (Bucket.SHORT, Bucket.SELLABLE),
        (Bucket.SELLABLE, Bucket.SHORT),
    ],
)
def test_units_move_from_one_bucket_of_the_row_to_another(source: Bucket, target: Bucket) -> None:
    with pytest.raises(InvalidMovementError):
        check_facts([fact(1, source, target, Cause.RECEIPT)])


@pytest.mark.parametrize(("sellable", "safety"), [(-1, 0), (0, -1), (10**9 + 1, 0), (0, 10**9 + 1)])
def test_a_level_is_within_its_limits(sellable: int, safety: int) -> None:
    with pytest.raises(InvalidLevelError):
        check_level(Level(place=LAMP, sellable=sellable, safety=safety))
