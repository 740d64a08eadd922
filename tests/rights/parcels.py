"""Parcels at HERE, as collect keeps them: so nothing has to be sold for one to be asked for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

from chassis.changes import Changed
from chassis.clock import utc_now
from chassis.mongo import connect
from chassis.mongo_records import MongoRecords
from chassis.records import Ref
from services.collect.parcel.store import PARCELS
from services.collect.parcel.values import Parcel, ParcelLine, State
from tests.rights.callers import HERE
from tests.suite import Stack


def parcel(bin_label: str) -> Parcel:
    """From HERE and to it, to be packed; no replica looks at it."""
    now = utc_now()
    return Parcel(
        parcel_id=str(uuid4()),
        order_id=str(uuid4()),
        source_location_id=HERE,
        target_location_id=HERE,
        lines=(ParcelLine(sku="AUD-7307", quantity=1),),
        leave_time=now,
        ready_time=now,
        create_time=now,
        hold_until=now + timedelta(days=1),
        hold_s=86400,
        state=State.HELD,
        bin_label=bin_label,
    )


@asynccontextmanager
async def parcels_in(stack: Stack, bin_label: str) -> AsyncIterator[str]:
    """Two, so that there is a second page; the id of one."""
    kept = parcel(bin_label), parcel(bin_label)
    refs: list[Ref[Any]] = [Ref(PARCELS, each.parcel_id) for each in kept]
    put = Changed(answer=None, records=kept)
    taken = Changed(answer=None, removed=kept)
    async with connect(stack.panel["mongo_uri"], "comptoir_collect") as database:
        records = MongoRecords(database, [PARCELS])
        await records.update(refs, lambda state: put, answer=type(None), timeout_s=5)
        yield kept[0].parcel_id
        await records.update(refs, lambda state: taken, answer=type(None), timeout_s=5)
