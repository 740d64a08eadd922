"""Orders that tests are about, without a service around them."""

from datetime import datetime

from services.collect.order import domain, saga
from services.collect.order.line import Line
from services.collect.order.values import Method, Money, Order, State, StepName
from services.collect.picking import domain as picking
from tests.collect.shops import paris

NOON = paris("2026-11-23 12:00")  # A Monday.
SLOT_START = paris("2026-11-23 14:00")
SLOT_END = paris("2026-11-23 15:00")
COLLECT_BY = paris("2026-11-26 19:30")


def line(
    number: int = 1, sku: str = "LAMP", quantity: int = 2, *, price: int = 1990, decimals: int = 0
) -> Line:
    return Line(
        line_number=number,
        sku=sku,
        quantity=quantity,
        unit_price_minor=price,
        decimals=decimals,
    )


def wanted(
    *lines: Line, method: Method = Method.REFERENCE, cabinet_id: str = "", order_id: str = "o1"
) -> Order:
    """As its customer asks for it: nothing is written."""
    return Order(
        order_id=order_id,
        body_hash=b"body",
        customer_id="anna",
        point_id="paris-locker" if cabinet_id else "paris-counter",
        location_id="paris",
        cabinet_id=cabinet_id,
        slot_id="paris-counter@20261123T1300Z",
        slot_start=SLOT_START,
        slot_end=SLOT_END,
        lines=lines or (line(),),
        currency="EUR",
        method=method,
        reference="sim_card" if method is Method.REFERENCE else "",
        money=Money.UNKNOWN if method is Method.REFERENCE else Money.DUE,
        create_time=NOON,
        confirm_by_time=NOON + domain.CONFIRM_WITHIN,
        collect_by_time=COLLECT_BY,
        hold_until=COLLECT_BY,
        hold_s=int((COLLECT_BY - NOON).total_seconds()),
    )


def placed(order: Order | None = None) -> Order:
    return domain.placed(order or wanted(), now=NOON)


def done(order: Order, *, now: datetime = NOON) -> Order:
    """With all that it owes done."""
    while order.todo:
        step = order.todo[0]
        result = "reservation-1" if step.name is StepName.RESERVE else ""
        order = saga.settled(order, step, result, now=now)
    return order


def confirmed(order: Order | None = None) -> Order:
    return done(placed(order))


def in_state(
    state: State, *, method: Method = Method.REFERENCE, cabinet_id: str = "", found: int = 2
) -> Order:
    """An order of one line that has come to `state` on the way on which most do."""
    order = placed(wanted(method=method, cabinet_id=cabinet_id))
    if state is State.PLACING:
        return order
    if state is State.REFUSED:
        return done(saga.refused(order, order.todo[0], "INSUFFICIENT_STOCK", now=NOON))
    order = done(order)
    if state in (State.CONFIRMED, State.CANCELLED):
        is_over = state is State.CANCELLED
        return done(cancelled(order)) if is_over else order
    order = picking.picked(order, line_number=1, found_quantity=found, now=NOON)
    if state is State.PICKING:
        return order
    order = done(picking.staged(order, bin_label="B7", now=NOON))
    if state is State.STAGED:
        assert cabinet_id
        return order
    if cabinet_id:
        order = done(picking.loaded(order, compartment_id="A1", now=NOON))
    if state is State.COLLECTED:
        return done(picking.collected(order, actor="staff", now=NOON))
    if state is State.CANCEL_PENDING:
        assert cabinet_id
        return cancelled(order)
    if state is State.EXPIRED:
        return done(saga.timed_out(order, now=COLLECT_BY))
    return order


def cancelled(order: Order, *, now: datetime = NOON) -> Order:
    return saga.cancelled(order, actor="customer", cause="CUSTOMER_CANCELLED", now=now)


def owed(order: Order) -> list[str]:
    return [step.name.value for step in order.todo]
