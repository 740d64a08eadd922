"""Making a reservation: what of a wish can be held, anew or in the place of another. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from chassis.changes import Changed
from chassis.errors import AppError, Kind
from services.inventory.ledger.domain import Note, Rows
from services.inventory.limit.domain import check_buyer
from services.inventory.limit.taken import Caps, check_within, reached, time_of
from services.inventory.reservation.domain import (
    Reservation,
    changed,
    live,
    released,
    told,
    with_claims,
)
from services.inventory.reservation.grid import check_hold, expire_instant
from services.inventory.stock.channel import check_channel
from services.inventory.stock.domain import (
    Line,
    check_lines,
    document_violations,
    invalid_lines,
    latest,
)

HOLD_DEFAULT = timedelta(hours=2)
UNLIMITED: Caps = MappingProxyType({})


class InsufficientStockError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "INSUFFICIENT_STOCK"


class ReservationExistsError(AppError):
    """The id made one so long ago that its answer is no longer kept."""

    kind, reason = Kind.ALREADY_EXISTS, "REQUEST_ID_REUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be held, for how long and what for."""

    lines: tuple[Line, ...]
    hold: timedelta = HOLD_DEFAULT
    document_id: str = ""
    allow_partial: bool = False
    channel: str = ""
    buyer_id: str = ""


def reserve(
    before: Reservation | None,
    rows: Rows,
    wish: Wish,
    *,
    owner: str,
    note: Note,
    caps: Caps = UNLIMITED,
) -> Changed[Reservation]:
    """Hold every line of a new reservation, or none. Raises what `made` raises."""
    t = latest(rows.values(), time_of(caps, note.now))
    reservation = made(before, rows, wish, caps, owner=owner, write_id=note.write_id, t=t)
    claimed = with_claims(rows, reservation, sign=1)
    return changed("made", reservation, claimed, note=replace(note, now=t))


def supersede(
    old: Reservation | None,
    before: Reservation | None,
    rows: Rows,
    wish: Wish,
    *,
    owner: str,
    note: Note,
    caps: Caps = UNLIMITED,
) -> Changed[Reservation]:
    """Release `old` and hold the wish, for which the units of `old` are free. All or nothing.

    Raises what `live` raises for `old`, and what `made` raises for the new one.
    """
    t = latest(rows.values(), time_of(caps, note.now))
    held = live(old, owner=owner, t=t)
    freed = with_claims(rows, held, sign=-1)
    free = {**rows, **freed}
    reservation = made(before, free, wish, caps, owner=owner, write_id=note.write_id, t=t)
    claimed = {**freed, **with_claims(free, reservation, sign=1)}
    ended = released(held, superseded_by_id=reservation.reservation_id)
    left = changed("made", reservation, claimed, note=replace(note, now=t))
    return replace(
        left, records=(ended, *left.records), events=(told("released", ended), *left.events)
    )


def made(
    before: Reservation | None,
    rows: Rows,
    wish: Wish,
    caps: Caps = UNLIMITED,
    *,
    owner: str,
    write_id: str,
    t: datetime,
) -> Reservation:
    """What can be held of the wish at `t`; the rows do not know of it yet.

    They must be left at `t`, which may be the time of a row that nothing is held of: else a
    server whose clock is behind pays with what was lent again here.

    Raises BuyerLimitReachedError, InsufficientStockError, naming the first line that cannot be
    held, and ReservationExistsError.
    """
    if before is not None:
        raise ReservationExistsError("this request_id made a reservation: use a new one")
    lines = tuple(holdable(rows, wish, caps, t))
    counted_skus = tuple(sorted({line.sku for line in lines if line.sku in caps}))
    return Reservation(
        reservation_id=write_id,
        owner=owner,
        lines=lines,
        expire_instant=expire_instant(t, wish.hold),
        document_id=wish.document_id,
        make_instant=int(t.timestamp()),
        # Of others it need not be known for whom they are.
        buyer_id=wish.buyer_id if counted_skus else "",
        counted_skus=counted_skus,
    )


def holdable(rows: Rows, wish: Wish, caps: Caps, t: datetime) -> list[Line]:
    """The lines of a wish, or as much of each as there is, and as the buyer may have, if that
    will do. Never none."""
    if not wish.allow_partial:
        check_within(((line.sku, line.quantity) for line in wish.lines), caps, t)
    left = [min(line.quantity, rows[line.place].available(t, wish.channel)) for line in wish.lines]
    if not wish.allow_partial or not any(left):
        for number, (line, available) in enumerate(zip(wish.lines, left, strict=True)):
            if available < line.quantity:
                raise insufficient(line, number, available)
    return within([line.of(n) for line, n in zip(wish.lines, left, strict=True) if n], caps, t)


def within(lines: Sequence[Line], caps: Caps, t: datetime) -> list[Line]:
    """As much of each line as the ones before it leave to the buyer.

    Raises BuyerLimitReachedError for the first if that is nothing of any.
    """
    if not caps:
        return list(lines)
    left = {sku: cap.left(t) for sku, cap in caps.items()}
    kept = list[Line]()
    for line in lines:
        quantity = min(line.quantity, left.get(line.sku, line.quantity))
        if quantity:
            kept.append(line.of(quantity))
        if line.sku in left:
            left[line.sku] -= quantity
    if not kept:
        raise reached(caps[lines[0].sku], lines[0].quantity, t)
    return kept


def unheld(wished: Sequence[Line], held: Reservation) -> list[Line]:
    """What a reservation does not hold of the lines it was asked for."""
    if wished == held.lines:
        return []
    quantities = {line.place: line.quantity for line in held.lines}
    missing = ((line, line.quantity - quantities.get(line.place, 0)) for line in wished)
    return [replace(line, quantity=quantity) for line, quantity in missing if quantity]


def check_wish(wish: Wish) -> None:
    """Raises InvalidLinesError, InvalidHoldError, InvalidChannelError, InvalidBuyerError."""
    check_lines(wish.lines)
    if violations := document_violations(wish.document_id):
        raise invalid_lines(*violations)
    check_hold(wish.hold)
    check_channel(wish.channel)
    check_buyer(wish.buyer_id)


def insufficient(line: Line, number: int, available: int) -> InsufficientStockError:
    return InsufficientStockError(
        f"line {number}: {available} units of {line.sku} are available at {line.location_id},"
        f" {line.quantity} were asked for",
        line=number,
        location_id=line.location_id,
        sku=line.sku,
        available_quantity=available,
        quantity=line.quantity,
    )
