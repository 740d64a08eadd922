"""Rows, and the claims on them."""

from dataclasses import Field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.writes import event_to_document
from services.inventory.stock.domain import (
    Bucket,
    InvalidLinesError,
    Line,
    StockRow,
    check_lines,
    row_changed,
)

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
NOW_S = int(NOW.timestamp())


def row(sellable: int, *, held: dict[int, int] | None = None, **others: Any) -> StockRow:
    on = {Bucket.SELLABLE: sellable}
    return StockRow(location_id="lyon", sku="LAMP", on=on, held=held or {}, **others)


def test_available_is_on_hand_less_held_less_safety() -> None:
    assert row(10, held={NOW_S + 1: 3}, safety=2).available(NOW) == 5


def test_available_is_never_below_zero() -> None:
    assert row(1, held={NOW_S + 1: 3}).available(NOW) == 0


def test_a_claim_lapses_at_its_instant_exactly() -> None:
    claimed = row(5, held={NOW_S: 5})

    assert claimed.available(NOW - timedelta(milliseconds=1)) == 0
    assert claimed.available(NOW) == 5


def test_the_rows_own_time_counts_where_a_clock_is_behind() -> None:
    assert row(5, held={NOW_S: 5}, at=NOW_S).available(NOW - timedelta(hours=1)) == 5


def test_what_is_kept_back_in_a_channel_counts_there_in_place_of_that_of_all() -> None:
    kept = replace(row(10, held={NOW_S + 1: 3}, safety=2), safety_by_channel={"app": 6, "till": 0})

    assert [kept.available(NOW, channel) for channel in ("app", "till", "web", "")] == [1, 7, 5, 5]


def test_stamping_drops_what_has_lapsed_and_what_is_zero() -> None:
    before = row(0, held={NOW_S: 1, NOW_S + 1: 1, NOW_S + 2: 0}, revision=6)
    stamped = before.stamped(before.units(), at=NOW_S)

    assert (stamped.on, stamped.held, stamped.at) == ({}, {NOW_S + 1: 1}, NOW_S)
    assert stamped.revision == 7


def test_moving_and_stamping_leave_every_field_that_they_do_not_mean() -> None:
    before = replace(
        row(5, held={NOW_S + 1: 1}, at=NOW_S - 9, short=2, safety=3, revision=6),
        safety_by_channel={"app": 1},
        corrected=-4,
        counted=-3,
    )
    default = StockRow(location_id="", sku="")
    assert [f.name for f in fields(before) if value(before, f) == value(default, f)] == []

    stamped = before.stamped(before.units(), at=NOW_S)
    assert changed(before, stamped) == {"at", "revision"}
    moved = before.stamped({**before.units(), Bucket.STAGED: 1, Bucket.OUTSIDE: -1}, at=NOW_S)
    assert changed(stamped, moved) == {"on"}
    corrected = before.stamped(before.units(), at=NOW_S, corrected=1)
    assert changed(stamped, corrected) == {"corrected"} and corrected.corrected == -3
    counted = before.stamped(before.units(), at=NOW_S, counted=1)
    assert changed(stamped, counted) == {"counted"} and counted.counted == -2
    assert changed(before, before.claimed(1, until=NOW_S + 1)) == {"held"}


def test_what_is_told_of_a_row_is_not_how_its_book_was_corrected() -> None:
    event = row_changed(replace(row(5), corrected=-4, counted=-3))
    told = event_to_document(event, NOW)["detail"]
    assert set(told) == {f.name for f in fields(StockRow)} - {"corrected", "counted"}


def changed(before: StockRow, after: StockRow) -> set[str]:
    return {f.name for f in fields(before) if value(before, f) != value(after, f)}


def value(row: StockRow, field: Field[object]) -> object:
    return getattr(row, field.name)


def test_every_bad_line_is_named() -> None:
    lines = [
        Line(location_id="lyon", sku="LAMP", quantity=0),
        Line(location_id="lyon", sku="LAMP", quantity=1),
        Line(location_id="lyon", sku="A LAMP", quantity=1),
    ]
    with pytest.raises(InvalidLinesError) as caught:
        check_lines(lines)

    fields = [violation.field for violation in caught.value.violations]
    assert fields == ["lines[0].quantity", "lines[2].sku", "lines[1]"]
