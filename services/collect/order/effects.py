"""The steps of an order as calls: to inventory and to the payment provider.

Every id derives from order, step and attempt, so each call may be made any number of
times by any replica; the undo of a step carries that step's own id.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from comptoir.inventory.v1 import reservation_service_pb2 as reservation_pb
from comptoir.inventory.v1 import reservation_service_pb2_grpc as reservation_grpc
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1 import stock_service_pb2_grpc as stock_grpc

from chassis.client import acting_for
from chassis.errors import AppError
from chassis.partitions import near
from services.collect.order import bodies
from services.collect.order.saga import is_letting_go
from services.collect.order.values import Order, Step, StepName
from services.collect.order.workflow import Effect
from services.collect.payment.domain import Provider


@contextmanager
def about(order: Order) -> Iterator[None]:
    """Calls inside act for the order, and go where the stock of its location is written."""
    with acting_for(order.order_id), near(order.location_id):
        yield


HOLD_OVER = ("HOLD_LAPSED", "UNKNOWN_RESERVATION")


class Effects:
    def __init__(
        self,
        *,
        reservations: "reservation_grpc.ReservationServiceAsyncStub",
        stock: "stock_grpc.StockServiceAsyncStub",
        payments: Provider,
    ) -> None:
        self._reservations = reservations
        self._stock = stock
        self._payments = payments

    def by_step(self) -> Mapping[StepName, Effect]:
        return {
            StepName.RESERVE: self._reserve,
            StepName.UNRESERVE: self._unreserve,
            StepName.COMMIT: self._commit,
            StepName.TO_LOCKER: self._move,
            StepName.PUT_BACK: self._move,
            StepName.GONE: self._move,
            StepName.AUTHORISE: self._authorise,
            StepName.VOID: self._void,
            StepName.CAPTURE: self._capture,
        }

    async def _reserve(self, order: Order, step: Step) -> str:
        if is_letting_go(order):
            await self._unreplace(order, step)
            return ""
        # The first comes before there is anything to replace.
        body_of = bodies.replace_of if order.has_replacement else bodies.reserve_of
        with about(order):
            made = await self._reservations.Reserve(body_of(order, step))
        return made.reservation.reservation_id

    async def _unreserve(self, order: Order, step: Step) -> str:
        with about(order):
            await self._reservations.CancelReserve(bodies.unreserve_of(order, step))
        await self._unreplace(order, step)
        return ""

    async def _unreplace(self, order: Order, step: Step) -> None:
        """By its own id: nobody may know whether it was made."""
        if order.has_replacement:
            with about(order):
                await self._reservations.CancelReserve(bodies.unreplace_of(order, step))

    async def _commit(self, order: Order, step: Step) -> str:
        await self._end_hold(
            order, bodies.commit_of(order, step), bodies.commit_without_hold(order, step)
        )
        if order.replacement_id:
            await self._end_hold(
                order,
                bodies.replacement_commit_of(order, step),
                bodies.replacement_without_hold(order, step),
            )
        else:
            await self._unreplace(order, step)
        return ""

    async def _end_hold(
        self,
        order: Order,
        commit: reservation_pb.CommitRequest,
        without_hold: stock_pb.RecordMovementsRequest,
    ) -> None:
        try:
            with about(order):
                await self._reservations.Commit(commit)
        except AppError as error:
            if not is_hold_over(error):
                raise
            await self._record(order, without_hold)

    async def _move(self, order: Order, step: Step) -> str:
        await self._record(order, bodies.moves_of(order, step))
        return ""

    async def _record(self, order: Order, request: stock_pb.RecordMovementsRequest) -> None:
        if request.movements:
            with about(order):
                await self._stock.RecordMovements(request)

    async def _authorise(self, order: Order, step: Step) -> str:
        await self._payments.authorise(
            payment_id=bodies.payment_id(order, step),
            reference=order.reference,
            amount_minor=order.total_minor,
            currency=order.currency,
        )
        return ""

    async def _void(self, order: Order, step: Step) -> str:
        await self._payments.void(payment_id=bodies.payment_id(order, step))
        return ""

    async def _capture(self, order: Order, step: Step) -> str:
        await self._payments.capture(
            payment_id=bodies.payment_id(order, step), amount_minor=order.total_minor
        )
        return ""


def is_hold_over(error: AppError) -> bool:
    """Whether nothing is claimed and nothing was moved. One that was held again for an order that
    is picked by now was let go at once; of one that was committed all is booked."""
    return error.reason in HOLD_OVER or error.metadata.get("status") == "released"
