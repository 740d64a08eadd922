"""What an order does to stock goes to the replica at which its location is at home."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
from comptoir.inventory.v1.reservation_service_pb2_grpc import ReservationServiceStub
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from chassis import client
from chassis.memory_records import MemoryRecords
from chassis.partitions import KEY, partition_of
from services.collect.kinds import KINDS
from services.collect.order.effects import Effects
from services.collect.order.values import State, Step, StepName
from services.collect.payment.store import Simulator
from tests.collect.order.orders import in_state

MONEY = {StepName.AUTHORISE, StepName.VOID, StepName.CAPTURE}


class Recording(grpc.GenericRpcHandler):
    """Answers every method with nothing in it, and notes which partition a call was about."""

    def __init__(self) -> None:
        self.partitions: dict[str, str | None] = {}

    def service(self, details: Any) -> Any:
        partition = dict(details.invocation_metadata).get(KEY)
        self.partitions[details.method.rpartition("/")[2]] = partition

        async def answer(request: bytes, context: Any) -> bytes:
            return b""

        return grpc.unary_unary_rpc_method_handler(answer)


@asynccontextmanager
async def recorded(recording: Recording) -> AsyncIterator[str]:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((recording,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


async def test_every_step_that_writes_stock_says_the_partition_of_its_location() -> None:
    recording, order = Recording(), in_state(State.READY)
    async with (
        recorded(recording) as address,
        client.channel(address, affinity=True) as inventory,
    ):
        effects = Effects(
            reservations=ReservationServiceStub(inventory),
            stock=StockServiceStub(inventory),
            payments=Simulator(MemoryRecords(KINDS)),
        ).by_step()
        for name in effects.keys() - MONEY:
            await effects[name](order, Step(name=name, attempt=1))

    here = str(partition_of(order.location_id))
    assert recording.partitions == {
        method: here for method in ("Reserve", "CancelReserve", "Commit", "RecordMovements")
    }
