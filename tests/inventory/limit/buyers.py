"""Limits, and whom they are for, as tests of them ask for them."""

from uuid import uuid4

from comptoir.inventory.v1 import limit_service_pb2 as pb
from comptoir.inventory.v1 import reservation_service_pb2 as reservation_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from google.protobuf.duration_pb2 import Duration

from tests.inventory.asking import line, reserve
from tests.inventory.house import COLLECT, ERP, House, refused
from tests.serving import Metadata

DAY_S = 24 * 3600
REACHED = "FAILED_PRECONDITION BUYER_LIMIT_REACHED"


def limit(quantity_max: int, *, days: int = 0, sku: str = "LAMP") -> pb.Limit:
    period = Duration(seconds=days * DAY_S) if days else None
    return pb.Limit(sku=sku, quantity_max=quantity_max, period_duration=period)


def limiting(*limits: pb.Limit) -> pb.PutLimitsRequest:
    return pb.PutLimitsRequest(request_id=str(uuid4()), limits=limits)


async def put(house: House, *limits: pb.Limit) -> list[pb.Limit]:
    return list((await house.limits.PutLimits(limiting(*limits), metadata=ERP)).limits)


async def held(
    house: House,
    *lines: stock_pb.StockLine,
    buyer_id: str = "anna",
    who: Metadata = COLLECT,
    hold_s: int = 600,
) -> reservation_pb.Reservation:
    asked = reserve(*lines or [line(1)], buyer_id=buyer_id, hold_s=hold_s)
    return (await house.reservations.Reserve(asked, metadata=who)).reservation


async def outcome(
    house: House,
    *lines: stock_pb.StockLine,
    buyer_id: str = "anna",
    who: Metadata = COLLECT,
    hold_s: int = 600,
) -> str:
    """Code and reason with which it is refused; empty if it is not."""
    return await refused(held(house, *lines, buyer_id=buyer_id, who=who, hold_s=hold_s))


async def left(house: House, *, buyer_id: str = "anna", most: int = 9) -> int:
    """How many units more the buyer may have, tried and given back."""
    asked = reserve(line(most), buyer_id=buyer_id)
    asked.allow_partial = True
    if await refused(house.reservations.Reserve(asked, metadata=COLLECT)):
        return 0
    made = (await house.reservations.Reserve(asked, metadata=COLLECT)).reservation
    undo = reservation_pb.CancelReserveRequest(request_id=asked.request_id)
    await house.reservations.CancelReserve(undo, metadata=COLLECT)
    return sum(each.quantity for each in made.lines)
