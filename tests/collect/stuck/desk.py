"""What an operator does to the orders of a house, on a real server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from comptoir.collect.v1 import stuck_order_service_pb2 as pb
from comptoir.collect.v1 import stuck_order_service_pb2_grpc as pb_grpc
from comptoir.inventory.v1.reservation_service_pb2_grpc import ReservationServiceStub
from comptoir.type.v1 import act_service_pb2 as act_pb
from comptoir.type.v1 import act_service_pb2_grpc as act_grpc

from chassis.act_servicer import ActServicer
from chassis.client import Channel
from services.collect.stuck.holds import Holds
from services.collect.stuck.parcels import StuckParcels
from services.collect.stuck.servicer import StuckOrderServicer
from services.collect.stuck.workflow import StuckOrders
from tests.collect.order.asking import new_id
from tests.collect.order.house import House
from tests.collect.order.inventory import open_channel
from tests.serving import Metadata, calling_as, serving

ROBOT = calling_as("robot", "client:order.operate")
OLGA = calling_as("olga", "staff:operator", locations=("paris",))
LYON = calling_as("luc", "staff:operator", locations=("lyon",))
CAUSE = "settled with the provider by hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    house: House
    stuck: Any
    acts: Any

    async def listed(self, *, metadata: Metadata = ROBOT, tries_min: int = 1) -> list[Any]:
        request = pb.ListStuckOrdersRequest(tries_min=tries_min)
        return list((await self.stuck.ListStuckOrders(request, metadata=metadata)).orders)

    async def retry(
        self, order_id: str, *, metadata: Metadata = ROBOT, request_id: str = ""
    ) -> Any:
        request = pb.RetryOrderRequest(request_id=request_id or new_id(), order_id=order_id)
        return (await self.stuck.RetryOrder(request, metadata=metadata)).order

    async def abandon(
        self, order_id: str, step: str, *, metadata: Metadata = ROBOT, **fields: Any
    ) -> Any:
        given = {"request_id": new_id(), "cause": CAUSE, **fields}
        number = pb.OrderStep.Value(f"ORDER_STEP_{step}")
        request = pb.AbandonStepRequest(order_id=order_id, step=number, **given)
        answer = await self.stuck.AbandonStep(request, metadata=metadata)
        await self.house.saga.settle()
        return answer

    async def settle(self, residue_id: str, *, metadata: Metadata = ROBOT, **fields: Any) -> Any:
        given = {"request_id": new_id(), "cause": CAUSE, **fields}
        request = pb.SettleResidueRequest(residue_id=residue_id, **given)
        return (await self.stuck.SettleResidue(request, metadata=metadata)).residue

    async def residues(self, *, metadata: Metadata = ROBOT) -> list[Any]:
        request = pb.ListResiduesRequest()
        return list((await self.stuck.ListResidues(request, metadata=metadata)).residues)

    async def hold_again(
        self, *, metadata: Metadata = ROBOT, **fields: Any
    ) -> pb.HoldAgainResponse:
        request = pb.HoldAgainRequest(**{"request_id": new_id(), **fields})
        answer: pb.HoldAgainResponse = await self.stuck.HoldAgain(request, metadata=metadata)
        return answer

    async def told(self) -> list[tuple[str, str, str, str]]:
        """Who did what to what, and why, newest first."""
        acts = (await self.acts.ListActs(act_pb.ListActsRequest(), metadata=ROBOT)).acts
        return [(act.actor, act.name, act.target, act.cause) for act in acts]


@asynccontextmanager
async def open_desk(house: House) -> AsyncIterator[Desk]:
    async with (
        open_channel(house.inventory.address) as inventory,
        serving(servicer_of(house, inventory), ActServicer(house.records)) as channel,
    ):
        yield Desk(
            house=house,
            stuck=pb_grpc.StuckOrderServiceStub(channel),
            acts=act_grpc.ActServiceStub(channel),
        )


def servicer_of(house: House, inventory: Channel) -> StuckOrderServicer:
    return StuckOrderServicer(
        house.records,
        StuckOrders(house.records, house.saga, clock=house.clock),
        Holds(house.records, ReservationServiceStub(inventory), clock=house.clock),
        StuckParcels(house.records, house.parcels, clock=house.clock),
        clock=house.clock,
    )
