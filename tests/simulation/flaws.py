"""Rules and a store with one flaw each, which a simulation must find. By name."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from chassis.changes import Changed
from chassis.records import Where
from chassis.requests import Request
from services.inventory.ledger import domain as ledger
from services.inventory.ledger import recording
from services.inventory.ledger.domain import Movement, Rows
from services.inventory.ledger.store import MOVEMENTS
from services.inventory.limit.taken import Taken
from services.inventory.period import workflow
from services.inventory.period.store import find_period, write_archive
from services.inventory.period.workflow import Closing
from services.inventory.reservation import breaking, domain, mending, reserving
from services.inventory.reservation.domain import Reservation
from services.inventory.stock.domain import Place, StockRow, latest
from tests.simulation.plain_records import PlainRecords, a_moment

Patch = pytest.MonkeyPatch


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is broken, and the invariants one of which must be found broken."""

    make: Callable[[Patch], None]
    invariants: frozenset[str]


def no_time_in_the_row(patch: Patch) -> None:
    """As if `at` was not kept: each server goes by its own clock alone."""
    right = StockRow.stamped

    def stamped(self: StockRow, units: Any, *, at: int, **others: Any) -> StockRow:
        return replace(right(self, units, at=at, **others), at=0)

    patch.setattr(StockRow, "stamped", stamped)


def claims_stand_at_their_instant(patch: Patch) -> None:
    """`>=` where `>` is right."""

    def live(self: StockRow, now: datetime) -> dict[int, int]:
        t_s = max(now.timestamp(), self.at)
        return {instant: self.held[instant] for instant in sorted(self.held) if instant >= t_s}

    patch.setattr(StockRow, "live", live)


def paid_at_their_instant(patch: Patch) -> None:
    """`<` where `<=` is right: a hold is good for its last instant too."""

    def at(self: Reservation, now: datetime) -> Reservation:
        lapsed = self.status is domain.Status.ACTIVE and self.expire_instant < now.timestamp()
        return replace(self, status=domain.Status.LAPSED) if lapsed else self

    patch.setattr(Reservation, "at", at)


def no_tombstone(patch: Patch) -> None:
    """An undo that leaves nothing where it found nothing."""

    async def cancel(self: PlainRecords, request: Request, *, timeout_s: float) -> bool:
        await a_moment()
        is_new = request.key not in self._kept
        self._witness.cancelled(is_new)
        return is_new

    patch.setattr(PlainRecords, "cancel", cancel)


