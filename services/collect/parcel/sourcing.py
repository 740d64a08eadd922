"""Asks inventory which other locations can send what an order lacks, and takes what is in time."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from comptoir.inventory.v1 import sourcing_service_pb2 as pb
from comptoir.inventory.v1 import sourcing_service_pb2_grpc as pb_grpc

from chassis.client import acting_for
from chassis.clock import Clock, utc_now
from chassis.errors import AppError
from chassis.records import Records
from services.collect.order.bringing import NOTHING, Bringing
from services.collect.order.line import Coming
from services.collect.order.values import Order
from services.collect.parcel.asking import parcel_id_of
from services.collect.point.domain import Place, collect_by
from services.collect.point.store import PLACES

log = logging.getLogger(__name__)


class Elsewhere:
    """`late_s_max` is how long behind the slot's end what is sent may be ready; None: none is
    asked."""

    def __init__(
        self,
        records: Records,
        sourcing: "pb_grpc.SourcingServiceAsyncStub",
        *,
        late_s_max: float | None,
        clock: Clock = utc_now,
    ) -> None:
        self._records = records
        self._sourcing = sourcing
        self._late_s_max = late_s_max
        self._clock = clock

    async def bringing(self, order: Order, wanted: Mapping[str, int]) -> Bringing:
        """What comes in time. Nothing where inventory does not answer: the customer is told now."""
        if self._late_s_max is None or not wanted:
            return NOTHING
        request = pb.SourceRequest(
            pick_up_location_id=order.location_id,
            lines=[pb.SourcingLine(sku=sku, quantity=n) for sku, n in wanted.items()],
            # What is free here the order asks for itself, and it is not enough.
            without_pick_up_location=True,
        )
        try:
            with acting_for(order.order_id):
                plan = await self._sourcing.Source(request)
        except AppError as error:
            log.warning("nothing is sent for what is broken of an order: %s", error.reason)
            return NOTHING
        until = latest(order, timedelta(seconds=self._late_s_max))
        by_sku = comings(order, plan, until=until, now=self._clock())
        if all(coming.ready_time <= order.slot_end for coming in by_sku.values()):
            return Bringing(by_sku=by_sku)
        place = await self._records.find(PLACES, order.location_id)
        return Bringing(by_sku={sku: kept(order, each, place) for sku, each in by_sku.items()})


def latest(order: Order, late: timedelta) -> datetime:
    """What comes later than the order's own units are held is not waited for."""
    return min(order.slot_end + late, order.hold_until)


def comings(
    order: Order, plan: pb.SourceResponse, *, until: datetime, now: datetime
) -> dict[str, Coming]:
    """By sku, of the parcels that others send and that are ready by then."""
    return {
        line.sku: coming_from(order, parcel, line, now)
        for parcel in plan.parcels
        if parcel.HasField("leave_time") and parcel.location_id != order.location_id
        if parcel.ready_time.ToDatetime(UTC) <= until
        for line in parcel.lines
    }


def kept(order: Order, coming: Coming, place: Place | None) -> Coming:
    """The customer has as long from when it is ready as from the end of a slot."""
    if place is None or coming.ready_time <= order.slot_end:
        return coming
    return replace(coming, collect_by_time=collect_by(place, coming.ready_time))


def coming_from(order: Order, parcel: pb.Parcel, line: pb.SourcingLine, now: datetime) -> Coming:
    return Coming(
        parcel_id=parcel_id_of(order, parcel.location_id, now),
        location_id=parcel.location_id,
        quantity=line.quantity,
        ask_time=now,
        leave_time=parcel.leave_time.ToDatetime(UTC),
        ready_time=parcel.ready_time.ToDatetime(UTC),
    )
