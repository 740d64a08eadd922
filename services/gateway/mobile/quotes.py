"""What an order would cost, before one is placed. Open to visitors."""

from datetime import datetime
from typing import Annotated

from comptoir.collect.v1 import order_service_pb2 as pb
from msgspec import Meta

from services.gateway.mobile.basket import LINES_MAX, LineGiven, line_to_pb
from services.gateway.routes import EVERYONE, Call, Limit, Route
from services.gateway.wire import (
    Id,
    Money,
    Nothing,
    Quantity,
    Received,
    Sent,
    money_from_pb,
    optional_instant,
)

# As many as pick-up options: the app asks for both when a basket has changed.
QUOTES = Limit("quote", 1_200)


class QuoteQuestion(Received):
    """What to order, and where. Without point and shop it is quoted at the chain's prices."""

    lines: Annotated[list[LineGiven], Meta(min_length=1, max_length=LINES_MAX)]
    point_id: Annotated[Id, Meta(description="Where it is to be collected.")] = ""
    location_id: Annotated[
        Id, Meta(description="Whose prices, while no point is chosen; a point goes before it.")
    ] = ""


class QuoteLine(Sent):
    """What one article costs; `unit_price` is of one stock unit shown."""

    sku: str
    quantity: Quantity
    unit_price: Money
    total: Money


class Quote(Sent):
    """What an order of this would cost now. `total` is the order's `expected_total`."""

    lines: list[QuoteLine]
    total: Money
    valid_until_time: Annotated[
        datetime | None, Meta(description="When it changes by itself; null if it does not.")
    ]


async def quote(call: Call[QuoteQuestion, Nothing]) -> Quote:
    asked = call.body
    request = pb.QuoteOrderRequest(lines=[line_to_pb(line) for line in asked.lines])
    if asked.point_id:
        request.point_id = asked.point_id
    elif asked.location_id:
        request.location_id = asked.location_id
    answer = await call.parts.peers.orders.QuoteOrder(request, metadata=call.metadata)
    return Quote(
        lines=[line_from_pb(line) for line in answer.lines],
        total=money_from_pb(answer.total),
        valid_until_time=optional_instant(answer, "valid_until_time"),
    )


def line_from_pb(line: pb.QuoteLine) -> QuoteLine:
    return QuoteLine(
        sku=line.sku,
        quantity=line.quantity,
        unit_price=money_from_pb(line.unit_price),
        total=money_from_pb(line.total),
    )


ROUTES = (
    Route(
        method="POST",
        path="/v1/orders/quote",
        exact=True,
        handler=quote,
        summary="What an order would cost: show its total, and send it as `expected_total`",
        tag="Basket and orders",
        who=EVERYONE,
        body=QuoteQuestion,
        answer=Quote,
        limit=QUOTES,
        problems=("UNKNOWN_SKU", "UNKNOWN_POINT", "INVALID_LINES"),
    ),
)
