"""The steps of an order as calls: to inventory and to the payment provider.

Every id derives from order, step and attempt, so each call may be made any number of
times by any replica; the undo of a step carries that step's own id.
"""

from collections.abc import Mapping
from typing import TypeAlias

from comptoir.inventory.v1 import reservation_service_pb2 as reservation_pb
from comptoir.inventory.v1 import reservation_service_pb2_grpc as reservation_grpc
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1 import stock_service_pb2_grpc as stock_grpc
from google.protobuf.duration_pb2 import Duration

from chassis.client import acting_for
from chassis.errors import AppError
from chassis.requests import step_id
from services.collect.order.values import Order, Step, StepName
from services.collect.order.workflow import Effect
from services.collect.payment.domain import Provider

HOLD_OVER = ("HOLD_LAPSED", "UNKNOWN_RESERVATION")

Bucket: TypeAlias = "stock_pb.Bucket.ValueType"


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
            StepName.TO_LOCKER: self._to_locker,
            StepName.PUT_BACK: self._put_back,
            StepName.GONE: self._gone,
            StepName.AUTHORISE: self._authorise,
            StepName.VOID: self._void,
            StepName.CAPTURE: self._capture,
        }

    async def _reserve(self, order: Order, step: Step) -> str:
        request = reservation_pb.ReserveRequest(
            request_id=id_of(order, StepName.RESERVE, step),
            lines=[
                stock_pb.StockLine(
                    location_id=order.location_id, sku=line.sku, quantity=line.quantity
                )
                for line in order.lines
            ],
            hold_duration=hold_of(order),
            document_id=order.order_id,
        )
        with acting_for(order.order_id):
            made = await self._reservations.Reserve(request)
        return made.reservation.reservation_id

    async def _unreserve(self, order: Order, step: Step) -> str:
        request_id = id_of(order, StepName.RESERVE, step)
        with acting_for(order.order_id):
            await self._reservations.CancelReserve(
                reservation_pb.CancelReserveRequest(request_id=request_id)
            )
        return ""

    async def _commit(self, order: Order, step: Step) -> str:
        request = reservation_pb.CommitRequest(
            request_id=id_of(order, step.name, step),
            reservation_id=order.reservation_id,
            target=stock_pb.BUCKET_STAGED,
            found_lines=[
                reservation_pb.FoundLine(
                    location_id=order.location_id,
                    sku=line.sku,
                    found_quantity=line.standing_quantity,
                    not_found_quantity=line.quantity - line.standing_quantity,
                )
                for line in order.lines
            ],
        )
        try:
            with acting_for(order.order_id):
                await self._reservations.Commit(request)
        except AppError as error:
            if error.reason not in HOLD_OVER:
                raise
            # The claim is gone, but what was found is in the bin, and what was not is
            # not there: those are facts.
            found = movements_of(order, stock_pb.BUCKET_SELLABLE, stock_pb.BUCKET_STAGED)
            await self._record(order, step, [*found, *missing_from(order)])
        return ""

    async def _to_locker(self, order: Order, step: Step) -> str:
        return await self._move(order, step, stock_pb.BUCKET_STAGED, stock_pb.BUCKET_LOCKER)

    async def _put_back(self, order: Order, step: Step) -> str:
        return await self._move(order, step, where(order), stock_pb.BUCKET_SELLABLE)

    async def _gone(self, order: Order, step: Step) -> str:
        return await self._move(order, step, where(order), stock_pb.BUCKET_UNSPECIFIED)

    async def _move(self, order: Order, step: Step, source: Bucket, target: Bucket) -> str:
        await self._record(order, step, movements_of(order, source, target))
        return ""

    async def _record(self, order: Order, step: Step, movements: list[stock_pb.Movement]) -> None:
        if not movements:
            return
        request = stock_pb.RecordMovementsRequest(
            request_id=id_of(order, step.name, step), movements=movements
        )
        with acting_for(order.order_id):
            await self._stock.RecordMovements(request)

    async def _authorise(self, order: Order, step: Step) -> str:
        await self._payments.authorise(
            payment_id=payment_id(order, step),
            reference=order.reference,
            amount_minor=order.total_minor,
            currency=order.currency,
        )
        return ""

    async def _void(self, order: Order, step: Step) -> str:
        await self._payments.void(payment_id=payment_id(order, step))
        return ""

    async def _capture(self, order: Order, step: Step) -> str:
        await self._payments.capture(
            payment_id=payment_id(order, step), amount_minor=order.total_minor
        )
        return ""


def id_of(order: Order, name: StepName, step: Step) -> str:
    return step_id(order.order_id, name.value, str(step.attempt))


def payment_id(order: Order, step: Step) -> str:
    """Of the attempt that `step` is of: a refused one may be voided when the next has begun."""
    return step_id(order.order_id, "payment", str(step.attempt))


def movements_of(order: Order, source: Bucket, target: Bucket) -> list[stock_pb.Movement]:
    """Of all that stands."""
    return [
        stock_pb.Movement(
            location_id=order.location_id,
            sku=line.sku,
            source=source,
            target=target,
            quantity=line.standing_quantity,
            cause=stock_pb.CAUSE_ORDER,
            document_id=order.order_id,
        )
        for line in order.lines
        if line.standing_quantity
    ]


def missing_from(order: Order) -> list[stock_pb.Movement]:
    """Of what was looked for in vain."""
    return [
        stock_pb.Movement(
            location_id=order.location_id,
            sku=line.sku,
            source=stock_pb.BUCKET_SELLABLE,
            target=stock_pb.BUCKET_UNSPECIFIED,
            quantity=line.quantity - line.standing_quantity,
            cause=stock_pb.CAUSE_NOT_FOUND,
            document_id=order.order_id,
        )
        for line in order.lines
        if line.quantity > line.standing_quantity
    ]


def where(order: Order) -> Bucket:
    """Where the order's units lie by the time the step is sent: steps go in order."""
    return stock_pb.BUCKET_LOCKER if order.loaded else stock_pb.BUCKET_STAGED


def hold_of(order: Order) -> Duration:
    """From the order's own times, not the clock: a repeat must have the same body."""
    return Duration(seconds=int((order.hold_until - order.create_time).total_seconds()))
