"""How counts are kept, and how what they find is written."""

from collections.abc import Callable, Sequence
from typing import Any

from chassis.changes import Changed
from chassis.records import Kind, Records, Ref, State, Updates
from chassis.requests import Request
from services.inventory.count.domain import Count, made
from services.inventory.ledger.domain import Rows
from services.inventory.ledger.store import moving_once
from services.inventory.stock.domain import Place
from services.inventory.stock.store import row_refs, rows_in

COUNTS = Kind(type=Count, collection="counts", key=lambda count: count.count_id)


async def keep(records: Records, count: Count, *, request: Request, timeout_s: float) -> Count:
    """The count, or the one that a repeat of `request` began before. Raises what `made` does."""

    def change(state: State) -> Changed[Count]:
        return made(state.find(COUNTS, count.count_id), count)

    refs = [Ref(COUNTS, count.count_id)]
    return await records.update(refs, change, answer=Count, request=request, timeout_s=timeout_s)


async def update_count(
    updates: Updates,
    count_id: str,
    places: Sequence[Place],
    rule: Callable[[Count | None, Rows], Changed[Count]],
    *,
    request: Request,
    timeout_s: float,
) -> Count:
    """Write what `rule` makes of a count and of the rows at `places`.

    Raises MovementsExistError where `request` moved units before its answer was dropped.
    """

    def change(state: State) -> Changed[Count]:
        return rule(state.find(COUNTS, count_id), rows_in(state, places))

    refs: list[Ref[Any]] = [Ref(COUNTS, count_id), *row_refs(places)]
    with moving_once():
        return await updates.update(
            refs, change, answer=Count, request=request, timeout_s=timeout_s
        )
