"""Holds, what a till sells of them, and who breaks them, as tests of broken claims ask for them."""

from datetime import timedelta
from typing import Any

from comptoir.inventory.v1 import events_pb2
from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from services.inventory.events import DETAILS
from services.inventory.ledger.overclaims import Overclaim
from services.inventory.ledger.store import overclaimed
from services.inventory.reservation.mending import Mender
from tests.inventory.asking import line, reserve, sale
from tests.inventory.house import COLLECT, TILL, Clock, House
from tests.waiting import until

NOON = Clock().now
UNTIL = int(NOON.timestamp()) + 6000
ODD = Overclaim(overclaim_id="0", location_id="lyon", sku="LAMP")


async def hold(house: House, *lines: stock_pb.StockLine, later_s: int = 1) -> pb.Reservation:
    """Each a second after the one before."""
    house.clock.now += timedelta(seconds=later_s)
    return (await house.reservations.Reserve(reserve(*lines), metadata=COLLECT)).reservation


async def sell(house: House, quantity: int, sku: str = "LAMP") -> None:
    await house.stock.RecordSale(sale(line(quantity, sku=sku)), metadata=TILL)


async def shown(house: House, made: pb.Reservation) -> pb.Reservation:
    request = pb.GetReservationRequest(reservation_id=made.reservation_id)
    return (await house.reservations.GetReservation(request, metadata=COLLECT)).reservation


def mender(house: House) -> Mender:
    return Mender(house.records, clock=house.clock)


async def waiting(house: House) -> int:
    return len(await overclaimed(house.records, after_id="", limit=100))


async def told(house: House) -> list[events_pb2.ReservationBroken]:
    """What the log tells to be broken, once all is told that was written."""
    marker = await hold(house, line(1, sku="MARK"))
    found: list[Any] = []

    async def told_of_marker() -> bool:
        found[:] = (await house.log.read(0, 500)).events
        return any(event.key == marker.reservation_id for event in found)

    await until(told_of_marker)
    return [DETAILS[e.name](e.detail) for e in found if e.name == "reservation_broken"]  # type: ignore[misc]
