"""Differences planted in a ledger, one a function."""

from typing import Any

from chassis.records import Kind
from services.inventory.ledger.store import MOVEMENTS
from services.inventory.reservation.store import RESERVATIONS
from services.inventory.stock.domain import Place
from services.inventory.stock.store import ROWS
from tests.inventory.balance.documents import Documents


async def the_one(documents: Documents, kind: Kind[Any], **fields: object) -> dict[str, Any]:
    (document,) = [
        each
        for each in await documents.all(kind)
        if all(each[name] == value for name, value in fields.items())
    ]
    return document


async def row_changed(documents: Documents) -> None:
    row = await the_one(documents, ROWS, location_id="lyon", sku="LAMP")
    await documents.put(ROWS, {**row, "on": {**row["on"], "staged": 1}})


async def short_changed(documents: Documents) -> None:
    row = await the_one(documents, ROWS, location_id="lyon", sku="LAMP")
    await documents.put(ROWS, {**row, "short": 2})


async def claim_lost(documents: Documents) -> None:
    row = await the_one(documents, ROWS, location_id="lyon", sku="LAMP")
    await documents.put(ROWS, {**row, "held": {}})


async def claim_lessened(documents: Documents) -> None:
    row = await the_one(documents, ROWS, location_id="lyon", sku="LAMP")
    await documents.put(ROWS, {**row, "held": {instant: 1 for instant in row["held"]}})


async def row_lost(documents: Documents) -> None:
    await documents.remove(ROWS, Place("lyon", "CUP"))


async def movement_removed(documents: Documents) -> None:
    movement = await the_one(documents, MOVEMENTS, cause="sale")
    await documents.remove(MOVEMENTS, movement["movement_id"])


async def movement_doubled(documents: Documents) -> None:
    movement = await the_one(documents, MOVEMENTS, location_id="lille")
    await documents.put(MOVEMENTS, {**movement, "_id": "again", "movement_id": "again"})


async def movement_elsewhere(documents: Documents) -> None:
    """Where there is no row, and no location either."""
    movement = await the_one(documents, MOVEMENTS, location_id="lille")
    await documents.put(
        MOVEMENTS, {**movement, "_id": "x", "movement_id": "x", "location_id": "nowhere"}
    )


async def reservation_released(documents: Documents) -> None:
    """And its claim left in the row."""
    made = await the_one(documents, RESERVATIONS)
    await documents.put(RESERVATIONS, {**made, "status": "released"})


async def reservation_lost(documents: Documents) -> None:
    made = await the_one(documents, RESERVATIONS)
    await documents.remove(RESERVATIONS, made["reservation_id"])
