"""How transfers are kept, found and written with the rows of their ends."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chassis.changes import Changed
from chassis.records import Index, Kind, Records, Ref, State, Updates, Where
from chassis.requests import Request
from services.inventory.ledger.domain import Rows
from services.inventory.ledger.store import moving_once
from services.inventory.stock.domain import Place
from services.inventory.stock.store import row_refs, rows_in
from services.inventory.supply.domain import Expectations, await_transfer
from services.inventory.supply.store import expectation_refs, expectations_in
from services.inventory.transfer.domain import Transfer, create, known, left_at_target

TRANSFERS = Kind(
    type=Transfer,
    collection="transfers",
    key=lambda transfer: transfer.transfer_id,
    indexes=(
        Index(fields=("source_location_id", "create_instant", "_id")),
        Index(fields=("target_location_id", "create_instant", "_id")),
        # Those on their way are few, and behind all that ever came if nothing says which they are.
        Index(fields=("source_location_id", "status", "create_instant", "_id")),
        Index(fields=("target_location_id", "status", "create_instant", "_id")),
    ),
)


async def keep(
    updates: Updates, draft: Transfer, *, request: Request, timeout_s: float
) -> Transfer:
    """The draft, or what a repeat of `request` made before. Raises what `create` raises."""

    def change(state: State) -> Changed[Transfer]:
        return create(state.find(TRANSFERS, draft.transfer_id), draft)

    refs = [Ref(TRANSFERS, draft.transfer_id)]
    return await updates.update(refs, change, answer=Transfer, request=request, timeout_s=timeout_s)


async def update_transfer(
    updates: Updates,
    found: Transfer,
    places: Sequence[Place],
    rule: Callable[[Transfer, Rows], Changed[Transfer]],
    *,
    request: Request,
    timeout_s: float,
) -> Transfer:
    """Write what `rule` makes of a transfer and of the rows at `places`.

    What is left to come is awaited at those of the target, in the same write: at no instant is it
    both there and expected, or neither. `found` says what never changes: ends and skus.
    Raises UnknownTransferError, and MovementsExistError where `request` moved units before its
    answer was dropped.
    """

    targets = [place for place in places if place.location_id == found.target_location_id]

    def change(state: State) -> Changed[Transfer]:
        before = known(state.find(TRANSFERS, found.transfer_id))
        changed = rule(before, rows_in(state, places))
        return awaiting(changed, expectations_in(state, targets))

    refs: list[Ref[Any]] = [Ref(TRANSFERS, found.transfer_id), *row_refs(places)]
    refs += expectation_refs(targets)
    with moving_once():
        return await updates.update(
            refs, change, answer=Transfer, request=request, timeout_s=timeout_s
        )


def awaiting(changed: Changed[Transfer], before: Expectations) -> Changed[Transfer]:
    """With what is left of the transfer awaited at the places of `before`."""
    after = changed.answer
    left = {place: n for place, n in left_at_target(after).items() if place in before}
    awaited = await_transfer(before, after.transfer_id, left, due=after.due)
    return replace(
        changed,
        records=(*changed.records, *awaited.records),
        events=(*changed.events, *awaited.events),
    )


async def newest_transfers(
    records: Records,
    equal: Mapping[str, str],
    *,
    after: tuple[int, str] | None,
    limit: int,
) -> list[Transfer]:
    """At most `limit` whose fields are so, the newest first, behind this instant and id."""
    where = Where(limit=limit, equal=equal, order="create_instant", descending=True, after=after)
    return await records.select(TRANSFERS, where)
