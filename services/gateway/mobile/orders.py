"""The customer's orders: place, follow, cancel, and the code that opens."""

import io
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated, Literal

import segno
from aiohttp import web
from comptoir.collect.v1 import order_service_pb2 as pb
from msgspec import Meta

from services.gateway.events import Sending, streamed
from services.gateway.mobile.basket import LINES_MAX, LineGiven, line_to_pb
from services.gateway.mobile.order_views import Order, order_from_pb
from services.gateway.mobile.profile import Page
from services.gateway.routes import CUSTOMERS, EVENT_STREAM, Answer, Call, Limit, Route
from services.gateway.wire import (
    Id,
    MoneyGiven,
    NextPageToken,
    Nothing,
    Received,
    Sent,
    instant,
    money_to_pb,
)

CODES = Limit("code", 120)
SVG = "image/svg+xml"
METHODS = {
    "at_counter": pb.PAYMENT_METHOD_AT_COUNTER,
    "reference": pb.PAYMENT_METHOD_REFERENCE,
}


class PaymentGiven(Received):
    """How it is to be paid."""

    method: Literal["at_counter", "reference"]
    reference: Annotated[
        str, Meta(max_length=128, description="The payment provider's, with `reference`.")
    ] = ""


class OrderGiven(Received):
    """What to order, where and when to collect it, and how it is paid."""

    lines: Annotated[list[LineGiven], Meta(min_length=1, max_length=LINES_MAX)]
    point_id: Id
    slot_id: Annotated[str, Meta(max_length=256, description="From the point's options.")]
    payment: PaymentGiven
    expected_total: Annotated[
        MoneyGiven | None,
        Meta(description="What the customer was shown: another total is refused."),
    ] = None
    from_basket: Annotated[
        bool, Meta(description="Takes these articles out of the basket once confirmed.")
    ] = False


class Orders(Sent):
    """A page of orders, newest first."""

    orders: list[Order]
    next_page_token: NextPageToken


class Cancellation(Received):
    """Why, if one likes."""

    cause: Annotated[str, Meta(max_length=200)] = ""


class CollectCode(Sent):
    """The code that opens; ask again at `valid_until_time`, or show its picture."""

    code: Annotated[str, Meta(description="8 digits to read out or type.")]
    qr_text: str
    valid_until_time: datetime


async def place_order(call: Call[OrderGiven, Nothing]) -> Answer:
    given = call.body
    request = pb.PlaceOrderRequest(
        request_id=call.request_id,
        lines=[line_to_pb(line) for line in given.lines],
        point_id=given.point_id,
        slot_id=given.slot_id,
        payment_method=METHODS[given.payment.method],
        payment_reference=given.payment.reference,
        from_basket=given.from_basket,
    )
    if given.expected_total is not None:
        request.expected_total.CopyFrom(money_to_pb(given.expected_total))
    answer = await call.parts.peers.orders.PlaceOrder(request, metadata=call.metadata)
    placed = order_from_pb(answer.order)
    # Nothing is promised yet while it is being placed.
    return Answer(content=placed, status=202 if placed.state == "placing" else 201)


async def list_orders(call: Call[Nothing, Page]) -> Orders:
    request = pb.ListOrdersRequest(page_size=call.query.page_size, page_token=call.query.page_token)
    page = await call.parts.peers.orders.ListOrders(request, metadata=call.metadata)
    return Orders(
        orders=[order_from_pb(order) for order in page.orders],
        next_page_token=page.next_page_token,
    )


async def get_order(call: Call[Nothing, Nothing]) -> Order:
    request = pb.GetOrderRequest(order_id=call.path["order_id"])
    answer = await call.parts.peers.orders.GetOrder(request, metadata=call.metadata)
    return order_from_pb(answer.order)


async def cancel_order(call: Call[Cancellation, Nothing]) -> Order:
    request = pb.CancelOrderRequest(
        request_id=call.request_id, order_id=call.path["order_id"], cause=call.body.cause
    )
    answer = await call.parts.peers.orders.CancelOrder(request, metadata=call.metadata)
    return order_from_pb(answer.order)


async def get_code(call: Call[Nothing, Nothing]) -> CollectCode:
    code = await collect_code(call)
    return CollectCode(
        code=code.code, qr_text=code.qr_text, valid_until_time=instant(code.valid_until_time)
    )


async def get_code_picture(call: Call[Nothing, Nothing]) -> Answer:
    code = await collect_code(call)
    return Answer(content=qr_svg(code.qr_text))


