"""The customer's basket, and where its content can be collected."""

from datetime import datetime
from typing import Annotated

from comptoir.collect.v1 import basket_service_pb2 as pb
from comptoir.collect.v1 import point_service_pb2 as point_pb
from msgspec import Meta, field

from chassis.access import CUSTOMER
from chassis.errors import AppError, Kind, Violation
from services.gateway.mobile.shops import POINT_KINDS, Near
from services.gateway.routes import CUSTOMERS, EVERYONE, Call, Limit, Route
from services.gateway.wire import (
    Id,
    Nothing,
    Quantity,
    Received,
    Sent,
    Sku,
    Whole,
    coordinates_from_text,
    instant,
    name_in,
    optional_instant,
    whole,
)

LINES_MAX = 50
# Visitors in a shop share its address: 300 phones that ask four times a minute. One address
# then gets 20 a second of the 155 that the whole suite gave on two cores.
OPTIONS = Limit("options", 1_200)


class NoBasketError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_LINES"


class LineGiven(Received):
    """An article and how much of it."""

    sku: Sku
    quantity: Quantity


class BasketLine(Sent):
    sku: str
    quantity: Quantity


class Basket(Sent):
    """What a customer means to order. It promises and holds nothing."""

    lines: list[BasketLine]
    revision: Whole


class QuantityGiven(Received):
    """How much; zero takes the article out."""

    quantity: Quantity


class PickUpQuestion(Received):
    """Without lines it is asked for the caller's basket."""

    lines: Annotated[list[LineGiven], Meta(max_length=LINES_MAX)] = field(default_factory=list)
    near: Near = ""
    location_ids: Annotated[
        list[Id], Meta(max_length=20, description="Only points of these shops.")
    ] = field(default_factory=list)
    page_size: Annotated[int, Meta(ge=0, le=50, description="At most this many options.")] = 0


class Slot(Sent):
    """A span in which a customer comes to collect. Its id is opaque."""

    slot_id: str
    start_time: datetime
    end_time: datetime
    left_count: int


class PickUpOption(Sent):
    """What one point offers. One that cannot serve says why in `reason`."""

    point_id: str
    location_id: str
    kind: Annotated[str, Meta(description="`counter` or `locker`.")]
    available: bool
    reason: str
    short_skus: list[str]
    ready_time: datetime | None
    slots: list[Slot]
    distance_m: Annotated[int, Meta(description="Zero where it is not known.")]
    valid_until_time: datetime | None


class PickUpOptions(Sent):
    """The nearest first with `near`, else by point id."""

    options: list[PickUpOption]


def basket_from_pb(basket: pb.Basket) -> Basket:
    return Basket(
        lines=[BasketLine(sku=line.sku, quantity=line.quantity) for line in basket.lines],
        revision=whole(basket.revision),
    )


def slot_from_pb(slot: point_pb.Slot) -> Slot:
    return Slot(
        slot_id=slot.slot_id,
        start_time=instant(slot.start_time),
        end_time=instant(slot.end_time),
        left_count=slot.left_count,
    )


def line_to_pb(line: LineGiven) -> point_pb.BasketLine:
    return point_pb.BasketLine(sku=line.sku, quantity=line.quantity)


async def get_basket(call: Call[Nothing, Nothing]) -> Basket:
    answer = await call.parts.peers.baskets.GetBasket(pb.GetBasketRequest(), metadata=call.metadata)
    return basket_from_pb(answer.basket)


async def put_line(call: Call[QuantityGiven, Nothing]) -> Basket:
    request = pb.SetBasketLineRequest(
        request_id=call.request_id, sku=call.path["sku"], quantity=call.body.quantity
    )
    answer = await call.parts.peers.baskets.SetBasketLine(request, metadata=call.metadata)
    return basket_from_pb(answer.basket)


async def clear_basket(call: Call[Nothing, Nothing]) -> Basket:
    request = pb.ClearBasketRequest(request_id=call.request_id)
    answer = await call.parts.peers.baskets.ClearBasket(request, metadata=call.metadata)
    return basket_from_pb(answer.basket)


async def list_options(call: Call[PickUpQuestion, Nothing]) -> PickUpOptions:
    question = call.body
    request = point_pb.ListPickUpOptionsRequest(
        lines=await lines_asked(call),
        location_ids=question.location_ids,
        page_size=question.page_size,
    )
    if (near := coordinates_from_text(question.near, "near")) is not None:
        request.latitude, request.longitude = near
    answer = await call.parts.peers.points.ListPickUpOptions(request, metadata=call.metadata)
    return PickUpOptions(options=[option_from_pb(option) for option in answer.options])


async def lines_asked(call: Call[PickUpQuestion, Nothing]) -> list[point_pb.BasketLine]:
    if call.body.lines:
        return [line_to_pb(line) for line in call.body.lines]
    if call.caller is None or CUSTOMER not in call.caller.grants:
        raise NoBasketError(
            "only a customer has a basket here: send lines, or sign in as one",
            violations=(Violation("lines", "one line or more"),),
        )
    request = pb.GetBasketRequest()
    answer = await call.parts.peers.baskets.GetBasket(request, metadata=call.metadata)
    return list(answer.basket.lines)


def option_from_pb(option: point_pb.PickUpOption) -> PickUpOption:
    return PickUpOption(
        point_id=option.point_id,
        location_id=option.location_id,
        kind=name_in(POINT_KINDS, option.kind),
        available=option.available,
        reason=option.reason,
        short_skus=list(option.short_skus),
        ready_time=optional_instant(option, "ready_time"),
        slots=[slot_from_pb(slot) for slot in option.slots],
        distance_m=option.distance_m,
        valid_until_time=optional_instant(option, "valid_until_time"),
    )


ROUTES = (
    Route(
        method="GET",
        path="/v1/basket",
        handler=get_basket,
        summary="The caller's basket",
        tag="Basket and orders",
        who=CUSTOMERS,
        answer=Basket,
    ),
    Route(
        method="PUT",
        path="/v1/basket/lines/{sku}",
        handler=put_line,
        summary="Set how much of one article is in the basket",
        tag="Basket and orders",
        who=CUSTOMERS,
        body=QuantityGiven,
        answer=Basket,
        is_write=True,
        problems=("INVALID_LINES", "UNKNOWN_SKU", "BASKET_FULL"),
    ),
    Route(
        method="DELETE",
        path="/v1/basket",
        handler=clear_basket,
        summary="Empty the basket",
        tag="Basket and orders",
        who=CUSTOMERS,
        answer=Basket,
        is_write=True,
    ),
    Route(
        method="POST",
        path="/v1/pickup-options",
        handler=list_options,
        summary="Where and when a basket can be collected; holds nothing",
        tag="Basket and orders",
        who=EVERYONE,
        body=PickUpQuestion,
        answer=PickUpOptions,
        limit=OPTIONS,
        problems=("INVALID_LINES", "INVALID_COORDINATES", "INVALID_LOCATION_IDS"),
    ),
)
