"""Holds that inventory has lost, because it alone was restored: made again by their own ids.

What is asked is what was asked first, so whoever has it gives it again, and whoever lost
it makes it under the id that the order has kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from comptoir.inventory.v1 import reservation_service_pb2 as reservation_pb
from comptoir.inventory.v1 import reservation_service_pb2_grpc as reservation_grpc

from chassis.acts import ACTS, act_of, noted
from chassis.clock import Clock, utc_now
from chassis.consumer import is_transient
from chassis.deadline import left_s
from chassis.errors import AppError
from chassis.records import Records, Ref
from chassis.requests import Request
from services.collect.order import bodies
from services.collect.order.effects import about
from services.collect.order.saga import UNSTAGED
from services.collect.order.store import found
from services.collect.order.values import Order, Step, StepName

WRITE_S_MAX = 2.0
LOST = "UNKNOWN_RESERVATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheld:
    """An order without a hold, and why inventory gives it none."""

    order_id: str
    location_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAgain:
    """Of some orders: how many had their hold, which have it again, which have none."""

    there_count: int
    held_ids: tuple[str, ...]
    unheld: tuple[Unheld, ...]


class Holds:
    """`records` must keep ACTS beside collect's own kinds."""

    def __init__(
        self,
        records: Records,
        reservations: "reservation_grpc.ReservationServiceAsyncStub",
        *,
        clock: Clock = utc_now,
    ) -> None:
        self._records = records
        self._reservations = reservations
        self._clock = clock

    async def again(self, orders: Sequence[Order], request: Request) -> HeldAgain:
        """Raises AppError where inventory is away; then some may be held."""
        act = act_of(request, "hold_again", target="orders", now=self._clock())
        await self._records.update(
            [Ref(ACTS, act.act_id)],
            partial(noted, act),
            answer=type(None),
            request=request,
            timeout_s=left_s(WRITE_S_MAX),
        )
        asked = [(order, await self._lost(order)) for order in orders]
        made = [(order, await self._make(order, lost)) for order, lost in asked if lost]
        return HeldAgain(
            there_count=len(orders) - len(made),
            held_ids=tuple(order.order_id for order, unheld in made if unheld is None),
            unheld=tuple(unheld for _, unheld in made if unheld is not None),
        )

    async def _lost(self, order: Order) -> reservation_pb.ReserveRequest | None:
        """What was asked first for what is lost of it.

        The first reservation comes back whole, what was broken of it included: with it the
        second is not needed, whose units were to replace those.
        """
        reserve = Step(name=StepName.RESERVE, attempt=order.attempt)
        if await self._is_lost(order, order.reservation_id):
            return bodies.reserve_of(order, reserve)
        if order.replacement_id and await self._is_lost(order, order.replacement_id):
            return bodies.replace_of(order, reserve)
        return None

    async def _is_lost(self, order: Order, reservation_id: str) -> bool:
        asked = reservation_pb.GetReservationRequest(reservation_id=reservation_id)
        try:
            with about(order):
                await self._reservations.GetReservation(asked)
        except AppError as error:
            if error.reason != LOST:
                raise
            return True
        return False

    async def _make(self, order: Order, lost: reservation_pb.ReserveRequest) -> Unheld | None:
        try:
            with about(order):
                await self._reservations.Reserve(lost)
                await self._undo_if_picked(order, lost)
        except AppError as error:
            if is_transient(error):
                raise
            return Unheld(
                order_id=order.order_id, location_id=order.location_id, reason=error.reason
            )
        return None

    async def _undo_if_picked(self, order: Order, made: reservation_pb.ReserveRequest) -> None:
        """Whoever picked it meanwhile has booked it without a hold, and would leave this one."""
        if (await found(self._records, order.order_id)).state not in UNSTAGED:
            undo = reservation_pb.CancelReserveRequest(request_id=made.request_id)
            await self._reservations.CancelReserve(undo)
