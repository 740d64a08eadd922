"""How movements are kept, and how facts and levels are written."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from chassis.changes import Changed
from chassis.records import Index, Kind, RecordExistsError, Records, State, Where
from chassis.requests import Request
from services.inventory.ledger import domain
from services.inventory.ledger.domain import Level, Movement, MovementsExistError, Note, Rows
from services.inventory.stock.domain import Place
from services.inventory.stock.store import find_rows, row_refs, rows_in

A = TypeVar("A")

MOVEMENTS = Kind(
    type=Movement,
    collection="movements",
    key=lambda movement: movement.movement_id,
    indexes=(Index(fields=("location_id", "sku", "revision", "_id")),),
    immutable=True,
)


async def update_rows(
    records: Records,
    places: Sequence[Place],
    rule: Callable[[Rows], Changed[A]],
    *,
    answer: type[A],
    request: Request | None = None,
    timeout_s: float,
) -> A:
    """Write what `rule` makes of the rows at `places`.

    Raises MovementsExistError where `request` moved units before its answer was dropped.
    """

    def change(state: State) -> Changed[A]:
        return rule(rows_in(state, places))

    try:
        return await records.update(
            row_refs(places), change, answer=answer, request=request, timeout_s=timeout_s
        )
    except RecordExistsError as error:
        message = "this request_id moved units long ago: use a new one"
        raise MovementsExistError(message) from error


async def movements_of(
    records: Records, place: Place, *, after: tuple[int, str] | None, limit: int
) -> list[Movement]:
    """At most `limit` movements, newest first, behind the one of this revision and id."""
    where = Where(
        limit=limit,
        equal={"location_id": place.location_id, "sku": place.sku},
        order="revision",
        descending=True,
        after=after,
    )
    return await records.select(MOVEMENTS, where)


async def put_levels(
    records: Records, levels: Sequence[Level], *, note: Note, timeout_s: float
) -> set[Place]:
    """Set the levels, the last of each place, and return the places that this changed.

    A level that is so already writes nothing, not even a conflict.
    """
    last = {level.place: level for level in levels}
    # This read decides only that nothing need be done: then it was so when it was read.
    rows = await find_rows(records, list(last))
    wrong = [level for place, level in last.items() if not domain.is_so(rows[place], level)]
    if not wrong:
        return set()
    places = [level.place for level in wrong]
    rule = partial(domain.take_levels, levels=wrong, note=note)
    told = await update_rows(records, places, rule, answer=list[bool], timeout_s=timeout_s)
    return {place for place, changed in zip(places, told, strict=True) if changed}
