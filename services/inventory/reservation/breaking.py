"""Whose claims are broken where a fact has taken what was held. Pure.

The rule: the newest first, whole or in part, as many units as are missing and no more.
Newest is who was made last by the row's time, in whole seconds; of those made in the
same second, the one with the greatest id. Safety stock covers claims before any is broken.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from chassis.changes import Changed, Event
from services.inventory.ledger.domain import Note, post
from services.inventory.reservation.domain import Reservation, Status
from services.inventory.stock.domain import Line, Place, StockRow, row_changed


def broken(row: StockRow, standing: Sequence[Reservation], *, note: Note) -> Changed[int]:
    """Break claims on the row until there is something for each that is left.

    Answers how many units are still missing when none of `standing` holds any more.
    """
    t = row.time(note.now)
    missing, claimed, after = row.overclaimed(note.now), row, list[Reservation]()
    for held in newest_first(standing):
        taken = min(held_at(held, row.place), missing)
        if held.at(t).status is Status.ACTIVE and taken:
            after.append(without(held, row.place, taken))
            claimed = claimed.claimed(-taken, until=held.expire_instant)
            missing -= taken
    if not after:
        return Changed(answer=missing)
    posted = post({row.place: claimed}, (), note=note)
    events = (*map(row_changed, posted.rows), *map(told_broken, after))
    return Changed(answer=missing, records=(*after, *posted.records), events=events)


def newest_first(reservations: Iterable[Reservation]) -> list[Reservation]:
    return sorted(reservations, key=lambda r: (r.make_instant, r.reservation_id), reverse=True)


def held_at(reservation: Reservation, place: Place) -> int:
    return sum(line.quantity for line in reservation.lines if line.place == place)


def without(held: Reservation, place: Place, quantity: int) -> Reservation:
    """With so many units of a line no longer held. One that holds nothing is still its owner's."""
    return replace(
        held,
        lines=tuple(less(held.lines, place, quantity)),
        broken=tuple(more(held.broken, place, quantity)),
        revision=held.revision + 1,
    )


def less(lines: Iterable[Line], place: Place, quantity: int) -> Iterable[Line]:
    for line in lines:
        left = line.quantity - quantity * (line.place == place)
        if left:
            yield replace(line, quantity=left)


def more(lines: Iterable[Line], place: Place, quantity: int) -> Iterable[Line]:
    """The lines, with so much on that of the place, which may be new."""
    before = 0
    for line in lines:
        if line.place == place:
            before = line.quantity
        else:
            yield line
    yield Line(location_id=place.location_id, sku=place.sku, quantity=before + quantity)


def told_broken(after: Reservation) -> Event:
    """Tells of all that is held and all that is broken: who missed one has the next."""
    detail = {
        "reservation_id": after.reservation_id,
        "document_id": after.document_id,
        "held_lines": [line_detail(line) for line in after.lines],
        "broken_lines": [line_detail(line) for line in after.broken],
    }
    return Event("reservation_broken", after.reservation_id, after.revision, detail)


def line_detail(line: Line) -> dict[str, str | int]:
    return {"location_id": line.location_id, "sku": line.sku, "quantity": line.quantity}
