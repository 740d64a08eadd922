"""What one location sends to another for an order: to pack and send there, to receive here."""

from datetime import datetime
from typing import Annotated, Any

from comptoir.collect.v1 import picking_service_pb2 as pb
from msgspec import Meta, Struct

from services.gateway.routes import FLOOR, Call, Handler, Route
from services.gateway.terminal.queue import ShopId
from services.gateway.wire import (
    NextPageToken,
    Nothing,
    PageSize,
    PageToken,
    Quantity,
    Received,
    Sent,
    Sku,
    Whole,
    instant,
    name_in,
    names_of,
    whole,
)

PARCEL_PATH = "/v1/terminal/parcels/{parcel_id}"
STATES = names_of(pb.ParcelState, "PARCEL_STATE_")
LINES_MAX = 50
BinLabel = Annotated[
    str, Meta(max_length=32, description="Required unless there is nothing to put into one.")
]


class ParcelLine(Sent):
    """One article of a parcel; null until somebody has said how many."""

    sku: str
    quantity: int
    packed_quantity: int | None
    received_quantity: int | None


class Parcel(Sent):
    """What one location sends to another for one order.

    `label` is what people read to each other; `bin_label` says where it lies at its sender.
    """

    parcel_id: str
    label: str
    source_location_id: str
    target_location_id: str
    lines: list[ParcelLine]
    state: Annotated[
        str,
        Meta(
            description="`asked`, `held`, `packed`, `sent`, `unpacked`, `arrived`, `short` or "
            "`called_off`. More may come."
        ),
    ]
    leave_time: datetime
    ready_time: datetime
    bin_label: str
    order_id: Annotated[str, Meta(description="Empty for whoever sends it.")]
    called_off: Annotated[
        bool, Meta(description="On its way, and wanted no more: it goes to the shelf.")
    ]
    revision: Whole


class Parcels(Sent):
    """A page of a shop's parcels, by id."""

    parcels: list[Parcel]
    next_page_token: NextPageToken


class ParcelsQuery(Received):
    location_id: ShopId
    page_size: PageSize = 0
    page_token: PageToken = ""


class Counted(Received):
    """So many of one article."""

    sku: Sku
    quantity: Quantity


class Count(Received):
    """How many there are of each article of a parcel, and the bin that they lie in."""

    lines: Annotated[list[Counted], Meta(max_length=LINES_MAX)]
    bin_label: BinLabel = ""


async def list_outgoing(call: Call[Nothing, ParcelsQuery]) -> Parcels:
    return await listed(call, pb.PARCEL_DIRECTION_OUTGOING)


async def list_incoming(call: Call[Nothing, ParcelsQuery]) -> Parcels:
    return await listed(call, pb.PARCEL_DIRECTION_INCOMING)


async def listed(
    call: Call[Nothing, ParcelsQuery], direction: "pb.ParcelDirection.ValueType"
) -> Parcels:
    query = call.query
    request = pb.ListParcelsRequest(
        location_id=query.location_id,
        direction=direction,
        page_size=query.page_size,
        page_token=query.page_token,
    )
    page = await call.parts.peers.picking.ListParcels(request, metadata=call.metadata)
    return Parcels(
        parcels=[parcel_from_pb(parcel) for parcel in page.parcels],
        next_page_token=page.next_page_token,
    )


async def pack(call: Call[Count, Nothing]) -> Parcel:
    request = pb.PackParcelRequest(
        request_id=call.request_id,
        parcel_id=call.path["parcel_id"],
        lines=counted_to_pb(call.body),
        bin_label=call.body.bin_label,
    )
    return await done(call, call.parts.peers.picking.PackParcel, request)


async def send(call: Call[Nothing, Nothing]) -> Parcel:
    request = pb.SendParcelRequest(request_id=call.request_id, parcel_id=call.path["parcel_id"])
    return await done(call, call.parts.peers.picking.SendParcel, request)


async def receive(call: Call[Count, Nothing]) -> Parcel:
    request = pb.ReceiveParcelRequest(
        request_id=call.request_id,
        parcel_id=call.path["parcel_id"],
        lines=counted_to_pb(call.body),
        bin_label=call.body.bin_label,
    )
    return await done(call, call.parts.peers.picking.ReceiveParcel, request)


async def done(call: Call[Any, Nothing], method: Any, request: Any) -> Parcel:
    return parcel_from_pb((await method(request, metadata=call.metadata)).parcel)


def counted_to_pb(count: Count) -> list[pb.CountedLine]:
    return [pb.CountedLine(sku=line.sku, quantity=line.quantity) for line in count.lines]


def parcel_from_pb(parcel: pb.OrderParcel) -> Parcel:
    return Parcel(
        parcel_id=parcel.parcel_id,
        label=parcel.label,
        source_location_id=parcel.source_location_id,
        target_location_id=parcel.target_location_id,
        lines=[line_from_pb(line) for line in parcel.lines],
        state=name_in(STATES, parcel.state),
        leave_time=instant(parcel.leave_time),
        ready_time=instant(parcel.ready_time),
        bin_label=parcel.bin_label,
        order_id=parcel.order_id,
        called_off=parcel.called_off,
        revision=whole(parcel.revision),
    )


def line_from_pb(line: pb.OrderParcelLine) -> ParcelLine:
    return ParcelLine(
        sku=line.sku,
        quantity=line.quantity,
        packed_quantity=line.packed_quantity if line.HasField("packed_quantity") else None,
        received_quantity=line.received_quantity if line.HasField("received_quantity") else None,
    )


def listing(name: str, handler: Handler, summary: str) -> Route:
    return Route(
        method="GET",
        path=f"/v1/terminal/parcels/{name}",
        handler=handler,
        summary=summary,
        tag="Terminal",
        who=FLOOR,
        query=ParcelsQuery,
        answer=Parcels,
        problems=("INVALID_PAGE", "UNKNOWN_LOCATION"),
    )


def step(
    name: str, handler: Handler, summary: str, *problems: str, body: type[Struct] = Nothing
) -> Route:
    """A write on one parcel that answers with the parcel after it."""
    return Route(
        method="POST",
        path=f"{PARCEL_PATH}/{name}",
        handler=handler,
        summary=summary,
        tag="Terminal",
        who=FLOOR,
        body=body,
        answer=Parcel,
        is_write=True,
        problems=("UNKNOWN_PARCEL", *problems),
    )


ROUTES = (
    listing("outgoing", list_outgoing, "What a shop has to pack and to send to others"),
    listing("incoming", list_incoming, "What a shop waits for from others"),
    step(
        "pack",
        pack,
        "Put what was found of a parcel into a bin",
        "PARCEL_NOT_HELD",
        "INVALID_PARCEL",
        body=Count,
    ),
    step("send", send, "Say that the carrier has a parcel", "PARCEL_NOT_PACKED"),
    step(
        "receive",
        receive,
        "Say what has come of a parcel",
        "PARCEL_NOT_SENT",
        "INVALID_PARCEL",
        body=Count,
    ),
)