async def collect_code(call: Call[Nothing, Nothing]) -> pb.GetCollectCodeResponse:
    request = pb.GetCollectCodeRequest(order_id=call.path["order_id"])
    code: pb.GetCollectCodeResponse = await call.parts.peers.orders.GetCollectCode(
        request, metadata=call.metadata
    )
    return code


def qr_svg(text: str) -> bytes:
    """A picture of its own, without styles: pages that forbid inline ones show it too."""
    out = io.BytesIO()
    # One unit a module and no size of its own: whoever draws its paths needs no more than those.
    segno.make(text, micro=False).save(out, kind="svg", omitsize=True, light="#fff", xmldecl=False)
    return out.getvalue()


async def watch_order(call: Call[Nothing, Nothing]) -> web.StreamResponse:
    return await streamed(call, order_events(call))


async def order_events(call: Call[Nothing, Nothing]) -> AsyncGenerator[Sending, None]:
    after = call.http.headers.get("Last-Event-ID", "")
    request = pb.WatchOrderRequest(
        order_id=call.path["order_id"],
        # One that is none of ours begins from what is.
        after_revision=int(after) if is_revision(after) else 0,
    )
    watched = call.parts.peers.orders.WatchOrder(request, metadata=call.metadata)
    async with aclosing(aiter(watched)) as responses:
        async for response in responses:
            order = order_from_pb(response.order)
            yield Sending("order", order, str(order.revision))


def is_revision(text: str) -> bool:
    return text.isascii() and text.isdecimal() and int(text) < 2**63


ROUTES = (
    Route(
        method="POST",
        path="/v1/orders",
        handler=place_order,
        summary="Place an order",
        tag="Basket and orders",
        who=CUSTOMERS,
        body=OrderGiven,
        answer=Order,
        status=201,
        also={202: "It is being placed, nothing is promised yet: follow it."},
        is_write=True,
        problems=(
            "INSUFFICIENT_STOCK",
            "BUYER_LIMIT_REACHED",
            "SLOT_FULL",
            "SLOT_PAST",
            "NO_COMPARTMENT",
            "PAYMENT_DECLINED",
            "PRICE_CHANGED",
            "PAYMENT_REQUIRED",
            "CONFIRMATION_TIMEOUT",
            "UNKNOWN_SKU",
            "UNKNOWN_POINT",
            "INVALID_LINES",
            "INVALID_SLOT",
            "INVALID_PAYMENT",
        ),
    ),
    Route(
        method="GET",
        path="/v1/orders",
        handler=list_orders,
        summary="The caller's orders",
        tag="Basket and orders",
        who=CUSTOMERS,
        query=Page,
        answer=Orders,
        problems=("INVALID_PAGE",),
    ),
    Route(
        method="GET",
        path="/v1/orders/{order_id}",
        handler=get_order,
        summary="One order",
        tag="Basket and orders",
        who=CUSTOMERS,
        answer=Order,
        problems=("UNKNOWN_ORDER",),
    ),
    Route(
        method="POST",
        path="/v1/orders/{order_id}/cancel",
        handler=cancel_order,
        summary="Cancel an order that is not yet collected",
        tag="Basket and orders",
        who=CUSTOMERS,
        body=Cancellation,
        answer=Order,
        is_write=True,
        problems=("UNKNOWN_ORDER", "ORDER_ENDED", "INVALID_CAUSE"),
    ),
    Route(
        method="GET",
        path="/v1/orders/{order_id}/code",
        handler=get_code,
        summary="The code that opens",
        tag="Basket and orders",
        who=CUSTOMERS,
        answer=CollectCode,
        limit=CODES,
        problems=("UNKNOWN_ORDER", "ORDER_NOT_READY"),
    ),
    Route(
        method="GET",
        path="/v1/orders/{order_id}/code.svg",
        handler=get_code_picture,
        summary="The same as a QR code",
        tag="Basket and orders",
        who=CUSTOMERS,
        content_type=SVG,
        limit=CODES,
        problems=("UNKNOWN_ORDER", "ORDER_NOT_READY"),
    ),
    Route(
        method="GET",
        path="/v1/orders/{order_id}/events",
        handler=watch_order,
        summary="The order as it is, then each change; Last-Event-ID goes on",
        tag="Basket and orders",
        who=CUSTOMERS,
        answer=Order,
        content_type=EVENT_STREAM,
        also={204: "The order has ended: nothing more will come."},
        problems=("UNKNOWN_ORDER",),
    ),
)
