"""What is kept back, by channel."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.inventory.stock.domain import Bucket, Place, StockRow
from services.inventory.supply.safety import (
    InvalidSafetyStockError,
    Safety,
    TooManyChannelsError,
    check_safeties,
    keep_back,
)

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
PLACE = Place("lyon", "LAMP")
ROW = StockRow(location_id="lyon", sku="LAMP", on={Bucket.SELLABLE: 9}, short=2, revision=4)


def kept(channel: str, quantity: int | None) -> Safety:
    return Safety(place=PLACE, channel=channel, quantity=quantity)


def after(row: StockRow, *safeties: Safety) -> StockRow:
    (left,) = keep_back({PLACE: row}, safeties, now=NOW).answer
    return left


def test_it_is_set_by_channel_and_for_all_others() -> None:
    left = after(ROW, kept("app", 3), kept("", 1), kept("till", 0))
    assert (left.safety, left.safety_by_channel) == (1, {"app": 3, "till": 0})
    assert (left.revision, left.units()) == (5, ROW.units())


def test_a_channel_may_have_none_of_its_own_again() -> None:
    both = after(ROW, kept("app", 3), kept("till", 0))
    assert after(both, kept("app", None)).safety_by_channel == {"till": 0}


def test_what_is_so_already_writes_nothing_and_is_answered() -> None:
    before = after(ROW, kept("app", 3))
    left = keep_back({PLACE: before}, [kept("app", 3), kept("web", None)], now=NOW)
    assert (left.answer, left.records, left.events) == ((before,), (), ())


def test_a_row_is_told_as_it_was_left() -> None:
    left = keep_back({PLACE: ROW}, [kept("app", 3)], now=NOW)
    (event,) = left.events
    assert (event.name, event.revision, event.detail) == ("stock_changed", 5, left.records[0])


def test_a_row_has_sixteen_channels_at_most() -> None:
    full = replace(ROW, safety_by_channel={f"c{n}": 1 for n in range(16)})
    after(full, kept("c0", 2))
    with pytest.raises(TooManyChannelsError):
        after(full, kept("c16", 1))


@pytest.mark.parametrize(
    ("safety", "field"),
    [
        (kept("App", 1), "channel"),
        (kept("x" * 33, 1), "channel"),
        (kept("app", -1), "quantity"),
        (kept("app", 1_000_000_001), "quantity"),
        (kept("", None), "quantity"),
    ],
)
def test_what_may_not_be_kept_back_is_named(safety: Safety, field: str) -> None:
    with pytest.raises(InvalidSafetyStockError) as refused:
        check_safeties([safety])
    assert [v.field for v in refused.value.violations] == [f"safety_stocks[0].{field}"]


@pytest.mark.parametrize(
    "safeties", [[], [kept("app", 1), kept("app", 2)], [kept(f"c{n}", 1) for n in range(201)]]
)
def test_they_come_some_at_once_each_another(safeties: list[Safety]) -> None:
    with pytest.raises(InvalidSafetyStockError):
        check_safeties(safeties)
