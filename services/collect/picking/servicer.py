"""The work in the shop over gRPC: protobuf in, one call of the domain, protobuf out."""

from collections.abc import AsyncIterator, Callable
from functools import partial

from comptoir.collect.v1 import order_service_pb2 as order_pb
from comptoir.collect.v1 import picking_service_pb2 as pb
from comptoir.collect.v1 import picking_service_pb2_grpc as pb_grpc

from chassis import deadline, paging
from chassis.access import caller
from chassis.clock import Clock, utc_now
from chassis.interceptors import Context
from chassis.records import Records
from chassis.requests import request_from_pb
from chassis.tail import Tail
from services.collect.order.messages import order_to_pb
from services.collect.order.servicer import position_from, visible
from services.collect.order.store import queue
from services.collect.order.values import LIVE, Order
from services.collect.order.workflow import Saga
from services.collect.parcel import messages as parcels
from services.collect.parcel.desk import Desk
from services.collect.parcel.values import Parcel
from services.collect.picking import domain
from services.collect.picking.looking import Looking
from services.collect.picking.watching import Watching
from services.collect.picking.workflow import CodeCheck, Doors

WRITE_S_MAX = 2.0


class PickingServicer(pb_grpc.PickingServiceServicer):
    def __init__(
        self,
        records: Records,
        *,
        saga: Saga,
        code_check: CodeCheck,
        doors: Doors,
        looking: Looking,
        desk: Desk,
        tail: Tail,
        clock: Clock = utc_now,
    ) -> None:
        self._records = records
        self._saga = saga
        self._code_check = code_check
        self._doors = doors
        self._looking = looking
        self._desk = desk
        self._watching = Watching(records, tail)
        self._clock = clock

    async def ListQueue(
        self, request: pb.ListQueueRequest, context: Context
    ) -> pb.ListQueueResponse:
        domain.check_location(request.location_id, caller().location_ids)
        query = f"queue {request.location_id}"
        limit = paging.page_size(request.page_size, default=50, maximum=200)
        after = position_from(paging.decode_token(request.page_token, query=query))
        # One more than asked for tells whether there is a next page.
        orders = await queue(
            self._records, request.location_id, states=LIVE, after=after, limit=limit + 1
        )
        page, more = orders[:limit], len(orders) > limit
        token = paging.encode_token(slot_position_to(page[-1]), query=query) if more else ""
        return pb.ListQueueResponse(orders=[shown(order) for order in page], next_page_token=token)

    async def WatchQueue(
        self, request: pb.WatchQueueRequest, context: Context
    ) -> AsyncIterator[pb.WatchQueueResponse]:
        domain.check_location(request.location_id, caller().location_ids)
        async for look in self._watching.queue(request.location_id, request.cursor):
            yield pb.WatchQueueResponse(
                orders=[shown(order) for order in look.orders],
                cursor=look.cursor,
                snapshot_complete=look.snapshot_complete,
            )

    async def RecordPick(
        self, request: pb.RecordPickRequest, context: Context
    ) -> pb.RecordPickResponse:
        order = await visible(self._records, request.order_id)
        line_number, found_quantity = request.line_number, request.found_quantity
        change = partial(
            domain.picked,
            line_number=line_number,
            found_quantity=found_quantity,
            look_position=await self._looking.position(
                order, line_number=line_number, found_quantity=found_quantity
            ),
            now=self._clock(),
        )
        order = await self._write(request, "RecordPick", change)
        return pb.RecordPickResponse(order=shown(order))

    async def StageOrder(
        self, request: pb.StageOrderRequest, context: Context
    ) -> pb.StageOrderResponse:
        await visible(self._records, request.order_id)
        change = partial(domain.staged, bin_label=request.bin_label, now=self._clock())
        order = await self._write(request, "StageOrder", change)
        return pb.StageOrderResponse(order=shown(order))

    async def LoadLocker(
        self, request: pb.LoadLockerRequest, context: Context
    ) -> pb.LoadLockerResponse:
        order = await visible(self._records, request.order_id)
        asked = request_from_pb(request, subject=caller().subject, method="LoadLocker")
        order = await self._doors.load(order, asked, timeout_s=deadline.left_s(WRITE_S_MAX))
        return pb.LoadLockerResponse(order=shown(order))

    async def TakeBack(self, request: pb.TakeBackRequest, context: Context) -> pb.TakeBackResponse:
        order = await visible(self._records, request.order_id)
        asked = request_from_pb(request, subject=caller().subject, method="TakeBack")
        order = await self._doors.take_back(order, asked, timeout_s=deadline.left_s(WRITE_S_MAX))
        return pb.TakeBackResponse(order=shown(order))

    async def HandOver(self, request: pb.HandOverRequest, context: Context) -> pb.HandOverResponse:
        order = await visible(self._records, request.order_id)
        change = partial(
            domain.handed_over,
            code_opens=await self._code_check.opens(order, request.code, staff_id=caller().subject),
            paid_at_counter=request.paid_at_counter,
            now=self._clock(),
        )
        order = await self._write(request, "HandOver", change)
        return pb.HandOverResponse(order=shown(order))

    async def ListParcels(
        self, request: pb.ListParcelsRequest, context: Context
    ) -> pb.ListParcelsResponse:
        domain.check_location(request.location_id, caller().location_ids)
        is_incoming = parcels.is_incoming(request.direction)
        query = f"parcels {request.direction} {request.location_id}"
        limit = paging.page_size(request.page_size, default=50, maximum=200)
        after_id = paging.decode_token(request.page_token, query=query)
        find = self._desk.incoming if is_incoming else self._desk.outgoing
        # One more than asked for tells whether there is a next page.
        found = await find(request.location_id, after_id=after_id, limit=limit + 1)
        page, token = paging.page_of(found, limit, query, key=lambda parcel: parcel.parcel_id)
        return pb.ListParcelsResponse(parcels=map(shown_parcel, page), next_page_token=token)

    async def PackParcel(
        self, request: pb.PackParcelRequest, context: Context
    ) -> pb.PackParcelResponse:
        parcel = await self._desk.pack(
            request.parcel_id,
            parcels.quantities_from_pb(request.lines),
            request.bin_label,
            request=request_from_pb(request, subject=caller().subject, method="PackParcel"),
            theirs=caller().location_ids,
        )
        return pb.PackParcelResponse(parcel=shown_parcel(parcel))

    async def SendParcel(
        self, request: pb.SendParcelRequest, context: Context
    ) -> pb.SendParcelResponse:
        parcel = await self._desk.send(
            request.parcel_id,
            request=request_from_pb(request, subject=caller().subject, method="SendParcel"),
            theirs=caller().location_ids,
        )
        return pb.SendParcelResponse(parcel=shown_parcel(parcel))

    async def ReceiveParcel(
        self, request: pb.ReceiveParcelRequest, context: Context
    ) -> pb.ReceiveParcelResponse:
        parcel = await self._desk.receive(
            request.parcel_id,
            parcels.quantities_from_pb(request.lines),
            request.bin_label,
            request=request_from_pb(request, subject=caller().subject, method="ReceiveParcel"),
            theirs=caller().location_ids,
        )
        return pb.ReceiveParcelResponse(parcel=shown_parcel(parcel))

    async def _write(
        self,
        request: pb.RecordPickRequest | pb.StageOrderRequest | pb.HandOverRequest,
        method: str,
        change: Callable[[Order], Order],
    ) -> Order:
        """Write the change of an order that is `visible`, and do what it then owes."""
        order = await self._saga.write(
            request.order_id,
            change,
            request=request_from_pb(request, subject=caller().subject, method=method),
            timeout_s=deadline.left_s(WRITE_S_MAX),
        )
        self._saga.drive(order.order_id)
        return order


def shown(order: Order) -> order_pb.Order:
    return order_to_pb(order, with_customer=True)


def shown_parcel(parcel: Parcel) -> pb.OrderParcel:
    """Who works where the order is sees which it is."""
    is_theirs = parcel.target_location_id in caller().location_ids
    return parcels.parcel_to_pb(parcel, with_order=is_theirs)


def slot_position_to(order: Order) -> str:
    return f"{order.slot_start.isoformat()} {order.order_id}"
