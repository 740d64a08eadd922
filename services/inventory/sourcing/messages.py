"""Transfer rules, questions and plans as protobuf, and back. Knows no rule."""

from datetime import datetime

from comptoir.inventory.v1 import sourcing_service_pb2 as pb
from google.protobuf.duration_pb2 import Duration

from services.inventory.sourcing.domain import DistanceBand, TransferRule
from services.inventory.sourcing.explaining import (
    Alternative,
    Cause,
    Plan,
    Rejection,
    Unserved,
)
from services.inventory.sourcing.planning import AHEAD_MAX, Parcel, Wanted
from services.inventory.stock.instant import check_at_time
from services.inventory.stock.messages import instant_from_pb, time_to_pb

CAUSE_TO_PB = {
    Cause.MORE_PARCELS: pb.ALTERNATIVE_CAUSE_MORE_PARCELS,
    Cause.LATER: pb.ALTERNATIVE_CAUSE_LATER,
    Cause.DEARER: pb.ALTERNATIVE_CAUSE_DEARER,
    Cause.WEIGHS_MORE: pb.ALTERNATIVE_CAUSE_WEIGHS_MORE,
    Cause.AS_GOOD: pb.ALTERNATIVE_CAUSE_AS_GOOD,
}
REJECTION_TO_PB = {
    Rejection.NO_TRANSFER: pb.REJECTION_CAUSE_NO_TRANSFER,
    Rejection.NO_LINE: pb.REJECTION_CAUSE_NO_LINE,
    Rejection.CLOSED: pb.REJECTION_CAUSE_CLOSED,
}


def rule_from_pb(rule: pb.TransferRule, *, actor: str) -> TransferRule:
    """`revision` is ours to give."""
    return TransferRule(
        source_location_id=rule.source_location_id,
        target_location_id=rule.target_location_id,
        preparation_s=seconds_from(rule.preparation_duration),
        cut_offs=tuple(rule.cut_off_minutes),
        weekdays=tuple(rule.weekdays),
        closed_dates=tuple(rule.closed_dates),
        bands=tuple(
            DistanceBand(
                distance_m_max=band.distance_max_m,
                lead_s=seconds_from(band.lead_duration),
                cost=band.parcel_cost,
            )
            for band in rule.bands
        ),
        withdrawn=rule.withdrawn,
        actor=actor,
    )


def seconds_from(duration: Duration) -> int:
    """Whole seconds, up; below zero if any part of it is."""
    return -1 if duration.nanos < 0 else duration.seconds + (duration.nanos > 0)


def rule_to_pb(rule: TransferRule) -> pb.TransferRule:
    return pb.TransferRule(
        source_location_id=rule.source_location_id,
        target_location_id=rule.target_location_id,
        preparation_duration=Duration(seconds=rule.preparation_s),
        cut_off_minutes=rule.cut_offs,
        weekdays=rule.weekdays,
        closed_dates=rule.closed_dates,
        bands=[
            pb.DistanceBand(
                distance_max_m=band.distance_m_max,
                lead_duration=Duration(seconds=band.lead_s),
                parcel_cost=band.cost,
            )
            for band in rule.bands
        ],
        withdrawn=rule.withdrawn,
        revision=rule.revision,
        actor=rule.actor,
    )


def wanted_from_pb(line: pb.SourcingLine) -> Wanted:
    return Wanted(line.sku, line.quantity)


def at_time_from_pb(request: pb.SourceRequest, now: datetime) -> datetime:
    """`now` if unset. Raises InvalidAtTimeError."""
    if not request.HasField("at_time"):
        return now
    return check_at_time(instant_from_pb(request.at_time), now, ahead_max=AHEAD_MAX)


def plan_to_pb(plan: Plan, wanted: tuple[Wanted, ...]) -> pb.SourceResponse:
    choice = plan.choice
    message = pb.SourceResponse(
        parcels=[parcel_to_pb(parcel, wanted) for parcel in choice.parcels],
        cost=choice.sums.cost,
        exact=choice.exact,
        unserved_lines=[unserved_to_pb(each) for each in plan.unserved],
        alternatives=[alternative_to_pb(each) for each in plan.alternatives],
        rejected_locations=[
            pb.LocationRejection(location_id=location_id, cause=REJECTION_TO_PB[cause])
            for location_id, cause in plan.rejected
        ],
    )
    if choice.parcels:
        message.ready_time.CopyFrom(time_to_pb(choice.ready))
    return message


def parcel_to_pb(parcel: Parcel, wanted: tuple[Wanted, ...]) -> pb.Parcel:
    reach, times = parcel.offer.reach, parcel.offer.times
    return pb.Parcel(
        location_id=reach.location_id,
        lines=[
            pb.SourcingLine(sku=line.sku, quantity=line.quantity)
            for number, line in enumerate(wanted)
            if parcel.lines >> number & 1
        ],
        leave_time=None if times.leave is None else time_to_pb(times.leave),
        ready_time=time_to_pb(times.ready),
        cost=reach.cost,
        distance_m=reach.candidate.distance_m,
    )


def unserved_to_pb(unserved: Unserved) -> pb.UnservedLine:
    return pb.UnservedLine(
        sku=unserved.wanted.sku,
        quantity=unserved.wanted.quantity,
        most_quantity=unserved.most,
        total_quantity=unserved.total,
    )


def alternative_to_pb(alternative: Alternative) -> pb.SourcingAlternative:
    choice = alternative.choice
    return pb.SourcingAlternative(
        location_ids=choice.location_ids,
        parcel_count=choice.sums.parcels,
        ready_time=time_to_pb(choice.ready),
        cost=choice.sums.cost,
        cause=CAUSE_TO_PB[alternative.cause],
    )
