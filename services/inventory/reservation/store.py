"""How reservations are kept, and the one way in which they are written."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from chassis.changes import Changed
from chassis.records import Index, Kind, Records, Ref, State, Unreadable, Updates, Where
from chassis.requests import Request
from services.inventory.ledger.domain import Rows
from services.inventory.reservation.domain import Reservation, Status
from services.inventory.stock.domain import Place
from services.inventory.stock.store import row_refs, rows_in

RESERVATIONS = Kind(
    type=Reservation,
    collection="reservations",
    key=lambda reservation: reservation.reservation_id,
    indexes=(
        Index(fields=("owner", "_id")),
        # For the proof. By status first: those that have ended are most, and never go.
        Index(fields=("status", "lines.location_id", "lines.sku", "expire_instant")),
        Index(fields=("status", "expire_instant", "_id")),
    ),
)

# A pure rule over the reservation, if it is there, and the rows of its lines.
Rule: TypeAlias = Callable[[Reservation | None, Rows], Changed[Reservation]]


async def update_reservation(
    updates: Updates,
    reservation_id: str,
    places: Sequence[Place],
    rule: Rule,
    *,
    request: Request | None,
    timeout_s: float,
) -> Reservation:
    """Write what `rule` makes of a reservation and of the rows at `places`, those of its lines."""

    def change(state: State) -> Changed[Reservation]:
        return rule(state.find(RESERVATIONS, reservation_id), rows_in(state, places))

    refs: list[Ref[Any]] = [Ref(RESERVATIONS, reservation_id), *row_refs(places)]
    return await updates.update(
        refs, change, answer=Reservation, request=request, timeout_s=timeout_s
    )


async def supersede_reservation(
    updates: Updates,
    old: Reservation,
    new_id: str,
    places: Sequence[Place],
    rule: Callable[[Reservation | None, Reservation | None, Rows], Changed[Reservation]],
    *,
    request: Request,
    timeout_s: float,
) -> Reservation:
    """Write what `rule` makes of the old one, of what is at the new one's id, and of the rows of
    both: those at `places` and of the old one's lines."""
    both = dict.fromkeys([*(line.place for line in old.lines), *places])

    def change(state: State) -> Changed[Reservation]:
        before, there = (state.find(RESERVATIONS, at) for at in (old.reservation_id, new_id))
        return rule(before, there, rows_in(state, both))

    ids = (old.reservation_id, new_id)
    refs: list[Ref[Any]] = [*(Ref(RESERVATIONS, at) for at in ids), *row_refs(both)]
    return await updates.update(
        refs, change, answer=Reservation, request=request, timeout_s=timeout_s
    )


async def reservations_of(
    records: Records, owner: str, *, document_id: str | None, after_id: str, limit: int
) -> list[Reservation]:
    """At most `limit` reservations of `owner` with a greater id, ordered by id.

    Those of one document alone, unless `document_id` is None.
    """
    of_one = {} if document_id is None else {"document_id": document_id}
    where = Where(limit=limit, equal={"owner": owner, **of_one}, after=(None, after_id))
    return await records.select(RESERVATIONS, where)


async def lapsed_by(
    records: Records, instant: int, *, limit: int, unreadable: Unreadable
) -> list[Reservation]:
    """At most `limit` whose hold was over by `instant`, untold of, from the oldest on.

    `unreadable` is told of those that cannot be read, which count for the limit.
    """
    where = Where(
        limit=limit,
        equal={"status": Status.ACTIVE},
        at_most={"expire_instant": instant},
        order="expire_instant",
    )
    return await records.select(RESERVATIONS, where, unreadable=unreadable)
