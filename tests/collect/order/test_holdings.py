"""What an order gives back is foreseen from the change alone, so that one read suffices."""

from dataclasses import replace
from itertools import product

import pytest

from chassis.records import NotReadError, State
from services.collect.basket.store import BASKETS
from services.collect.locker.store import CABINETS
from services.collect.order import holdings
from services.collect.order.values import Order
from services.collect.order.values import State as Life
from services.collect.order.workflow import foreseen
from services.collect.point.store import SLOTS
from tests.collect.order.orders import cancelled, confirmed, in_state, placed, wanted


def kinds_of(before: Order, after: Order) -> list[str]:
    return [ref.kind.collection for ref in holdings.refs_of(before, after)]


@pytest.mark.parametrize("before, after", list(product(Life, Life)))
def test_whatever_the_change_all_that_it_gives_back_is_foreseen(before: Life, after: Life) -> None:
    order = replace(wanted(cabinet_id="c1"), from_basket=True)
    was, is_now = replace(order, state=before), replace(order, state=after)
    read = State(dict.fromkeys(holdings.refs_of(was, is_now)))
    assert holdings.given_back(read, was, is_now) == ()


def test_most_changes_give_nothing_back() -> None:
    assert kinds_of(in_state(Life.CONFIRMED), in_state(Life.PICKING)) == []
    assert kinds_of(placed(), confirmed()) == []


def test_confirmed_it_empties_the_basket_it_came_from() -> None:
    order = replace(wanted(), from_basket=True)
    assert kinds_of(placed(order), confirmed(order)) == [BASKETS.collection]


def test_called_off_it_gives_back_slot_and_compartment() -> None:
    order = confirmed(wanted(cabinet_id="c1"))
    assert kinds_of(order, cancelled(order)) == [SLOTS.collection, CABINETS.collection]


def test_what_was_not_read_is_not_given_back_unseen() -> None:
    order = confirmed()
    with pytest.raises(NotReadError):
        holdings.given_back(State({}), order, cancelled(order))


def test_of_a_change_that_is_refused_nothing_is_foreseen() -> None:
    ended = in_state(Life.CANCELLED)
    assert foreseen(ended, cancelled) == []
    assert [ref.kind for ref in foreseen(confirmed(), cancelled)] == [SLOTS]
