"""What another location is asked for in place of what is broken, and what its order makes of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.collect.order.bringing import Bringing, Brought, lacking, told
from services.collect.order.broken import BrokenHold, BrokenLine, broken
from services.collect.order.domain import shown
from services.collect.order.line import Coming
from services.collect.order.messages import order_changed_to_pb
from services.collect.order.values import Order, State
from services.collect.picking import domain as picking
from tests.collect.order.orders import (
    COLLECT_BY,
    NOON,
    cancelled,
    confirmed,
    in_state,
    line,
    owed,
    wanted,
)

LYON = Coming(
    parcel_id="p1",
    location_id="lyon",
    quantity=1,
    ask_time=NOON,
    leave_time=NOON,
    ready_time=NOON + timedelta(hours=1),
)
ONE_COMES = Bringing(by_sku={"LAMP": LYON})
TWO_COME = Bringing(by_sku={"LAMP": replace(LYON, quantity=2)})


def sold(quantity: int, sku: str = "LAMP") -> BrokenHold:
    lines = (BrokenLine(sku=sku, quantity=quantity),)
    return BrokenHold(reservation_id="reservation-1", order_id="o1", lines=lines, revision=2)


def coming() -> Order:
    """2 were ordered; 1 was sold, and is held elsewhere."""
    order = broken(confirmed(), sold(1), now=NOON, bringing=ONE_COMES)
    return told(order, brought(), now=NOON)


def brought(quantity: int = 1, *, arrived: bool = False, bin_label: str = "") -> Brought:
    quantities = {"LAMP": quantity}
    return Brought(
        parcel_id="p1", quantities=quantities, held=True, arrived=arrived, bin_label=bin_label
    )


def test_a_line_that_somebody_has_looked_at_lacks_nothing() -> None:
    order = in_state(State.PICKING)
    assert lacking(order, broken(order, sold(1), now=NOON)) == {}
    assert broken(order, sold(1), now=NOON, bringing=ONE_COMES).lines[0].coming is None


def test_a_line_is_asked_for_once() -> None:
    order = coming()
    assert lacking(order, broken(order, sold(2), now=NOON)) == {}
    again = Bringing(by_sku={"LAMP": replace(LYON, parcel_id="p2")})
    after = broken(order, sold(2), now=NOON, bringing=again).lines[0]
    assert (after.brought_quantity, after.lost_quantity) == (1, 1)
    assert after.coming is not None and after.coming.parcel_id == "p1"


def test_no_more_is_asked_for_than_is_lacking() -> None:
    many = Bringing(by_sku={"LAMP": replace(LYON, quantity=2)})
    assert broken(confirmed(), sold(1), now=NOON, bringing=many).lines[0].coming is None


def test_nobody_picks_what_another_location_sends() -> None:
    with pytest.raises(picking.InvalidPickError):
        picking.picked(coming(), line_number=1, found_quantity=2, now=NOON)


def test_until_it_is_held_a_line_of_which_all_is_sold_is_not_found_missing() -> None:
    order = broken(confirmed(), sold(2), now=NOON, bringing=TWO_COME)
    assert (order.state, order.lines[0].found_quantity) == (State.CONFIRMED, None)
    assert told(order, brought(2), now=NOON).lines[0].found_quantity == 0


def test_what_came_before_the_rest_was_picked_waits_for_it() -> None:
    order = told(coming(), brought(arrived=True, bin_label="B8"), now=NOON)
    assert (order.state, order.place_label) == (State.CONFIRMED, "B8")
    order = picking.picked(order, line_number=1, found_quantity=1, now=NOON)
    assert picking.staged(order, bin_label="B8", now=NOON).state is State.READY


def test_what_came_is_the_order_once_the_rest_is_sold() -> None:
    order = broken(confirmed(wanted(line(), line(2, "CORD"))), sold(2), now=NOON, bringing=TWO_COME)
    order = told(order, brought(2, arrived=True, bin_label="B8"), now=NOON)
    assert (order.state, order.lines[1].found_quantity) == (State.CONFIRMED, None)
    order = broken(order, sold(2, "CORD"), now=NOON)
    assert (order.state, order.changes[-1].actor) == (State.READY, "system")
    assert owed(order) == ["commit"]


def test_an_order_is_kept_longer_only_once_what_comes_late_is_held() -> None:
    late = replace(LYON, collect_by_time=COLLECT_BY + timedelta(days=1))
    order = broken(confirmed(), sold(1), now=NOON, bringing=Bringing(by_sku={"LAMP": late}))
    refused = replace(brought(0), held=False)
    assert {order.collect_by_time, told(order, refused, now=NOON).collect_by_time} == {COLLECT_BY}
    assert told(order, brought(), now=NOON).collect_by_time == late.collect_by_time


def test_an_order_that_was_called_off_is_expected_no_more() -> None:
    assert order_changed_to_pb(shown(coming())).HasField("ready_time")
    order = cancelled(coming())
    assert order.ready_time is None
    assert not order_changed_to_pb(shown(order)).HasField("ready_time")


def test_an_order_that_has_ended_hears_nothing_of_its_parcel() -> None:
    order = replace(coming(), state=State.CANCELLED)
    assert told(order, brought(0), now=NOON) == order
