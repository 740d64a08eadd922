"""The work on one order in the shop: pick, stage, load, hand over, take back, cancel."""

from typing import Annotated, Any

from comptoir.collect.v1 import order_service_pb2 as order_pb
from comptoir.collect.v1 import picking_service_pb2 as pb
from msgspec import Meta, Struct

from services.gateway.mobile.order_views import Order, order_from_pb
from services.gateway.routes import FLOOR, Call, Handler, Limit, Route
from services.gateway.wire import Nothing, Quantity, Received

HAND_OVERS = Limit("hand-over", 120)
ORDER_PATH = "/v1/terminal/orders/{order_id}"


class Pick(Received):
    """What was found of one line."""

    line_number: Annotated[int, Meta(ge=1, le=200)]
    found_quantity: Quantity


class Staging(Received):
    """Which bin it lies in."""

    bin_label: Annotated[str, Meta(max_length=32)]


class HandOver(Received):
    """The 8 digits, or the text of the QR code."""

    code: Annotated[str, Meta(max_length=1024)]
    paid_at_counter: Annotated[
        bool, Meta(description="Of an order due at the counter: that it was paid there.")
    ] = False


class StaffCancellation(Received):
    """Staff say why."""

    cause: Annotated[str, Meta(max_length=200)]


async def get_order(call: Call[Nothing, Nothing]) -> Order:
    request = order_pb.GetOrderRequest(order_id=call.path["order_id"])
    answer = await call.parts.peers.orders.GetOrder(request, metadata=call.metadata)
    return order_from_pb(answer.order)


async def pick(call: Call[Pick, Nothing]) -> Order:
    request = pb.RecordPickRequest(
        request_id=call.request_id,
        order_id=call.path["order_id"],
        line_number=call.body.line_number,
        found_quantity=call.body.found_quantity,
    )
    return await done(call, call.parts.peers.picking.RecordPick, request)


async def stage(call: Call[Staging, Nothing]) -> Order:
    request = pb.StageOrderRequest(
        request_id=call.request_id,
        order_id=call.path["order_id"],
        bin_label=call.body.bin_label,
    )
    return await done(call, call.parts.peers.picking.StageOrder, request)


async def load(call: Call[Nothing, Nothing]) -> Order:
    request = pb.LoadLockerRequest(request_id=call.request_id, order_id=call.path["order_id"])
    return await done(call, call.parts.peers.picking.LoadLocker, request)


async def take_back(call: Call[Nothing, Nothing]) -> Order:
    request = pb.TakeBackRequest(request_id=call.request_id, order_id=call.path["order_id"])
    return await done(call, call.parts.peers.picking.TakeBack, request)


async def hand_over(call: Call[HandOver, Nothing]) -> Order:
    request = pb.HandOverRequest(
        request_id=call.request_id,
        order_id=call.path["order_id"],
        code=call.body.code,
        paid_at_counter=call.body.paid_at_counter,
    )
    return await done(call, call.parts.peers.picking.HandOver, request)


async def cancel(call: Call[StaffCancellation, Nothing]) -> Order:
    request = order_pb.CancelOrderRequest(
        request_id=call.request_id, order_id=call.path["order_id"], cause=call.body.cause
    )
    return await done(call, call.parts.peers.orders.CancelOrder, request)


async def done(call: Call[Any, Nothing], method: Any, request: Any) -> Order:
    return order_from_pb((await method(request, metadata=call.metadata)).order)


def step(
    name: str,
    handler: Handler,
    summary: str,
    *problems: str,
    body: type[Struct] = Nothing,
    limit: Limit | None = None,
) -> Route:
    """A write on one order that answers with the order after it."""
    return Route(
        method="POST",
        path=f"{ORDER_PATH}/{name}",
        handler=handler,
        summary=summary,
        tag="Terminal",
        who=FLOOR,
        body=body,
        answer=Order,
        is_write=True,
        limit=limit,
        problems=("UNKNOWN_ORDER", *problems),
    )


ROUTES = (
    Route(
        method="GET",
        path=ORDER_PATH,
        handler=get_order,
        summary="One order of the shop",
        tag="Terminal",
        who=FLOOR,
        answer=Order,
        problems=("UNKNOWN_ORDER",),
    ),
    step(
        "picks",
        pick,
        "Record what was found of one line",
        "UNKNOWN_LINE",
        "ORDER_NOT_PICKABLE",
        "INVALID_PICK",
        body=Pick,
    ),
    step(
        "stage",
        stage,
        "Put a picked order into a bin",
        "ORDER_NOT_PICKED",
        "INVALID_BIN",
        body=Staging,
    ),
    step(
        "load",
        load,
        "Open the order's compartment to put it in",
        "ORDER_NOT_STAGED",
        "CABINET_OFFLINE",
    ),
    step(
        "take-back",
        take_back,
        "Open the compartment of a cancelled order to take it out",
        "NOT_IN_CABINET",
        "ILLEGAL_USE",
        "CABINET_OFFLINE",
    ),
    step(
        "hand-over",
        hand_over,
        "Hand a ready order over at the counter",
        "409 WRONG_CODE",
        "ORDER_NOT_READY",
        "PAYMENT_DUE",
        "TOO_MANY_ATTEMPTS",
        body=HandOver,
        limit=HAND_OVERS,
    ),
    step(
        "cancel",
        cancel,
        "Cancel an order, with a cause",
        "ORDER_ENDED",
        "INVALID_CAUSE",
        body=StaffCancellation,
    ),
)
