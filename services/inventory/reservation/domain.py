"""Rules for holding stock until an expiry. Pure: no I/O, no clock, no protobuf, no driver."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chassis.changes import Changed, Event
from chassis.errors import AppError, Kind, Violation
from services.inventory.ledger.domain import (
    Cause,
    Fact,
    InvalidMovementError,
    Note,
    Rows,
    post,
)
from services.inventory.ledger.recording import NOT_KNOWN, Counted, missed_once
from services.inventory.limit.taken import TakenKey
from services.inventory.reservation.grid import expire_instant
from services.inventory.stock.domain import (
    LINES_MAX,
    Bucket,
    Line,
    Place,
    invalid_lines,
    latest,
    row_changed,
)


class UnknownReservationError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_RESERVATION"


class ReservationEndedError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "RESERVATION_ENDED"


class HoldLapsedError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "HOLD_LAPSED"


class Status(StrEnum):
    ACTIVE = "active"
    RELEASED = "released"
    COMMITTED = "committed"
    LAPSED = "lapsed"


# Whose claims stand in a row, until it is next written after their end.
STANDING = (Status.ACTIVE, Status.LAPSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a picker found of one line of a reservation, and looked for in vain."""

    place: Place
    found: int
    not_found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Lines held for `owner` until `expire_instant`, in seconds since 1970.

    LAPSED is kept once the lapse was told of; until then see `at`.

    Attributes:
        lines: What is held. No more comes in: what is broken of them leaves for `broken`.
        broken: What was held until a fact took the units: see `breaking`.
        make_instant: When it was made, by the rows' time; zero if that was not kept yet.
        buyer_id: For whom, where any of it counts for a limit; empty for the owner itself.
        counted_skus: Of what there was a limit when it was made.
    """

    reservation_id: str
    owner: str
    lines: tuple[Line, ...]
    expire_instant: int
    document_id: str = ""
    status: Status = Status.ACTIVE
    revision: int = 1
    superseded_by_id: str = ""
    broken: tuple[Line, ...] = ()
    make_instant: int = 0
    buyer_id: str = ""
    counted_skus: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """Those of every line that it was made with, whatever became of them."""
        return tuple(dict.fromkeys(line.place for line in (*self.lines, *self.broken)))

    @property
    def taken_keys(self) -> tuple[TakenKey, ...]:
        """The counters that it is in."""
        return tuple(TakenKey(sku, self.owner, self.buyer_id) for sku in self.counted_skus)

    def at(self, now: datetime) -> "Reservation":
        """As it is at `now`: no job marks what has lapsed."""
        lapsed = self.status is Status.ACTIVE and self.expire_instant <= now.timestamp()
        return replace(self, status=Status.LAPSED) if lapsed else self


def renew(
    before: Reservation | None, rows: Rows, hold: timedelta, *, owner: str, note: Note
) -> Changed[Reservation]:
    """Hold the same lines until later; never shorter. Raises what `live` raises."""
    t = latest(rows.values(), note.now)
    held = live(before, owner=owner, t=t)
    until = expire_instant(t, hold)
    if until <= held.expire_instant:
        return Changed(answer=held)
    after = replace(held, expire_instant=until, revision=held.revision + 1)
    moved_on = with_claims(with_claims(rows, held, sign=-1), after, sign=1)
    return changed("renewed", after, moved_on, note=note)


def release(
    before: Reservation | None, rows: Rows, *, owner: str, note: Note
) -> Changed[Reservation]:
    """Give every line back. Raises what `live` raises."""
    held = live(before, owner=owner, t=latest(rows.values(), note.now))
    return changed("released", released(held), with_claims(rows, held, sign=-1), note=note)


def released(held: Reservation, *, superseded_by_id: str = "") -> Reservation:
    return replace(
        held,
        status=Status.RELEASED,
        superseded_by_id=superseded_by_id,
        revision=held.revision + 1,
    )


def undo(before: Reservation | None, rows: Rows, *, owner: str, note: Note) -> Changed[Reservation]:
    """Release it, unless it has lapsed or was released: then it stays as it is.

    Raises UnknownReservationError, ReservationEndedError if it was committed.
    """
    made = owned(before, owner=owner)
    shown = made.at(latest(rows.values(), note.now))
    if shown.status not in (Status.RELEASED, Status.LAPSED):
        return release(before, rows, owner=owner, note=note)
    if shown.status is made.status or max(row.at for row in rows.values()) >= made.expire_instant:
        return Changed(answer=shown)
    # The rows keep that it was over by then: else a server whose clock is behind pays what
    # was undone.
    left = post(rows, (), note=note).rows
    return Changed(answer=shown, records=left, events=tuple(map(row_changed, left)))


def commit(
    before: Reservation | None,
    rows: Rows,
    picked: Sequence[Found],
    *,
    target: Bucket,
    owner: str,
    note: Note,
    counted_then: Counted = NOT_KNOWN,
) -> Changed[Reservation]:
    """End the claims by moving units: found ones to `target`, those not found out of the stock.

    A line that is not in `picked` was found whole, as far as it is held. What was found of what
    is broken is moved too: it is in somebody's hands. `counted_then` is as of when it was looked
    for. Raises what `live` and `check_picked` raise.
    """
    t = latest(rows.values(), note.now)
    held = live(before, owner=owner, t=t)
    check_picked(held, picked)
    after = replace(held, status=Status.COMMITTED, revision=held.revision + 1)
    of_lines = {found.place: found for found in picked}
    told = facts_of(held, of_lines, target)
    counted = {place: n - gone(held, of_lines, place) for place, n in counted_then.items()}
    facts = list(missed_once(rows, told, t=t, counted_then=counted))
    moving = {fact.line.place: rows[fact.line.place] for fact in facts}
    claimed = {**moving, **with_claims(rows, held, sign=-1)}
    return changed("committed", after, claimed, facts, note=note)


def facts_of(held: Reservation, picked: Mapping[Place, Found], target: Bucket) -> Iterator[Fact]:
    quantities = {line.place: line.quantity for line in held.lines}
    for place in held.places:
        quantity = quantities.get(place, 0)
        of_line = picked.get(place) or Found(place=place, found=quantity, not_found=0)
        # What is broken has left the book by the fact that broke it, and does not leave it again.
        not_found = min(of_line.not_found, max(quantity - of_line.found, 0))
        for moved, goes_to, cause in (
            (of_line.found, target, Cause.ORDER),
            (not_found, Bucket.OUTSIDE, Cause.NOT_FOUND),
        ):
            if moved:
                yield Fact(
                    line=Line(location_id=place.location_id, sku=place.sku, quantity=moved),
                    source=Bucket.SELLABLE,
                    target=goes_to,
                    cause=cause,
                    document_id=held.document_id or held.reservation_id,
                )


def gone(held: Reservation, picked: Mapping[Place, Found], place: Place) -> int:
    """Broken units that nobody found all the same: what broke them may be what a count corrected,
    and they are not missed already."""
    lost = sum(line.quantity for line in held.broken if line.place == place)
    had = lost + sum(line.quantity for line in held.lines if line.place == place)
    return min(lost, had - picked[place].found) if place in picked else 0


def changed(
    what: str, after: Reservation, claimed: Rows, facts: Sequence[Fact] = (), *, note: Note
) -> Changed[Reservation]:
    """The rows as claimed, with `facts` made, and the events that tell of all of it."""
    posted = post(claimed, facts, note=note)
    return Changed(
        answer=after,
        records=(after, *posted.records),
        events=(*(row_changed(row) for row in posted.rows), told(what, after)),
    )


def told(what: str, after: Reservation) -> Event:
    detail = {"reservation_id": after.reservation_id, "document_id": after.document_id}
    return Event(f"reservation_{what}", after.reservation_id, after.revision, detail)


def with_claims(rows: Rows, reservation: Reservation, *, sign: int) -> Rows:
    """The rows with the reservation's units claimed, or no longer if `sign` is -1."""
    until = reservation.expire_instant
    return {
        line.place: rows[line.place].claimed(sign * line.quantity, until=until)
        for line in reservation.lines
    }


