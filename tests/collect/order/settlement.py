"""Whether stock, money, slot and compartment are where an order is that owes nothing."""

from collections import Counter

from services.collect.locker.cabinet import UseState
from services.collect.order.line import Line
from services.collect.order.values import CALLED_OFF, ENDED, LIVE, Method, Money, Order, State
from services.collect.payment.domain import PaymentState
from services.collect.point.store import FORGOTTEN_AFTER
from services.inventory.reservation.domain import Status
from services.inventory.stock.domain import Bucket
from tests.collect.order.till import Till
from tests.collect.order.world import World

MONEY = {
    PaymentState.AUTHORISED: Money.AUTHORISED,
    PaymentState.VOIDED: Money.VOIDED,
    PaymentState.CAPTURED: Money.CAPTURED,
}


def check_stock(world: World, till: Till) -> None:
    """All that came in is with the order, on the shelf, sold, or booked as not found."""
    order = world.order
    at = place_of(order)
    for each in order.lines:
        row, stands = world.row(each.sku), each.standing_quantity
        taken = 0 if at is Bucket.SELLABLE else stands
        beside = {bucket: units for bucket, units in row.on.items() if units}
        shelf = beside.pop(Bucket.SELLABLE, 0) - row.short
        assert beside == ({at: taken} if taken and at is not Bucket.OUTSIDE else {})
        sold = till.sold[each.sku]
        missed = world.received[each.sku] - sold - taken - shelf
        in_vain = 0 if is_picked_now(order) else each.missing_quantity
        # What the till took before the picker could say so is not missed once more.
        assert (0 if sold else in_vain) <= missed <= in_vain


def check_holds(world: World) -> None:
    order, now = world.order, world.clock.now
    held = {r.reservation_id for r in world.reservations if r.status is Status.ACTIVE}
    live = {r.reservation_id for r in world.reservations if r.at(now).status is Status.ACTIVE}
    is_held = is_picked_now(order)
    assert live <= ({order.reservation_id, order.replacement_id} if is_held else set())
    assert not is_held or order.reservation_id in held


def check_promise(world: World) -> None:
    """What nobody has looked for yet is held, unit by unit, unless its time is over."""
    order, now = world.order, world.clock.now
    if not is_picked_now(order) or now >= order.hold_until:
        return
    held = Counter[str]()
    for each in world.reservations:
        if each.at(now).status is Status.ACTIVE:
            held.update({line.place.sku: line.quantity for line in each.lines})
    for line in order.lines:
        if line.found_quantity is None:
            assert held[line.sku] == line.standing_quantity


def check_money(world: World) -> None:
    order, payments = world.order, world.payments
    if order.method is Method.AT_COUNTER:
        assert (payments, order.money) == ([], money_at_counter(order.state))
        return
    live = [payment for payment in payments if payment.state is not PaymentState.VOIDED]
    assert len(payments) == order.attempt
    assert len(live) == int(order.state is State.COLLECTED or order.state in LIVE)
    assert order.money is (MONEY[live[0].state] if live else Money.VOIDED)
    if order.state is State.COLLECTED:
        assert live[0].captured_minor == order.total_minor == cost_of(order.lines)


def money_at_counter(state: State) -> Money:
    """Nothing is due of what nobody gets."""
    if state is State.COLLECTED:
        return Money.CAPTURED
    return Money.VOIDED if state in CALLED_OFF else Money.DUE


def check_slot(world: World) -> None:
    order = world.order
    states = {change.state for change in order.changes}
    given_back = State.CANCEL_PENDING in states or order.state not in (*LIVE, State.COLLECTED)
    if world.slot is None:
        assert world.clock.now >= order.slot_end + FORGOTTEN_AFTER
    else:
        assert world.slot.taken_count == int(not given_back)


def check_compartment(world: World) -> None:
    order = world.order
    if order.loaded:
        return
    if order.state is State.CANCEL_PENDING or order.may_still_lie_inside:
        assert world.use_state is UseState.REVOKED
    else:
        keeps = order.in_locker and order.state in LIVE
        assert world.use_state is (UseState.RESERVED if keeps else None)


def place_of(order: Order) -> Bucket:
    """Where the order's units lie when nothing is owed."""
    if order.state is State.COLLECTED:
        return Bucket.OUTSIDE
    if order.state in ENDED and not order.place_label:
        return Bucket.SELLABLE
    if order.loaded:
        return Bucket.LOCKER
    return Bucket.STAGED if was_staged(order) else Bucket.SELLABLE


def is_picked_now(order: Order) -> bool:
    """Or is to be: then nobody has told inventory yet what was not found."""
    return order.state in (State.CONFIRMED, State.PICKING)


def was_staged(order: Order) -> bool:
    """Whether a picker has been through with it: then what was not found is known."""
    states = {change.state for change in order.changes}
    return order.cause == "NOT_FOUND" or not states.isdisjoint((State.STAGED, State.READY))


def cost_of(lines: tuple[Line, ...]) -> int:
    return sum(each.unit_price_minor * (each.found_quantity or 0) for each in lines)
