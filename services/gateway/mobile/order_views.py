"""How an order is written in JSON, for its customer and for the staff of its shop."""

from datetime import datetime
from typing import Annotated

from comptoir.collect.v1 import order_service_pb2 as pb
from msgspec import Meta

from services.gateway.mobile.basket import Slot, slot_from_pb
from services.gateway.mobile.shops import POINT_KINDS
from services.gateway.wire import (
    Money,
    Sent,
    Whole,
    instant,
    name_in,
    names_of,
    optional_instant,
    optional_money,
    whole,
)

ORDER_STATES = names_of(pb.OrderState, "ORDER_STATE_")
LINE_STATES = names_of(pb.LineState, "LINE_STATE_")
PAYMENT_METHODS = names_of(pb.PaymentMethod, "PAYMENT_METHOD_")
PAYMENT_STATES = names_of(pb.PaymentState, "PAYMENT_STATE_")

OrderState = Annotated[
    str,
    Meta(
        description="`placing`, `confirmed`, `picking`, `staged`, `ready`, `collected`, `refused`, "
        "`cancelled`, `cancel_pending` or `expired`. More may come."
    ),
]


class OrderLine(Sent):
    """One article of an order; quantities in its smallest stock unit."""

    line_number: int
    sku: str
    quantity: int
    found_quantity: Annotated[
        int | None,
        Meta(description="By the picker. Null until looked for; zero: looked for in vain."),
    ]
    broken_quantity: Annotated[
        int,
        Meta(
            description="No longer held: the shop sold it to somebody else, say. Until somebody "
            "has looked, the rest stands; where nothing does, `found_quantity` is zero."
        ),
    ]
    brought_quantity: Annotated[
        int,
        Meta(
            description="Of what is no longer held, how many another shop sends. They stand beside "
            "`found_quantity`, and are in neither of the two."
        ),
    ]
    brought_from_location_id: Annotated[str, Meta(description="Which shop does; empty for none.")]
    state: Annotated[
        str,
        Meta(
            description="`held`, `confirmed`, `picking`, `staged`, `on_its_way`, `ready`, "
            "`collected`, `cancelled` or `expired`. More may come."
        ),
    ]
    unit_price: Money | None
    total: Money | None


class Payment(Sent):
    """How an order is paid, and where the money is."""

    method: Annotated[str, Meta(description="`at_counter` or `reference`.")]
    state: Annotated[
        str,
        Meta(
            description="`due`, `authorised`, `captured`, `voided`, `refund_due`, `refunded` or "
            "`unknown`; `unspecified` before it is decided. More may come."
        ),
    ]


class OrderChange(Sent):
    """One step of an order's life."""

    state: OrderState
    occur_time: datetime
    actor: Annotated[str, Meta(description="`customer`, `staff`, `locker` or `system`.")]
    cause: str


class Order(Sent):
    """What a customer ordered, from promise to hand-over.

    `label` is what people read to each other; `place_label` says where it lies.
    """

    order_id: str
    label: str
    customer_id: str
    point_id: str
    location_id: str
    kind: Annotated[str, Meta(description="`counter` or `locker`: what its point is.")]
    slot: Slot | None
    lines: list[OrderLine]
    state: OrderState
    cause: str
    total: Money | None
    payment: Payment
    create_time: datetime
    collect_by_time: datetime | None
    ready_time: Annotated[
        datetime | None,
        Meta(description="When the last of what is on its way is expected; null for nothing."),
    ]
    place_label: str
    changes: list[OrderChange]
    revision: Whole


def order_from_pb(order: pb.Order) -> Order:
    return Order(
        order_id=order.order_id,
        label=order.label,
        customer_id=order.customer_id,
        point_id=order.point_id,
        location_id=order.location_id,
        kind=name_in(POINT_KINDS, order.kind),
        slot=slot_from_pb(order.slot) if order.HasField("slot") else None,
        lines=[line_from_pb(line) for line in order.lines],
        state=name_in(ORDER_STATES, order.state),
        cause=order.cause,
        total=optional_money(order, "total"),
        payment=Payment(
            method=name_in(PAYMENT_METHODS, order.payment_method),
            state=name_in(PAYMENT_STATES, order.payment_state),
        ),
        create_time=instant(order.create_time),
        collect_by_time=optional_instant(order, "collect_by_time"),
        ready_time=optional_instant(order, "ready_time"),
        place_label=order.place_label,
        changes=[change_from_pb(change) for change in order.changes],
        revision=whole(order.revision),
    )


def line_from_pb(line: pb.OrderLine) -> OrderLine:
    return OrderLine(
        line_number=line.line_number,
        sku=line.sku,
        quantity=line.quantity,
        found_quantity=line.found_quantity if line.HasField("found_quantity") else None,
        broken_quantity=line.broken_quantity,
        brought_quantity=line.brought_quantity,
        brought_from_location_id=line.brought_from_location_id,
        state=name_in(LINE_STATES, line.state),
        unit_price=optional_money(line, "unit_price"),
        total=optional_money(line, "total"),
    )


def change_from_pb(change: pb.OrderChange) -> OrderChange:
    return OrderChange(
        state=name_in(ORDER_STATES, change.state),
        occur_time=instant(change.occur_time),
        actor=change.actor,
        cause=change.cause,
    )
