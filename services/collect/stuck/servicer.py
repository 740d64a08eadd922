"""Stuck orders over gRPC: protobuf in, one call of the workflow, protobuf out."""

from comptoir.collect.v1 import stuck_order_service_pb2 as pb
from comptoir.collect.v1 import stuck_order_service_pb2_grpc as pb_grpc

from chassis import paging
from chassis.access import caller
from chassis.acts import cause_from
from chassis.clock import Clock, utc_now
from chassis.interceptors import Context
from chassis.records import Records
from chassis.requests import request_from_pb
from services.collect.order.saga import UNSTAGED
from services.collect.order.store import in_states
from services.collect.stuck import messages
from services.collect.stuck.domain import STUCK_TRIES, OrderNotStuckError
from services.collect.stuck.holds import Holds
from services.collect.stuck.parcels import ParcelNotStuckError, StuckParcels
from services.collect.stuck.store import stuck, stuck_parcels, unsettled
from services.collect.stuck.workflow import LocationIds, StuckOrders

PAGE_DEFAULT, PAGE_MAX = 50, 200
HELD_MAX = 100  # Two calls to inventory for each.


class StuckOrderServicer(pb_grpc.StuckOrderServiceServicer):
    def __init__(
        self,
        records: Records,
        stuck_orders: StuckOrders,
        holds: Holds,
        stuck_parcels: StuckParcels,
        *,
        clock: Clock = utc_now,
    ) -> None:
        self._records = records
        self._holds = holds
        self._stuck_orders = stuck_orders
        self._stuck_parcels = stuck_parcels
        self._clock = clock

    async def ListStuckOrders(
        self, request: pb.ListStuckOrdersRequest, context: Context
    ) -> pb.ListStuckOrdersResponse:
        tries_min = max(1, request.tries_min or STUCK_TRIES)
        query = f"stuck {caller().subject} {tries_min}"
        limit = paging.page_size(request.page_size, default=PAGE_DEFAULT, maximum=PAGE_MAX)
        orders = await stuck(
            self._records,
            self._clock(),
            tries_min=tries_min,
            location_ids=their_locations(),
            after_id=paging.decode_token(request.page_token, query=query),
            limit=limit + 1,
        )
        page, token = paging.page_of(orders, limit, query, lambda order: order.order_id)
        return pb.ListStuckOrdersResponse(
            orders=map(messages.stuck_to_pb, page), next_page_token=token
        )

    async def RetryOrder(
        self, request: pb.RetryOrderRequest, context: Context
    ) -> pb.RetryOrderResponse:
        asked = request_from_pb(request, subject=caller().subject, method="RetryOrder")
        order = await self._stuck_orders.retry(request.order_id, asked, within=their_locations())
        return pb.RetryOrderResponse(order=messages.stuck_to_pb(order))

    async def AbandonStep(
        self, request: pb.AbandonStepRequest, context: Context
    ) -> pb.AbandonStepResponse:
        asked = request_from_pb(request, subject=caller().subject, method="AbandonStep")
        step, cause = messages.STEP_FROM_PB.get(request.step), cause_from(request.cause)
        if step is None:
            raise OrderNotStuckError("say which step fails", order_id=request.order_id)
        done = await self._stuck_orders.abandon(
            request.order_id, step, cause, asked, within=their_locations()
        )
        residue = messages.residue_to_pb(done.residue) if done.residue else None
        return pb.AbandonStepResponse(order=messages.stuck_to_pb(done.order), residue=residue)

    async def HoldAgain(
        self, request: pb.HoldAgainRequest, context: Context
    ) -> pb.HoldAgainResponse:
        asked = request_from_pb(request, subject=caller().subject, method="HoldAgain")
        query = f"unpicked {caller().subject}"
        limit = paging.page_size(request.page_size, default=PAGE_DEFAULT, maximum=HELD_MAX)
        # Nothing but a hold keeps their units.
        orders = await in_states(
            self._records,
            UNSTAGED,
            location_ids=their_locations(),
            after_id=paging.decode_token(request.page_token, query=query),
            limit=limit + 1,
        )
        page, token = paging.page_of(orders, limit, query, lambda order: order.order_id)
        done = await self._holds.again(page, asked)
        return messages.held_to_pb(done, next_page_token=token)

    async def ListResidues(
        self, request: pb.ListResiduesRequest, context: Context
    ) -> pb.ListResiduesResponse:
        query = f"residues {caller().subject}"
        limit = paging.page_size(request.page_size, default=PAGE_DEFAULT, maximum=PAGE_MAX)
        residues = await unsettled(
            self._records,
            location_ids=their_locations(),
            after_id=paging.decode_token(request.page_token, query=query),
            limit=limit + 1,
        )
        page, token = paging.page_of(residues, limit, query, lambda residue: residue.residue_id)
        return pb.ListResiduesResponse(
            residues=map(messages.residue_to_pb, page), next_page_token=token
        )

    async def SettleResidue(
        self, request: pb.SettleResidueRequest, context: Context
    ) -> pb.SettleResidueResponse:
        asked = request_from_pb(request, subject=caller().subject, method="SettleResidue")
        residue = await self._stuck_orders.settle(
            request.residue_id, cause_from(request.cause), asked, within=their_locations()
        )
        return pb.SettleResidueResponse(residue=messages.residue_to_pb(residue))

    async def ListStuckParcels(
        self, request: pb.ListStuckParcelsRequest, context: Context
    ) -> pb.ListStuckParcelsResponse:
        tries_min = max(1, request.tries_min or STUCK_TRIES)
        query = f"stuck parcels {caller().subject} {tries_min}"
        limit = paging.page_size(request.page_size, default=PAGE_DEFAULT, maximum=PAGE_MAX)
        parcels = await stuck_parcels(
            self._records,
            self._clock(),
            tries_min=tries_min,
            location_ids=their_locations(),
            after_id=paging.decode_token(request.page_token, query=query),
            limit=limit + 1,
        )
        page, token = paging.page_of(parcels, limit, query, lambda parcel: parcel.parcel_id)
        return pb.ListStuckParcelsResponse(
            parcels=map(messages.stuck_parcel_to_pb, page), next_page_token=token
        )

    async def AbandonParcelTask(
        self, request: pb.AbandonParcelTaskRequest, context: Context
    ) -> pb.AbandonParcelTaskResponse:
        asked = request_from_pb(request, subject=caller().subject, method="AbandonParcelTask")
        task, cause = messages.TASK_FROM_PB.get(request.task), cause_from(request.cause)
        if task is None:
            raise ParcelNotStuckError("say which task fails")
        done = await self._stuck_parcels.abandon(
            request.parcel_id, task, cause, asked, within=their_locations()
        )
        residue = messages.residue_to_pb(done.residue) if done.residue else None
        return pb.AbandonParcelTaskResponse(
            parcel=messages.stuck_parcel_to_pb(done.parcel), residue=residue
        )


def their_locations() -> LocationIds:
    """Where the caller works; None for clients, who work everywhere."""
    who = caller()
    return who.location_ids if who.is_staff else None
