"""A count says what was there as of its position: what moves since is in the book by itself."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.documents import record_from_document, record_to_document
from chassis.records import Ref
from services.inventory.balance.domain import balance
from services.inventory.count import domain
from services.inventory.count.domain import (
    AlreadyCountedError,
    Count,
    CountExistsError,
    InvalidCountError,
    Seen,
    SkuNotInCountError,
    UnknownCountError,
    UnknownPositionError,
    begun,
    check_position,
    check_seen,
    line_of,
    looked_at,
    made,
    net,
    recorded,
)
from services.inventory.count.store import COUNTS
from services.inventory.ledger.domain import Cause, Fact, Movement, Note, post
from services.inventory.stock.domain import Bucket, Line, Place, StockRow
from services.inventory.stock.store import ROWS

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
LAMP = Place("lyon", "LAMP")
NOTE = Note(write_id="w", actor="erp", now=NOW, occur_time=NOW)


def row(sellable: int = 0, short: int = 0) -> StockRow:
    on = {Bucket.SELLABLE: sellable} if sellable else {}
    return StockRow(location_id="lyon", sku="LAMP", on=on, short=short, revision=4)


def count_of(before: StockRow) -> Count:
    return begun([before], "lyon", owner="erp", note=NOTE)


def fact(quantity: int, cause: Cause) -> Fact:
    line = Line(location_id="lyon", sku="LAMP", quantity=quantity)
    ends = {
        Cause.RECEIPT: (Bucket.OUTSIDE, Bucket.SELLABLE),
        Cause.RETURN: (Bucket.OUTSIDE, Bucket.SELLABLE),
        Cause.SALE: (Bucket.SELLABLE, Bucket.OUTSIDE),
        Cause.DAMAGE: (Bucket.SELLABLE, Bucket.DAMAGED),
        Cause.COUNT: (Bucket.OUTSIDE, Bucket.SELLABLE),
        Cause.NOT_FOUND: (Bucket.SELLABLE, Bucket.OUTSIDE),
    }
    source, target = ends[cause]
    return Fact(line=line, source=source, target=target, cause=cause)


def moved(before: StockRow, *facts: Fact) -> tuple[StockRow, list[Movement]]:
    """One write for each, so that each has a revision of its own."""
    movements = list[Movement]()
    for each in facts:
        posted = post({LAMP: before}, [each], note=NOTE)
        (before,), movements = posted.rows, [*movements, *posted.movements]
    return before, movements


def seen(
    count: Count, before: StockRow, quantity: int, line: domain.CountLine | None = None
) -> tuple[StockRow, list[Movement]]:
    """The row once so many are recorded, and the movements that this took."""
    looked = [line or count.lines[0]]
    records = recorded(
        count, {LAMP: before}, {"LAMP": quantity}, looked, owner="erp", note=NOTE
    ).records
    rows = [record for record in records if isinstance(record, StockRow)]
    return (rows or [before])[0], [r for r in records if isinstance(r, Movement)]


PHYSICAL = (Cause.RECEIPT, Cause.RETURN, Cause.SALE, Cause.DAMAGE)
FACTS = st.lists(
    st.builds(
        fact,
        st.integers(1, 5),
        st.sampled_from([*PHYSICAL, Cause.COUNT, Cause.NOT_FOUND]),
    ),
    max_size=8,
)


@given(st.integers(0, 30), FACTS, FACTS, FACTS, st.booleans())
def test_after_a_count_the_book_is_the_shelf_whatever_was_recorded_before_and_since(
    shelf: int, before: list[Fact], between: list[Fact], since: list[Fact], later: bool
) -> None:
    """`later`: the shelf is looked at some while after the count has begun."""
    begin, first = moved(StockRow(location_id="lyon", sku="LAMP"), *before)
    count = count_of(begin)
    at_look, second = moved(begin, *between)
    at_end, third = moved(at_look, *since)
    looked, sales = begin, (*between, *since)
    line = count.lines[0]
    if later:
        looked, sales = at_look, tuple(since)
        line = looked_at(line, Seen(sku="LAMP", quantity=shelf, position=looked.revision), second)
        assert line.net == net(at_look)
    after, posted = seen(count, at_end, shelf, line)

    there = shelf + sum(units(each) for each in sales)
    assert (after.sellable, after.short) == (max(there, 0), max(-there, 0))
    movements = [*first, *second, *third, *posted]
    sums = {bucket: sum(units_in(each, bucket) for each in movements) for bucket in Bucket}
    assert balance(after, sums, {}).is_balanced
    assert all(each.quantity > 0 and each.source is not each.target for each in posted)


def units(each: Fact) -> int:
    """That came to the shelf: what only corrects the book brings none."""
    if each.cause not in PHYSICAL:
        return 0
    sign = (each.target is Bucket.SELLABLE) - (each.source is Bucket.SELLABLE)
    return sign * each.line.quantity


def units_in(movement: Movement, bucket: Bucket) -> int:
    sign = (movement.target is bucket) - (movement.source is bucket)
    return sign * movement.quantity


def test_what_is_as_the_book_says_moves_nothing_and_is_kept() -> None:
    count = count_of(row(3))
    changed = recorded(count, {LAMP: row(3)}, {"LAMP": 3}, count.lines, owner="erp", note=NOTE)
    assert changed.records == (changed.answer,)
    assert changed.answer.lines[0].seen == 3


def test_a_count_settles_what_was_short() -> None:
    after, movements = seen(count_of(row(4, short=2)), row(4, short=2), 2)
    assert (after.sellable, after.short) == (2, 0)
    assert [(m.source, m.target, m.quantity) for m in movements] == [
        (Bucket.SELLABLE, Bucket.SHORT, 2)
    ]
    assert (movements[0].cause, movements[0].document_id) == (Cause.COUNT, "w")


def test_a_count_and_a_row_of_before_know_of_no_correction_and_count_as_they_did() -> None:
    count = count_of(row(10))
    document = record_to_document(Ref(COUNTS, "w"), count, touched=1)
    del document["lines"][0]["corrected"]
    of_row = record_to_document(Ref(ROWS, LAMP), row(10), touched=1)
    del of_row["corrected"]
    kept, stands = record_from_document(COUNTS, document), record_from_document(ROWS, of_row)
    assert (kept, stands) == (count, row(10))

    corrected, _ = seen(count_of(stands), stands, 8)
    after, _ = seen(kept, corrected, 8)
    assert (corrected.sellable, after.sellable) == (8, 8)


def test_what_was_recorded_just_so_is_left_and_other_figures_are_refused() -> None:
    count = count_of(row(3))
    first = recorded(count, {LAMP: row(3)}, {"LAMP": 1}, count.lines, owner="erp", note=NOTE)
    rows = {LAMP: row(1)}

    again = recorded(first.answer, rows, {"LAMP": 1}, count.lines, owner="erp", note=NOTE)
    assert (again.answer, again.records) == (first.answer, ())
    with pytest.raises(AlreadyCountedError):
        recorded(first.answer, rows, {"LAMP": 2}, count.lines, owner="erp", note=NOTE)
    elsewhere = replace(count.lines[0], position=5)
    with pytest.raises(AlreadyCountedError):
        recorded(first.answer, rows, {"LAMP": 1}, [elsewhere], owner="erp", note=NOTE)


def test_a_request_that_began_a_count_long_ago_begins_no_other() -> None:
    count = count_of(row())
    assert made(None, count).records == (count,)
    with pytest.raises(CountExistsError):
        made(count, count)


def test_anothers_count_is_unknown() -> None:
    count = count_of(row())
    for found, owner in ((count, "other"), (None, "erp")):
        with pytest.raises(UnknownCountError):
            recorded(found, {}, {}, [], owner=owner, note=NOTE)


def test_a_sku_that_is_not_in_it_is_said() -> None:
    with pytest.raises(SkuNotInCountError, match="CORD"):
        line_of(count_of(row()), "CORD")


@pytest.mark.parametrize("position", [3, 8, -1])
def test_a_position_before_the_count_or_ahead_of_the_row_is_unknown(position: int) -> None:
    line, now = count_of(row()).lines[0], replace(row(), revision=7)
    for known in (None, 4, 5, 7):
        check_position(line, Seen(sku="LAMP", quantity=1, position=known), now)
    with pytest.raises(UnknownPositionError):
        check_position(line, Seen(sku="LAMP", quantity=1, position=position), now)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [Seen(sku="LAMP", quantity=-1)],
        [Seen(sku="LAMP", quantity=1_000_000_001)],
        [Seen(sku="LAMP", quantity=1), Seen(sku="LAMP", quantity=1)],
        [Seen(sku=f"S{number}", quantity=1) for number in range(201)],
    ],
)
def test_what_was_seen_is_within_its_limits(lines: list[Seen]) -> None:
    with pytest.raises(InvalidCountError):
        check_seen(lines)
