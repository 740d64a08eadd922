"""Compares each decision of the product with the second account, at the instant it is made."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from chassis.changes import Changed
from chassis.errors import AppError
from chassis.records import Ref
from services.inventory.ledger.domain import Movement
from services.inventory.ledger.overclaims import Overclaim
from services.inventory.limit.domain import Limit, Register
from services.inventory.limit.taken import Taken
from services.inventory.reservation.domain import Reservation
from services.inventory.reservation.mending import Outcome
from services.inventory.stock.domain import Place, StockRow
from services.inventory.stock.store import ROWS
from tests.simulation.account import Account
from tests.simulation.broken import BrokenError
from tests.simulation.counters import check_limited
from tests.simulation.handling import LookedAt
from tests.simulation.holds import ACTIVE, LAPSED, Hold, RefusedError
from tests.simulation.ledger import Ledger
from tests.simulation.operations import Operation, Verb
from tests.simulation.shelves import Shelf

REPEATED = "repeated"
NOTHING = "nothing to do"
PROMISES = (Verb.RESERVE, Verb.SUPERSEDE, Verb.RENEW, Verb.RELEASE, Verb.COMMIT, Verb.CANCEL)
# Which invariant a refusal guards.
GUARDS = {
    "INSUFFICIENT_STOCK": "I1",
    "BUYER_LIMIT_REACHED": "I1",
    "HOLD_LAPSED": "I3",
    "RESERVATION_ENDED": "I11",
    "REQUEST_CANCELLED": "I2",
}


@dataclass(slots=True)
class Auditor:
    """Stands beside the store. `asked` and `now_ms` are of the replica that acts.

    Attributes:
        given: The first answer to each request that was done.
        undone: Requests that were cancelled before they were done.
        ended: Reservations of which a caller was told that they are undone.
        movement_ids: All there ever were.
        overclaims: Notes of rows that have less than is claimed, which nobody has mended.
        noted: Rows of which the last write made one.
        met: How often each thing was asked for and came to what: a reason, NOTHING, or the
            empty text for what was written.
    """

    account: Account = field(default_factory=Account)
    ledger: Ledger = field(default_factory=Ledger)
    given: dict[str, object] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    movement_ids: set[str] = field(default_factory=set)
    overclaims: dict[str, Place] = field(default_factory=dict)
    noted: set[Place] = field(default_factory=set)
    met: Counter[tuple[Verb, str]] = field(default_factory=Counter)
    asked: Operation = field(default_factory=lambda: Operation(verb=Verb.TELL, request_id=""))
    now_ms: int = 0

    def wrote(self, refs: Sequence[Ref[Any]], changed: Changed[Any]) -> None:
        key = self._key()
        self.met[self.asked.verb, "" if changed.records else NOTHING] += 1
        if key in self.given:
            raise BrokenError("I2", f"it was done once more: {self.asked}")
        if key in self.undone or (self.asked.about in self.ended and changed.records):
            raise BrokenError("I2", f"it was undone, and done after that: {self.asked}")
        if self.asked.verb is Verb.MEND and not changed.records:
            # Others mended it; else see `answered`.
            if self.asked.about in self.overclaims and changed.answer is Outcome.MENDED:
                raise BrokenError("I1", f"nothing is mended by {self.asked}")
            return
        if self.asked.verb is Verb.CLOSE:
            self.ledger.close(self.asked, changed, self.account.shelves, self.now_ms)
            return
        places = [cast(Place, ref.key) for ref in refs if ref.kind is ROWS]
        over = self._over(places)
        before = {place: shelf.revision for place, shelf in self.account.at(places).items()}
        try:
            holds = self.account.done(self.asked, self.now_ms, places)
        except RefusedError as refused:
            raise self._wrong(f"was done, must be refused: {refused.reason}", refused) from refused
        written = [p for p, n in before.items() if self.account.shelves[p].revision > n]
        self._check_promised(over, written)
        self._check_records(changed, written, holds)
        self._check_events(changed, written, holds)
        if key:
            self.given[key] = changed.answer

    def refused(self, error: Exception) -> None:
        if isinstance(error, BrokenError):
            return  # Of ours.
        if not isinstance(error, AppError):
            raise BrokenError("I2", f"{self.asked} came to {error!r}")
        self.met[self.asked.verb, error.reason] += 1
        if self.asked.verb is Verb.CLOSE:
            self.ledger.refuse(self.asked, error)
            return
        if self._key() in self.undone:
            self._check_refused(error, RefusedError("REQUEST_CANCELLED"))
            return
        try:
            # Of a refusal nothing is left, so that the account may try it too.
            self.account.done(self.asked, self.now_ms, self._places())
        except RefusedError as refused:
            self._check_refused(error, refused)
        else:
            raise self._wrong(f"was refused: {error.reason}", error)

    def repeated(self, answer: object) -> None:
        key = self._key()
        self.met[self.asked.verb, REPEATED] += 1
        if key not in self.given or self.given[key] != answer:
            raise BrokenError("I2", f"a repeat got another answer: {self.asked}")

    def cancelled(self, is_refused_now: bool) -> None:
        key = key_of(self.asked)
        if is_refused_now == (key in self.given):
            raise BrokenError("I2", f"refused from now on: {is_refused_now}: {self.asked}")
        if is_refused_now:
            self.undone.add(key)

    def answered(self, asked: Operation, answer: object) -> None:
        """What the caller is told in the end, its process alive until then."""
        if asked.verb is Verb.CANCEL:
            hold = self.account.holds.get(asked.made_id)
            if hold is not None and hold.status == ACTIVE and answer is None:
                raise BrokenError("I2", f"what was undone stands: {asked}")
            self.ended.add(asked.made_id)
        elif asked.verb is Verb.MEND:
            self._check_put_off(asked, cast(LookedAt, answer))
        elif (key := key_of(asked)) and self.given.get(key) != answer:
            raise BrokenError("I2", f"the answer is not of what was done: {asked}")

    def stands(self, reservation_id: str) -> bool:
        """Whether it was made, and not ended by anybody; it may have lapsed."""
        hold = self.account.holds.get(reservation_id)
        return hold is not None and hold.status == ACTIVE

    def position(self, place: Place) -> int:
        """Of a row, now."""
        return self.account.at([place])[place].revision

    def _key(self) -> str:
        """Empty for what an undo writes: it ends what its id has begun."""
        return "" if self.asked.verb is Verb.CANCEL else key_of(self.asked)

    def _places(self) -> list[Place]:
        """As the store was asked for them; a refusal does not say."""
        asked, holds = self.asked, self.account.holds
        about = asked.made_id if asked.verb is Verb.CANCEL else asked.about
        held = [*holds[about].lines, *holds[about].broken] if about in holds else []
        return list(dict.fromkeys([*held, *(place for place, _ in asked.lines)]))

    def _check_put_off(self, asked: Operation, told: LookedAt) -> None:
        """Only what somebody wrote meanwhile is put off, or what goes by itself: else it may be
        put off for ever."""
        [(place, _)] = asked.lines
        claimed = (self.account.holds[name] for name in self.account.at([place])[place].claims)
        is_going = any(
            each.status == LAPSED and each.until * 1000 > self.now_ms for each in claimed
        )
        is_mended = told.outcome is Outcome.MENDED
        if not (is_mended or told.is_written_since or is_going):
            raise BrokenError("I1", f"{told.outcome}, and nobody wrote the row: {asked}")

    def _over(self, places: Sequence[Place]) -> dict[Place, int]:
        its = self.account.at(places)
        t_ms = max([self.now_ms, *(shelf.at * 1000 for shelf in its.values())])
        return {place: shelf.over(t_ms) for place, shelf in its.items()}

    def _check_promised(self, over: Mapping[Place, int], written: Sequence[Place]) -> None:
        """A fact may break promises; no promise may."""
        if self.asked.verb not in PROMISES:
            return
        # What was found of a line that was broken is in somebody's hands: that is a fact too.
        hold = self.account.holds.get(self.asked.about)
        facts = hold.broken if hold is not None and self.asked.verb is Verb.COMMIT else {}
        for place in written:
            shelf = self.account.shelves[place]
            if place in facts:
                continue
            if shelf.over(shelf.at * 1000) > over[place]:
                raise BrokenError("I1", f"more is promised of {place} than is there: {self.asked}")

    def _check_records(
        self, changed: Changed[Any], written: Sequence[Place], holds: Sequence[str]
    ) -> None:
        """Exactly these records, each as the account has it, and no movement twice."""
        rows, reservations = dict[Place, StockRow](), dict[str, Reservation]()
        limited = list[object]()
        self.noted = set()
        for record in changed.records:
            if isinstance(record, StockRow):
                rows[record.place] = record
            elif isinstance(record, Reservation):
                reservations[record.reservation_id] = record
            elif isinstance(record, Overclaim):
                self._take_overclaim(record)
            elif isinstance(record, Taken | Limit | Register):
                limited.append(record)
            else:
                self._take_movement(record)
        if rows.keys() != set(written) or reservations.keys() != set(holds):
            raise self._wrong(f"wrote {[*rows, *reservations]}, not {[*written, *holds]}")
        if self.noted != self.account.overclaimed:
            words = f"noted {self.noted}, not {self.account.overclaimed}, of what others hold"
            raise self._wrong(words)
        for place, row in rows.items():
            self._check_row(row, self.account.shelves[place])
        check_limited(limited, self.account.buyers, after=self.asked)
        for each, reservation in reservations.items():
            self._check_hold(reservation, self.account.holds[each])

    def _take_overclaim(self, found: Overclaim) -> None:
        if found.mended:
            self.overclaims.pop(found.overclaim_id, None)
        else:
            self.overclaims[found.overclaim_id] = found.place
            self.noted.add(found.place)

    def _take_movement(self, movement: object) -> None:
        assert isinstance(movement, Movement)
        if movement.movement_id in self.movement_ids or movement.quantity <= 0:
            raise BrokenError("I4", f"movement {movement.movement_id} again, or of nothing")
        self.movement_ids.add(movement.movement_id)
        self.ledger.take(movement)
        shelf = self.account.shelves[Place(movement.location_id, movement.sku)]
        shelf.told(movement.source.value, movement.target.value, movement.quantity)

    def _check_row(self, row: StockRow, shelf: Shelf) -> None:
        units = {bucket.value: n for bucket, n in row.on.items()}
        if (units, row.short) != shelf.sums():
            raise self._broken("I4", row, f"movements come to {shelf.sums()}")
        if (units, row.short, row.safety) != (shelf.units, shelf.short, shelf.safety):
            raise self._broken("I4", row, f"it must have {shelf.units}, {shelf.short} short")
        if row.corrected != shelf.corrected:
            raise self._broken("I4", row, f"{shelf.corrected} units of it were corrected")
        if row.counted != sum(net for _, net in shelf.counts):
            raise self._broken("I4", row, f"counts corrected it by {shelf.counts}")
        if row.held != shelf.held():
            raise self._broken("I4", row, f"its live reservations hold {shelf.held()}")
        # Not its time, which nobody is told: what goes wrong by it is to be found.
        if row.revision != shelf.revision:
            raise self._broken("I11", row, f"it must be at revision {shelf.revision}")

    def _check_hold(self, found: Reservation, hold: Hold) -> None:
        lines = {line.place: line.quantity for line in found.lines}
        broken = {line.place: line.quantity for line in found.broken}
        held = (lines, broken, found.owner, found.expire_instant, found.make_instant)
        if held != (hold.lines, hold.broken, hold.owner, hold.until, hold.made_at):
            raise self._broken("I3", found, f"it must hold {hold}")
        if (found.counted_skus, found.buyer_id) != (hold.counted, hold.buyer_id):
            raise self._broken("I4", found, f"of it must count {hold.counted}")
        stands = (hold.status, hold.revision, hold.replaced_by)
        if (found.status.value, found.revision, found.superseded_by_id) != stands:
            raise self._broken("I11", found, f"it must be {stands}")

    def _check_events(
        self, changed: Changed[Any], written: Sequence[Place], holds: Sequence[str]
    ) -> None:
        """Each row and each reservation told of once, at the revision that it came to."""
        if self.asked.verb is Verb.IMPORT:
            return
        told = sorted((event.key, event.revision) for event in changed.events)
        rows = [(f"{p.location_id} {p.sku}", self.account.shelves[p].revision) for p in written]
        reservations = [(each, self.account.holds[each].revision) for each in holds]
        limits = [(sku, self.account.buyers.rules[sku].revision) for sku in self.account.buyers.put]
        if told != sorted([*rows, *reservations, *limits]):
            words = f"told {told}, not {[*rows, *reservations, *limits]}: {self.asked}"
            raise BrokenError("I9", words)

    def _check_refused(self, error: AppError, refused: RefusedError) -> None:
        said = {name: error.metadata.get(name) for name in refused.said}
        if error.reason != refused.reason or said != {n: str(v) for n, v in refused.said.items()}:
            raise self._wrong(
                f"was refused: {error.reason} {said}, not {refused.reason} {refused.said}", refused
            )

    def _wrong(self, words: str, why: object = None) -> BrokenError:
        by_verb = "I1" if self.asked.verb in PROMISES else "I4"
        invariant = GUARDS.get(getattr(why, "reason", ""), by_verb)
        return BrokenError(invariant, f"{self.asked} {words}, at {self.now_ms} ms")

    def _broken(self, invariant: str, found: object, words: str) -> BrokenError:
        return BrokenError(invariant, f"{found}: {words}, after {self.asked}")


def key_of(asked: Operation) -> str:
    """Under which the store keeps its answer; empty where it keeps none."""
    keeps = asked.verb not in (Verb.IMPORT, Verb.TELL, Verb.MEND, Verb.CLOSE)
    return asked.request.key if keeps else ""
