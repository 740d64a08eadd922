"""What the rest of collect does to a cabinet with one order, `o1`."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from comptoir.collect.v1 import locker_service_pb2 as pb

from chassis.clock import utc_now
from services.collect.locker.cabinet import Cabinet, DoorPurpose
from services.collect.locker.domain import door_asked, kept
from services.collect.point.domain import Size
from tests.collect.locker.cabinets import (
    found,
    put,
    signed,
)
from tests.collect.locker.house import (
    Attached,
    House,
)

ONE: dict[str, Any] = {"compartment_id": "A1", "generation": 1, "order_id": "o1"}


async def reserved(house: House) -> Cabinet:
    return await put(
        house.records, kept(await found(house.records), order_id="o1", size=Size.S, now=utc_now())
    )


async def asked(house: House, *, life: timedelta = timedelta(0)) -> Cabinet:
    """Its door is asked to open; the command is as old as `life`."""
    then = utc_now() - life
    there = replace(await found(house.records), seen_time=then)
    after = door_asked(there, "o1", command_id="d1", purpose=DoorPurpose.LOADING, now=then)
    return await put(house.records, after)


async def loaded(house: House, stream: Attached) -> pb.Assignment:
    """The cabinet has said that the order lies inside; what it is told then."""
    await asked(house)
    await stream.send(signed(1, pb.JOURNAL_KIND_LOADED, **ONE))
    while (told := await stream.told("assignment")).state != pb.ASSIGNMENT_STATE_READY:
        pass
    assert isinstance(told, pb.Assignment)
    return told