def decided_anew(patch: Patch) -> None:
    """No answer is kept: a repeat is as good as the first."""

    class Forgetful(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            return None

    right = PlainRecords.__init__

    def forgetful(self: PlainRecords, *args: Any) -> None:
        right(self, *args)
        self._kept = Forgetful()

    patch.setattr(PlainRecords, "__init__", forgetful)


def claims_not_dropped(patch: Patch) -> None:
    """What is released is claimed all the same."""
    right = domain.with_claims

    def with_claims(rows: Rows, reservation: Reservation, *, sign: int) -> Rows:
        if sign > 0:
            return right(rows, reservation, sign=sign)
        return {line.place: rows[line.place] for line in reservation.lines}

    patch.setattr(domain, "with_claims", with_claims)


def movement_forgotten(patch: Patch) -> None:
    """Of several movements of one write the last is not written down."""
    right = ledger.movements_of

    def movements_of(*args: Any) -> Iterator[Movement]:
        made = list(right(*args))
        yield from made[:-1] if len(made) > 1 else made

    patch.setattr(ledger, "movements_of", movements_of)


def a_part_is_stamped_by_its_own_rows(patch: Patch) -> None:
    """As it was until a simulation found it: see `reserving.made`."""
    right = domain.changed

    def changed(what: str, after: Reservation, claimed: Rows, *rest: Any, note: Any) -> Any:
        return right(what, after, claimed, *rest, note=replace(note, now=note.occur_time))

    patch.setattr(reserving, "changed", changed)


def both_held_for_a_moment(patch: Patch) -> None:
    """The old hold is not free for the new one."""
    right = domain.with_claims

    def with_claims(rows: Rows, reservation: Reservation, *, sign: int) -> Rows:
        return right(rows, reservation, sign=sign) if sign > 0 else dict(rows)

    patch.setattr(reserving, "with_claims", with_claims)


def lapsed_to_one_alone(patch: Patch) -> None:
    """As it was until a history found it: an undo that finds a hold lapsed leaves no trace."""

    def undo(before: Any, rows: Rows, *, owner: str, note: Any) -> Changed[Reservation]:
        shown = domain.owned(before, owner=owner).at(latest(rows.values(), note.now))
        if shown.status is domain.Status.LAPSED:
            return Changed(answer=shown)
        return right(before, rows, owner=owner, note=note)

    right = domain.undo
    patch.setattr(domain, "undo", undo)


def oldest_are_broken_first(patch: Patch) -> None:
    right = breaking.newest_first
    patch.setattr(breaking, "newest_first", lambda standing: right(standing)[::-1])


def nobody_notes_what_was_taken(patch: Patch) -> None:
    """A fact takes what is held, and leaves no note of it."""
    patch.setattr(ledger, "overclaims", lambda *_, **__: iter(()))


def corrections_are_not_kept(patch: Patch) -> None:
    """A count cannot tell them from units that moved."""
    patch.setattr(ledger, "net_of", lambda moved: 0)


def what_was_taken_is_missed_again(patch: Patch) -> None:
    """As it was: who commits before claims are broken takes from the book what a till took."""
    patch.setattr(domain, "missed_once", lambda rows, facts, **_: facts)


def what_was_counted_is_missed_again(patch: Patch) -> None:
    """As it was: who looked before a count was recorded corrects the book once more."""

    def missed_once(*args: Any, t: datetime, counted_then: Any) -> Any:
        return recording.missed_once(*args, t=t, counted_then={})

    patch.setattr(domain, "missed_once", missed_once)


def always_looked_at_again(patch: Patch) -> None:
    """A mender that never mends, and never says so."""
    patch.setattr(mending, "mended", lambda *_, **__: Changed(answer=mending.Outcome.AGAIN))


def what_lapsed_is_had_still(patch: Patch) -> None:
    """Where somebody has to sweep what has lapsed before its buyer may have more."""
    patch.setattr(Taken, "held_at", lambda self, t_s: sum(self.held.values()))


def closed_by_their_time_alone(patch: Patch) -> None:
    """What is old, whatever was made before it by a replica whose clock was ahead."""

    async def oldest(closing: Closing, place: Place, *, limit: int) -> list[Movement]:
        of_row = {"location_id": place.location_id, "sku": place.sku}
        where = Where(limit=limit, equal=of_row, order="revision")
        found = await closing.records.select(MOVEMENTS, where)
        return [each for each in found if each.record_time < closing.before]

    patch.setattr(workflow, "oldest", oldest)


def closed_though_another_was_first(patch: Patch) -> None:
    """As if it had been looked for behind whatever is closed by then."""

    async def written(records: Any, seen: Any, *args: Any, **others: Any) -> Any:
        behind = await find_period(records, seen.location_id)
        return await write_archive(records, behind, *args, **others)

    patch.setattr(workflow, "write_archive", written)


FLAWS: Mapping[str, Flaw] = {
    "no-time-in-the-row": Flaw(no_time_in_the_row, frozenset({"I1", "I3", "I4"})),
    "claims-stand-at-their-instant": Flaw(claims_stand_at_their_instant, frozenset({"I1", "I4"})),
    "paid-at-their-instant": Flaw(paid_at_their_instant, frozenset({"I1", "I3"})),
    "no-tombstone": Flaw(no_tombstone, frozenset({"I2"})),
    "decided-anew": Flaw(decided_anew, frozenset({"I2"})),
    "claims-not-dropped": Flaw(claims_not_dropped, frozenset({"I4"})),
    "movement-forgotten": Flaw(movement_forgotten, frozenset({"I4"})),
    "part-stamped": Flaw(a_part_is_stamped_by_its_own_rows, frozenset({"I3", "I4"})),
    "lapsed-to-one-alone": Flaw(lapsed_to_one_alone, frozenset({"I1", "I2"})),
    "oldest-are-broken-first": Flaw(oldest_are_broken_first, frozenset({"I4"})),
    "nobody-notes": Flaw(nobody_notes_what_was_taken, frozenset({"I1", "I4"})),
    "corrections-not-kept": Flaw(corrections_are_not_kept, frozenset({"I4"})),
    "missed-again": Flaw(what_was_taken_is_missed_again, frozenset({"I1", "I4"})),
    "counted-and-missed": Flaw(what_was_counted_is_missed_again, frozenset({"I1", "I4"})),
    "always-again": Flaw(always_looked_at_again, frozenset({"I1"})),
    "lapsed-is-had": Flaw(what_lapsed_is_had_still, frozenset({"I1"})),
    "closed-by-time": Flaw(closed_by_their_time_alone, frozenset({"I4"})),
    "closed-behind-another": Flaw(closed_though_another_was_first, frozenset({"I2", "I4"})),
    "both-held": Flaw(both_held_for_a_moment, frozenset({"I1", "I4"})),
}
