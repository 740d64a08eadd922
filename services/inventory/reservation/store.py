"""How reservations are kept, and the one way in which they are written."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

from chassis.changes import Changed
from chassis.records import (
    SELECT_MAX,
    Index,
    Kind,
    Records,
    Ref,
    State,
    Unreadable,
    Updates,
    Where,
)
from chassis.requests import Request
from services.inventory.limit.counters import taken_refs, takens_in
from services.inventory.reservation.counting import (
    NO_COUNTS,
    Counts,
    as_counted,
    with_counts,
)
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

STANDING_PAGE = 100

# A pure rule over the reservation, if it is there, and the rows of its lines; with `caps` where
# what it makes has a limit.
Rule: TypeAlias = Callable[..., Changed[Reservation]]


async def update_reservation(
    updates: Updates,
    reservation_id: str,
    places: Sequence[Place],
    rule: Rule,
    *,
    counts: Counts = NO_COUNTS,
    request: Request | None,
    timeout_s: float,
) -> Reservation:
    """Write what `rule` makes of a reservation and of the rows at `places`, those of its lines,
    broken ones too, and of its counters."""

    def change(state: State) -> Changed[Reservation]:
        takens = takens_in(state, counts.all_keys)
        before = as_counted(state.find(RESERVATIONS, reservation_id), takens)
        capped = {"caps": counts.caps(takens)} if counts.limits else {}
        return with_counts(rule(before, rows_in(state, places), **capped), [before], takens)

    refs: list[Ref[Any]] = [Ref(RESERVATIONS, reservation_id), *row_refs(places)]
    refs += taken_refs(counts.all_keys)
    return await updates.update(
        refs, change, answer=Reservation, request=request, timeout_s=timeout_s
    )


async def supersede_reservation(
    updates: Updates,
    old: Reservation,
    new_id: str,
    places: Sequence[Place],
    rule: Rule,
    *,
    counts: Counts = NO_COUNTS,
    request: Request,
    timeout_s: float,
) -> Reservation:
    """Write what `rule` makes of the old one, of what is at the new one's id, of the rows of
    both: those at `places` and those of the old one; and of their counters."""
    both = dict.fromkeys([*old.places, *places])

    def change(state: State) -> Changed[Reservation]:
        takens = takens_in(state, counts.all_keys)
        before, there = (state.find(RESERVATIONS, at) for at in (old.reservation_id, new_id))
        before = as_counted(before, takens)
        capped = {"caps": counts.caps(takens, before)} if counts.limits else {}
        changed = rule(before, there, rows_in(state, both), **capped)
        return with_counts(changed, [before], takens)

    ids = (old.reservation_id, new_id)
    refs: list[Ref[Any]] = [*(Ref(RESERVATIONS, at) for at in ids), *row_refs(both)]
    refs += taken_refs(counts.all_keys)
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


async def standing_at(
    records: Records, place: Place, *, unreadable: Unreadable
) -> AsyncGenerator[Reservation, None]:
    """Active ones that hold anything there, as `breaking.newest_first` has them.

    `unreadable` is told of those that cannot be read, which are left out.
    """
    those = Where(limit=STANDING_PAGE, equal=of_status(Status.ACTIVE, place), descending=True)
    dated = replace(those, above={"make_instant": 0}, order="make_instant")
    # Of before that was kept, which came before all others: no store orders by what is not there.
    undated = replace(those, one_of={"make_instant": (None, 0)})
    for where in (dated, undated):
        while page := await readable(records, where, unreadable):
            for found in page:
                # Its lines may name the one in one line and the other in another.
                if any(line.place == place for line in found.lines):
                    yield found
            where = replace(where, after=(page[-1].make_instant, page[-1].reservation_id))


async def readable(records: Records, where: Where, unreadable: Unreadable) -> list[Reservation]:
    """The first that can be read, however many come before that cannot; none at the end."""
    while True:
        odd: dict[str, Exception] = {}
        page = await records.select(RESERVATIONS, where, unreadable=odd.__setitem__)
        for reservation_id, error in odd.items():
            unreadable(reservation_id, error)
        if page or len(odd) < where.limit or where.limit == SELECT_MAX:
            return page
        where = replace(where, limit=min(2 * where.limit, SELECT_MAX))


async def are_told_lapsed(records: Records, place: Place, *, behind: datetime) -> bool:
    """Whether any that were to hold something there until later have been told to be over."""
    where = Where(
        limit=STANDING_PAGE,
        equal=of_status(Status.LAPSED, place),
        above={"expire_instant": int(behind.timestamp())},
    )
    found = await records.select(RESERVATIONS, where, unreadable=lambda *_: None)
    return any(line.place == place for each in found for line in each.lines)


def of_status(status: Status, place: Place) -> Mapping[str, object]:
    return {"status": status, "lines.location_id": place.location_id, "lines.sku": place.sku}


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
