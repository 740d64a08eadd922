"""What an order becomes where something that has happened took what it held: by the rule alone."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from comptoir.inventory.v1.stock_service_pb2 import CAUSE_NOT_FOUND
from hypothesis import given
from hypothesis import strategies as st

from services.collect.order import bodies, messages
from services.collect.order.broken import (
    BrokenHold,
    BrokenLine,
    broken,
    done_with,
    is_early,
    noted_over,
    told,
)
from services.collect.order.domain import shown
from services.collect.order.saga import SOLD_OUT
from services.collect.order.values import Method, Money, Order, State, Step, StepName
from services.collect.picking import domain as picking
from tests.collect.order.orders import NOON, confirmed, in_state, line, owed, placed, wanted

TWO = (line(1, "LAMP", 2), line(2, "CORD", 3, price=500))


def hold(revision: int = 2, reservation_id: str = "reservation-1", **units: int) -> BrokenHold:
    lines = lines_of(units)
    return BrokenHold(reservation_id=reservation_id, order_id="o1", lines=lines, revision=revision)


def lines_of(units: Mapping[str, int]) -> tuple[BrokenLine, ...]:
    return tuple(BrokenLine(sku=sku, quantity=quantity) for sku, quantity in units.items())


def after(order: Order, **units: int) -> Order:
    return broken(order, replace(hold(), lines=lines_of(units)), now=NOON)


def standing(order: Order) -> list[int]:
    return [each.standing_quantity for each in order.lines]


def test_an_order_goes_on_with_what_is_left_and_costs_that() -> None:
    order = after(confirmed(wanted(*TWO)), LAMP=1)
    assert (order.state, standing(order), order.total_minor) == (State.CONFIRMED, [1, 3], 3490)
    assert [each.found_quantity for each in order.lines] == [None, None]
    assert shown(order)["lines"][0]["broken_quantity"] == 1
    assert messages.line_to_pb(order.lines[0], "EUR").broken_quantity == 1


def test_a_line_of_which_nothing_is_left_need_not_be_looked_for() -> None:
    order = after(confirmed(wanted(*TWO)), LAMP=2)
    assert (order.state, order.lines[0].found_quantity) == (State.CONFIRMED, 0)
    order = picking.picked(order, line_number=2, found_quantity=3, now=NOON)
    ready = picking.staged(order, bin_label="B7", now=NOON)
    assert (ready.state, standing(ready), ready.total_minor) == (State.READY, [0, 3], 1500)


def test_a_picker_may_find_what_is_broken_after_all() -> None:
    order = after(confirmed(wanted(*TWO)), LAMP=2)
    order = picking.picked(order, line_number=1, found_quantity=2, now=NOON)
    assert standing(order) == [2, 3]


@pytest.mark.parametrize(
    ("method", "steps", "money"),
    [
        (Method.REFERENCE, ["void", "unreserve"], Money.AUTHORISED),
        (Method.AT_COUNTER, ["unreserve"], Money.VOIDED),
    ],
)
def test_an_order_of_which_nothing_is_left_is_cancelled_and_its_payment_let_go(
    method: Method, steps: list[str], money: Money
) -> None:
    ended = after(confirmed(wanted(*TWO, method=method)), LAMP=2, CORD=3)
    assert (ended.state, ended.cause, ended.money) == (State.CANCELLED, SOLD_OUT, money)
    assert ended.changes[-1].actor == "system"
    assert owed(ended) == steps


@pytest.mark.parametrize(
    ("method", "steps", "money"),
    [
        (Method.REFERENCE, ["commit", "void"], Money.AUTHORISED),
        (Method.AT_COUNTER, ["commit"], Money.VOIDED),
    ],
)
def test_what_was_looked_for_in_vain_is_told_though_the_rest_breaks(
    method: Method, steps: list[str], money: Money
) -> None:
    order = confirmed(wanted(*TWO, method=method))
    order = picking.picked(order, line_number=1, found_quantity=0, now=NOON)
    ended = after(order, CORD=3)
    assert (ended.state, ended.cause, ended.money) == (State.CANCELLED, SOLD_OUT, money)
    assert owed(ended) == steps
    told = bodies.commit_of(ended, Step(StepName.COMMIT, ended.attempt)).found_lines
    assert [(each.found_quantity, each.not_found_quantity) for each in told] == [(0, 2), (0, 0)]


def test_what_somebody_has_looked_at_stays_as_it_was_found() -> None:
    order = confirmed(wanted(*TWO))
    order = picking.picked(order, line_number=1, found_quantity=2, now=NOON)
    order = after(order, LAMP=2, CORD=1)
    assert standing(order) == [2, 2]
    assert [each["broken_quantity"] for each in shown(order)["lines"]] == [0, 1]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), max_size=6))
def test_never_more_than_was_held_is_missing_whoever_came_first(
    steps: list[tuple[bool, int]],
) -> None:
    """A step is a look that finds so many, or so many that are broken by then."""
    order, found, lost = confirmed(wanted(line(1, "LAMP", 4), line(2, "CORD", 3))), None, 0
    for is_look, quantity in steps:
        if is_look:
            found = quantity
            order = picking.picked(order, line_number=1, found_quantity=found, now=NOON)
        else:
            lost = max(lost, quantity)
            order = after(order, LAMP=lost)
    of_line = order.lines[0]
    told = messages.line_to_pb(of_line, "EUR").broken_quantity
    if found is None:
        assert (of_line.missing_quantity, told) == (0, lost)
    else:
        assert of_line.missing_quantity == max(4 - lost - found, 0)
        assert told == min(lost, 4 - found)


def test_one_that_is_being_placed_is_refused_as_if_there_had_not_been_enough() -> None:
    order = replace(placed(), reservation_id="reservation-1", todo=placed().todo[1:])
    refused = after(order, LAMP=1)
    assert (refused.state, refused.cause) == (State.REFUSED, SOLD_OUT)
    assert owed(refused) == ["void", "unreserve"]


@pytest.mark.parametrize(
    "state", [State.READY, State.COLLECTED, State.REFUSED, State.CANCELLED, State.EXPIRED]
)
def test_what_is_staged_or_over_stays_as_it_is(state: State) -> None:
    order = replace(in_state(state), reservation_id="reservation-1")
    assert after(order, LAMP=2) == order


def test_a_hold_of_a_placing_before_says_nothing_of_this_one() -> None:
    order = confirmed()
    assert broken(order, hold(reservation_id="another", LAMP=2), now=NOON) == order
    assert is_early(placed(), hold()) and not is_early(order, hold())
    assert not is_early(replace(placed(), reservation_id="reservation-1"), hold())


def test_more_that_breaks_later_is_told_as_a_whole_and_less_is_old() -> None:
    order = after(confirmed(wanted(*TWO)), CORD=2)
    assert standing(after(order, CORD=1)) == [2, 1]
    assert standing(after(order, CORD=2, LAMP=1)) == [1, 1]
    assert told(None, hold()) == hold()
    assert told(hold(), hold(revision=3, LAMP=2)) == hold(revision=3, LAMP=2)
    assert told(hold(), hold(LAMP=2)) is None
    # What is done with nobody reads again: another replica was there before.
    assert done_with(None, hold()) is None
    assert done_with(hold(), hold()) == replace(hold(), done=True)
    assert done_with(hold(revision=3), hold()) is None


def test_only_what_was_held_is_told_to_be_missing() -> None:
    order = after(confirmed(wanted(*TWO)), CORD=1)
    order = picking.picked(order, line_number=1, found_quantity=2, now=NOON)
    order = picking.picked(order, line_number=2, found_quantity=1, now=NOON)
    order = picking.staged(order, bin_label="B7", now=NOON)
    told = bodies.commit_of(order, Step(StepName.COMMIT, order.attempt)).found_lines
    assert [(each.found_quantity, each.not_found_quantity) for each in told] == [(2, 0), (1, 1)]


def test_without_its_hold_only_what_was_held_is_booked_as_not_found() -> None:
    order = after(confirmed(wanted(*TWO)), CORD=1)
    order = picking.picked(order, line_number=1, found_quantity=2, now=NOON)
    order = picking.picked(order, line_number=2, found_quantity=1, now=NOON)
    assert missing_from(order) == [("CORD", 1)]
    found_more = picking.picked(order, line_number=2, found_quantity=3, now=NOON)
    assert missing_from(found_more) == []


def missing_from(order: Order) -> list[tuple[str, int]]:
    moves = bodies.commit_without_hold(order, Step(StepName.COMMIT, order.attempt)).movements
    return [(each.sku, each.quantity) for each in moves if each.cause == CAUSE_NOT_FOUND]


def test_what_was_asked_of_inventory_is_asked_again_in_the_same_words() -> None:
    order = confirmed(wanted(*TWO))
    step = Step(StepName.RESERVE, order.attempt)
    assert bodies.reserve_of(after(order, LAMP=1), step) == bodies.reserve_of(order, step)


def test_what_was_asked_for_forgets_nothing_that_its_order_has_yet_to_be_told() -> None:
    """Another replica may have noted an event, which none tells again, while this one asked."""
    noted, asked = hold(revision=6, LAMP=2), hold(revision=5, LAMP=1, CORD=1)
    assert noted_over(noted, asked) == hold(revision=5, LAMP=2, CORD=1)
    assert noted_over(replace(noted, done=True), asked) == asked
    assert noted_over(None, asked) == asked
