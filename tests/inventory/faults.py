"""What no program of ours wrote, in inventory's store."""

from typing import cast

from chassis.changes import Changed
from services.inventory.reservation.domain import Reservation
from tests.inventory.house import House


async def keep_unreadable(house: House, *reservation_ids: str) -> None:
    """As a release with a fault, or of another shape, may have written them, long ago."""
    made = tuple(
        Reservation(
            reservation_id=each,
            owner="collect",
            lines=(),
            expire_instant=0,
            revision=cast(int, "first"),
        )
        for each in reservation_ids
    )
    changed = Changed(answer=None, records=made)
    await house.records.update([], lambda _: changed, answer=type(None), timeout_s=5)
