"""What a buyer, an associate and a till do on the running suite, step by step."""

import asyncio
import random
from typing import Any
from uuid import uuid4

from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from tests.people import Person
from tests.waiting import until

SHOP, COUNTER, LOCKER = "paris-bastille", "paris-bastille-counter", "paris-bastille-locker"
DRILL, SAW = "PER-1802", "SCI-3002"
BOUND_S = 20.0


class Till:
    """Another team's program at the same stock."""

    def __init__(self, stub: Any, metadata: tuple[tuple[str, str], ...]) -> None:
        self.stub = stub
        self.metadata = metadata

    async def sell(self, sku: str, quantity: int) -> stock_pb.StockRow:
        line = stock_pb.StockLine(location_id=SHOP, sku=sku, quantity=quantity)
        request = stock_pb.RecordSaleRequest(request_id=str(uuid4()), lines=[line])
        answer = await self.stub.RecordSale(request, metadata=self.metadata)
        row: stock_pb.StockRow = answer.rows[0]
        return row

    async def available(self, sku: str) -> stock_pb.Availability:
        request = stock_pb.BatchGetAvailabilityRequest(skus=[sku], location_ids=[SHOP])
        answer = await self.stub.BatchGetAvailability(request, metadata=self.metadata)
        found: stock_pb.Availability = answer.availabilities[0]
        return found

    async def verify(self, sku: str) -> bool:
        request = stock_pb.VerifyBalanceRequest(location_id=SHOP, sku=sku)
        return bool((await self.stub.VerifyBalance(request, metadata=self.metadata)).balanced)


async def slot_at(
    person: Person, point_id: str, lines: list[dict[str, Any]], *, location_id: str = SHOP
) -> str:
    body = {"lines": lines, "location_ids": [location_id]}
    options = (await person.post("/v1/pickup-options", body)).ok()["options"]
    option = next(option for option in options if option["point_id"] == point_id)
    assert option["available"], option["reason"]
    return str(random.choice(option["slots"])["slot_id"])


async def ordered(
    person: Person,
    lines: list[dict[str, Any]],
    *,
    point_id: str = COUNTER,
    location_id: str = SHOP,
    payment: dict[str, str] | None = None,
    key: str = "",
) -> Any:
    body = {
        "lines": lines,
        "point_id": point_id,
        "slot_id": await slot_at(person, point_id, lines, location_id=location_id),
        "payment": payment or {"method": "at_counter"},
    }
    answer = await person.post("/v1/orders", body, key=key)
    order = answer.ok()
    return order if order["state"] != "placing" else await followed(person, order, "confirmed")


async def followed(person: Person, order: Any, state: str) -> Any:
    """The order once it is in `state`, as its customer follows it live."""
    path = f"/v1/orders/{order['order_id']}/events"
    async with asyncio.timeout(BOUND_S), person.events(path) as told:
        async for seen in told:
            if seen["state"] == state:
                return seen
    raise AssertionError(f"the order never came to {state}")


async def picked_and_staged(seller: Person, order: Any, *, bin_label: str = "B-12") -> Any:
    path = f"/v1/terminal/orders/{order['order_id']}"
    for line in order["lines"]:
        pick = {"line_number": line["line_number"], "found_quantity": line["quantity"]}
        (await seller.post(f"{path}/picks", pick)).ok()
    return (await seller.post(f"{path}/stage", {"bin_label": bin_label})).ok()


async def settled(till: Till, sku: str, *, held: int) -> stock_pb.Availability:
    """The shop's availability once that many units are held."""

    async def holds() -> bool:
        return (await till.available(sku)).held_quantity == held

    await until(holds)
    return await till.available(sku)
