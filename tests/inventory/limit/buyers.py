"""Limits, and whom they are for, as tests of them ask for them."""

from uuid import uuid4

from comptoir.inventory.v1 import limit_service_pb2 as pb
from google.protobuf.duration_pb2 import Duration

from tests.inventory.house import ERP, House

DAY_S = 24 * 3600


def limit(quantity_max: int, *, days: int = 0, sku: str = "LAMP") -> pb.Limit:
    period = Duration(seconds=days * DAY_S) if days else None
    return pb.Limit(sku=sku, quantity_max=quantity_max, period_duration=period)


def limiting(*limits: pb.Limit) -> pb.PutLimitsRequest:
    return pb.PutLimitsRequest(request_id=str(uuid4()), limits=limits)


async def put(house: House, *limits: pb.Limit) -> list[pb.Limit]:
    return list((await house.limits.PutLimits(limiting(*limits), metadata=ERP)).limits)
