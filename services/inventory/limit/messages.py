"""Limits as protobuf, and back. Knows no rule."""

from comptoir.inventory.v1 import limit_service_pb2 as pb
from google.protobuf.duration_pb2 import Duration

from services.inventory.limit.domain import Limit


def limit_from_pb(limit: pb.Limit) -> Limit:
    """Parts of a second, which no period has, come as a period that is refused."""
    period = limit.period_duration
    return Limit(
        sku=limit.sku,
        quantity_max=limit.quantity_max,
        period_s=-1 if period.nanos else period.seconds,
    )


def limit_to_pb(limit: Limit) -> pb.Limit:
    period = Duration(seconds=limit.period_s) if limit.period_s else None
    return pb.Limit(
        sku=limit.sku,
        quantity_max=limit.quantity_max,
        period_duration=period,
        revision=limit.revision,
    )
