"""What a basket holds, and when it changes."""

import pytest

from services.collect.basket.domain import (
    Basket,
    BasketFullError,
    check_line,
    check_step,
    cleared,
    set_line,
    without,
)
from services.collect.point.lines import LINES_MAX, InvalidLinesError, Line

EMPTY = Basket(customer_id="anna")
TWO = Basket(customer_id="anna", lines=(Line("LAMP", 1), Line("RUG", 2)), revision=2)
FULL = Basket(
    customer_id="anna", lines=tuple(Line(f"SKU-{n}", 1) for n in range(LINES_MAX)), revision=50
)


def test_lines_stand_in_the_order_they_were_put_in() -> None:
    assert set_line(TWO, Line("BED", 1)).answer.lines == (*TWO.lines, Line("BED", 1))


def test_another_quantity_stays_in_its_place() -> None:
    assert set_line(TWO, Line("LAMP", 5)).answer.lines == (Line("LAMP", 5), Line("RUG", 2))


def test_none_of_a_sku_takes_it_out() -> None:
    assert set_line(TWO, Line("LAMP", 0)).answer.lines == (Line("RUG", 2),)


def test_every_change_is_one_revision() -> None:
    assert set_line(TWO, Line("LAMP", 5)).answer.revision == 3


@pytest.mark.parametrize("line", [Line("LAMP", 1), Line("BED", 0)])
def test_what_changes_nothing_writes_nothing(line: Line) -> None:
    changed = set_line(TWO, line)

    assert (changed.answer, changed.records) == (TWO, ())


def test_a_full_basket_takes_no_other_sku() -> None:
    with pytest.raises(BasketFullError):
        set_line(FULL, Line("LAMP", 1))


def test_a_full_basket_takes_more_of_what_is_in_it() -> None:
    assert set_line(FULL, Line("SKU-7", 3)).answer.lines[7] == Line("SKU-7", 3)


def test_clearing_takes_all_out() -> None:
    assert cleared(TWO).answer == Basket(customer_id="anna", revision=3)


def test_clearing_an_empty_basket_writes_nothing() -> None:
    assert cleared(EMPTY).records == ()


def test_what_is_ordered_leaves_and_the_rest_stays() -> None:
    assert without(TWO, ["LAMP", "BED"]).lines == (Line("RUG", 2),)


@pytest.mark.parametrize(
    "line", [Line("", 1), Line("A B", 1), Line("A" * 65, 1), Line("A", -1), Line("A", 1_000_001)]
)
def test_a_line_beyond_its_limits_is_refused(line: Line) -> None:
    with pytest.raises(InvalidLinesError):
        check_line(line)


def test_a_quantity_between_two_steps_is_refused() -> None:
    check_step(Line("CABLE", 200), 100)
    with pytest.raises(InvalidLinesError):
        check_step(Line("CABLE", 250), 100)
