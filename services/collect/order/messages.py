"""Orders as protobuf messages, and requests as wishes."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from comptoir.collect.v1 import events_pb2 as events_pb
from comptoir.collect.v1 import order_service_pb2 as pb
from comptoir.collect.v1 import point_service_pb2 as point_pb
from comptoir.type.v1.money_pb2 import Money as MoneyPb
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.errors import Violation
from services.collect.order.domain import REFERENCE_LENGTH_MAX, InvalidPaymentError
from services.collect.order.line import Line, LineState
from services.collect.order.offer import Offer
from services.collect.order.placing import Wish
from services.collect.order.values import Method, Money, Order, State
from services.collect.point.lines import check_lines
from services.collect.point.wire import lines_from_pb

STATE_TO_PB = {state: pb.OrderState.Value(f"ORDER_STATE_{state.name}") for state in State}
LINE_STATE_TO_PB = {state: pb.LineState.Value(f"LINE_STATE_{state.name}") for state in LineState}
MONEY_TO_PB = {money: pb.PaymentState.Value(f"PAYMENT_STATE_{money.name}") for money in Money}
METHOD_TO_PB = {
    Method.AT_COUNTER: pb.PAYMENT_METHOD_AT_COUNTER,
    Method.REFERENCE: pb.PAYMENT_METHOD_REFERENCE,
}
METHOD_FROM_PB = {number: method for method, number in METHOD_TO_PB.items()}


def collected_to_pb(order: Order) -> pb.CollectedOrder:
    return pb.CollectedOrder(
        order_id=order.order_id, collect_time=time_to_pb(order.changes[-1].occur_time)
    )


def order_to_pb(order: Order, *, with_customer: bool) -> pb.Order:
    """`with_customer` is for the customer, staff and our services: other teams see no person."""
    message = pb.Order(
        order_id=order.order_id,
        label=order.label,
        customer_id=order.customer_id if with_customer else "",
        point_id=order.point_id,
        location_id=order.location_id,
        slot=point_pb.Slot(slot_id=order.slot_id),
        lines=[line_to_pb(line, order.currency) for line in order.lines],
        state=STATE_TO_PB[order.state],
        cause=order.cause,
        total=MoneyPb(minor=order.total_minor, currency=order.currency),
        payment_method=METHOD_TO_PB[order.method],
        payment_state=MONEY_TO_PB[order.money],
        create_time=time_to_pb(order.create_time),
        collect_by_time=time_to_pb(order.collect_by_time),
        place_label=order.place_label,
        changes=[
            pb.OrderChange(
                state=STATE_TO_PB[change.state],
                occur_time=time_to_pb(change.occur_time),
                actor=change.actor,
                cause=change.cause,
            )
            for change in order.changes
        ],
        revision=order.revision,
        kind=point_pb.POINT_KIND_LOCKER if order.in_locker else point_pb.POINT_KIND_COUNTER,
    )
    message.slot.start_time.CopyFrom(time_to_pb(order.slot_start))
    message.slot.end_time.CopyFrom(time_to_pb(order.slot_end))
    if order.ready_time is not None:
        message.ready_time.CopyFrom(time_to_pb(order.ready_time))
    return message


def line_to_pb(line: Line, currency: str) -> pb.OrderLine:
    message = pb.OrderLine(
        line_number=line.line_number,
        sku=line.sku,
        quantity=line.quantity,
        found_quantity=line.found_quantity,
        broken_quantity=line.lost_quantity,
        total=MoneyPb(minor=line.total_minor, currency=currency),
        state=LINE_STATE_TO_PB[line.state],
        unit_price=MoneyPb(minor=line.unit_price_minor, currency=currency),
    )
    if line.coming is not None and line.coming.held:
        message.brought_quantity = line.brought_quantity
        message.brought_from_location_id = line.coming.location_id
    if line.expected_time is not None:
        message.state = pb.LINE_STATE_ON_ITS_WAY
    return message


def time_to_pb(instant: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(instant)
    return stamp


def wish_from_pb(request: pb.PlaceOrderRequest, *, customer_id: str) -> Wish:
    """Raises InvalidLinesError, InvalidPaymentError."""
    quantities = quantities_from_pb(request.lines)
    method = method_from_pb(request)
    expected = request.expected_total if request.HasField("expected_total") else None
    return Wish(
        customer_id=customer_id,
        quantities=quantities,
        point_id=request.point_id,
        slot_id=request.slot_id,
        method=method,
        reference=request.payment_reference,
        expected_minor=expected.minor if expected else None,
        expected_currency=expected.currency if expected else "",
        from_basket=request.from_basket,
    )


def quantities_from_pb(lines: Iterable[point_pb.BasketLine]) -> Mapping[str, int]:
    """By sku, in the order given. Raises InvalidLinesError."""
    wanted = lines_from_pb(lines)
    check_lines(wanted)
    return {line.sku: line.quantity for line in wanted}


def quote_to_pb(offer: Offer) -> pb.QuoteOrderResponse:
    message = pb.QuoteOrderResponse(
        lines=[
            pb.QuoteLine(
                sku=line.sku,
                quantity=line.quantity,
                unit_price=MoneyPb(minor=line.unit_price_minor, currency=offer.currency),
                total=MoneyPb(minor=line.total_minor, currency=offer.currency),
            )
            for line in offer.lines
        ],
        total=MoneyPb(minor=offer.total_minor, currency=offer.currency),
    )
    if offer.valid_until is not None:
        message.valid_until_time.CopyFrom(time_to_pb(offer.valid_until))
    return message


def method_from_pb(request: pb.PlaceOrderRequest) -> Method:
    """Raises InvalidPaymentError, also for a reference that the method does not go with."""
    method = METHOD_FROM_PB.get(request.payment_method)
    if method is None:
        raise invalid_payment("payment_method", "AT_COUNTER or REFERENCE")
    if (method is Method.REFERENCE) != bool(request.payment_reference):
        raise invalid_payment("payment_reference", "set with REFERENCE, and only then")
    if len(request.payment_reference) > REFERENCE_LENGTH_MAX:
        raise invalid_payment("payment_reference", f"at most {REFERENCE_LENGTH_MAX} characters")
    return method


def invalid_payment(field: str, description: str) -> InvalidPaymentError:
    return InvalidPaymentError(
        f"{field}: {description}", violations=(Violation(field, description),), field=field
    )


def order_changed_to_pb(detail: Mapping[str, Any]) -> events_pb.OrderChanged:
    """The detail of an order's event: ids, lines, states; no person."""
    lines = detail["lines"]
    message = events_pb.OrderChanged(
        order_id=detail["order_id"],
        location_id=detail["location_id"],
        point_id=detail["point_id"],
        state=STATE_TO_PB[State(detail["state"])],
        lines=[changed_line_to_pb(line, detail["currency"]) for line in lines],
    )
    times = [datetime.fromisoformat(time) for line in lines if (time := line.get("expected_time"))]
    if times:
        message.ready_time.CopyFrom(time_to_pb(max(times)))
    return message


def changed_line_to_pb(line: Mapping[str, Any], currency: str) -> pb.OrderLine:
    state = LineState(line["state"])
    return pb.OrderLine(
        line_number=line["line_number"],
        sku=line["sku"],
        quantity=line["quantity"],
        found_quantity=line["found_quantity"],
        # Not in events of the release before.
        broken_quantity=line.get("broken_quantity", 0),
        total=MoneyPb(minor=line["total_minor"], currency=currency),
        state=pb.LINE_STATE_ON_ITS_WAY if line.get("expected_time") else LINE_STATE_TO_PB[state],
        unit_price=MoneyPb(minor=line["unit_price_minor"], currency=currency),
        brought_quantity=line.get("brought_quantity", 0),
        brought_from_location_id=line.get("brought_from_location_id", ""),
    )