def live(before: Reservation | None, *, owner: str, t: datetime) -> Reservation:
    """Raises UnknownReservationError, ReservationEndedError, HoldLapsedError."""
    found = owned(before, owner=owner).at(t)
    if found.status is Status.LAPSED:
        raise HoldLapsedError("the hold has lapsed", reservation_id=found.reservation_id)
    if found.status is not Status.ACTIVE:
        raise ReservationEndedError(
            f"the reservation was {found.status}",
            reservation_id=found.reservation_id,
            status=found.status,
        )
    return found


def owned(found: Reservation | None, *, owner: str) -> Reservation:
    """Raises UnknownReservationError, also when it is another owner's."""
    if found is None or found.owner != owner:
        raise UnknownReservationError("no such reservation")
    return found


def check_target(target: Bucket) -> None:
    """Raises InvalidMovementError."""
    if target in (Bucket.SELLABLE, Bucket.SHORT):
        violation = Violation("target", "another bucket than sellable, or none")
        raise InvalidMovementError("units are there already", violations=(violation,))


def check_found(picked: Sequence[Found]) -> None:
    """Raises InvalidLinesError. Before it waits its turn: what it holds up are others too."""
    if len(picked) > LINES_MAX:
        raise invalid_lines(Violation("found_lines", f"at most {LINES_MAX} lines"))


def check_picked(held: Reservation, picked: Sequence[Found]) -> None:
    """Raises InvalidLinesError unless each is of another line, and of no more than it had."""
    quantities = Counter[Place]()
    for line in (*held.lines, *held.broken):
        quantities[line.place] += line.quantity
    violations = []
    for number, found in enumerate(picked):
        path = f"found_lines[{number}]"
        quantity = quantities.pop(found.place, None)
        if quantity is None:
            violations.append(Violation(path, "a line of the reservation, each once"))
        elif min(found.found, found.not_found) < 0 or found.found + found.not_found > quantity:
            violations.append(Violation(path, f"together at most the {quantity} reserved"))
    if violations:
        raise invalid_lines(*violations)
