"""How transfers are kept, found and written with the rows of their ends."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chassis.changes import Changed
from chassis.records import Index, Kind, Records, Ref, State, Updates, Where
from chassis.requests import Request
from services.inventory.ledger.domain import Rows
from services.inventory.ledger.store import moving_once
from services.inventory.stock.domain import Place
from services.inventory.stock.store import row_refs, rows_in
from services.inventory.transfer.domain import Transfer, create, known

TRANSFERS = Kind(
    type=Transfer,
    collection="transfers",
    key=lambda transfer: transfer.transfer_id,
    indexes=(
        # By time, since those wanted are mostly the newest; which of them, in the index.
        Index(fields=("source_location_id", "create_instant", "_id", "status")),
        Index(fields=("target_location_id", "create_instant", "_id", "status")),
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
    transfer_id: str,
    places: Sequence[Place],
    rule: Callable[[Transfer, Rows], Changed[Transfer]],
    *,
    request: Request,
    timeout_s: float,
) -> Transfer:
    """Write what `rule` makes of a transfer and of the rows at `places`.

    Raises UnknownTransferError, and MovementsExistError where `request` moved units before its
    answer was dropped.
    """

    def change(state: State) -> Changed[Transfer]:
        return rule(known(state.find(TRANSFERS, transfer_id)), rows_in(state, places))

    refs: list[Ref[Any]] = [Ref(TRANSFERS, transfer_id), *row_refs(places)]
    with moving_once():
        return await updates.update(
            refs, change, answer=Transfer, request=request, timeout_s=timeout_s
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
