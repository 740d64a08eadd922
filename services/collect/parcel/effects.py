"""The tasks of a parcel as calls to inventory. Each may be made any number of times by any replica;
the undo of a hold carries that hold's own id."""

from collections.abc import Mapping

from comptoir.inventory.v1 import reservation_service_pb2_grpc as reservation_grpc
from comptoir.inventory.v1 import stock_service_pb2_grpc as stock_grpc

from chassis.client import acting_for
from chassis.errors import AppError
from chassis.partitions import near
from services.collect.order.effects import HOLD_OVER
from services.collect.parcel import bodies
from services.collect.parcel.values import Parcel, TaskName
from services.collect.parcel.workflow import Effect

AT_TARGET = (TaskName.RECEIVE,)


class ParcelEffects:
    def __init__(
        self,
        *,
        reservations: "reservation_grpc.ReservationServiceAsyncStub",
        stock: "stock_grpc.StockServiceAsyncStub",
    ) -> None:
        self._reservations = reservations
        self._stock = stock

    def by_task(self) -> Mapping[TaskName, Effect]:
        return {
            TaskName.HOLD: self._hold,
            TaskName.RELEASE: self._release,
            TaskName.PACK: self._pack,
            TaskName.SEND: self._move,
            TaskName.RECEIVE: self._move,
            TaskName.PUT_BACK: self._move,
        }

    async def _hold(self, parcel: Parcel, name: TaskName) -> str:
        with acting_for(parcel.parcel_id), near(parcel.source_location_id):
            made = await self._reservations.Reserve(bodies.hold_of(parcel))
        return made.reservation.reservation_id

    async def _release(self, parcel: Parcel, name: TaskName) -> str:
        with acting_for(parcel.parcel_id), near(parcel.source_location_id):
            await self._reservations.CancelReserve(bodies.release_of(parcel))
        return ""

    async def _pack(self, parcel: Parcel, name: TaskName) -> str:
        try:
            with acting_for(parcel.parcel_id), near(parcel.source_location_id):
                await self._reservations.Commit(bodies.pack_of(parcel))
        except AppError as error:
            if error.reason not in HOLD_OVER:
                raise
            await self._move(parcel, name)
        return ""

    async def _move(self, parcel: Parcel, name: TaskName) -> str:
        place = parcel.target_location_id if name in AT_TARGET else parcel.source_location_id
        request = bodies.moves_of(parcel, name)
        if request.movements:
            with acting_for(parcel.parcel_id), near(place):
                await self._stock.RecordMovements(request)
        return ""
