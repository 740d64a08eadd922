"""A second account of all stock and every reservation, and what each operation must come to.

It says what a write has to do before it looks at what was done. Nothing of the product's rules
is used here, so that a wrong rule is not wrong on both sides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.inventory.stock.domain import Place
from tests.simulation.buyers import Buyers
from tests.simulation.holds import (
    ACTIVE,
    COMMITTED,
    LAPSED,
    RELEASED,
    Hold,
    RefusedError,
    lapse_instant,
    latest_ms,
    unclaim,
    write,
)
from tests.simulation.missed import moves_of
from tests.simulation.operations import Operation, Verb
from tests.simulation.shelves import OUTSIDE, SELLABLE, Claim, Fact, Shelf

TOLD_AFTER_MS = 5000


@dataclass(slots=True)
class Account:
    """`overclaimed` are rows that the last write has left with less than is claimed of them."""

    shelves: dict[Place, Shelf] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    overclaimed: set[Place] = field(default_factory=set)
    buyers: Buyers = field(init=False)

    def __post_init__(self) -> None:
        self.buyers = Buyers(self.holds)

    def at(self, places: Iterable[Place]) -> dict[Place, Shelf]:
        return {place: self.shelves.setdefault(place, Shelf()) for place in places}

    def done(self, asked: Operation, now_ms: int, places: Iterable[Place]) -> list[str]:
        """Do it at `places`; the reservations that it made or changed.

        Raises RefusedError, and then nothing is done.
        """
        its = self.at(places)
        t_ms = latest_ms(now_ms, its)
        before = {p: (s.units.get(SELLABLE, 0), s.short, s.revision) for p, s in its.items()}
        self.buyers.begin()
        changed = self._do(asked, its, now_ms, t_ms)
        self.overclaimed = {
            place
            for place, shelf in its.items()
            if (shelf.units.get(SELLABLE, 0) < before[place][0] or shelf.short > before[place][1])
            and shelf.over(latest_ms(now_ms, {place: shelf}))
        }
        if any(self.holds[name].counted for name in changed):
            ats = (shelf.at for place, shelf in its.items() if shelf.revision > before[place][2])
            self.buyers.follow(changed, at=max(ats, default=0))
        return changed

    def _do(
        self, asked: Operation, its: Mapping[Place, Shelf], now_ms: int, t_ms: int
    ) -> list[str]:
        match asked.verb:
            case Verb.RESERVE:
                t_ms = self.buyers.latest_ms(asked, t_ms)
                self._hold(asked, its, self._fitting(asked, its, t_ms), t_ms)
                return [asked.made_id]
            case Verb.SUPERSEDE:
                return self._supersede(asked, its, self.buyers.latest_ms(asked, t_ms))
            case Verb.RENEW:
                return self._renew(asked, its, now_ms, t_ms)
            case Verb.RELEASE | Verb.CANCEL:
                return self._release(asked, its, now_ms, t_ms)
            case Verb.COMMIT:
                return self._commit(asked, its, now_ms, t_ms)
            case Verb.SELL:
                sold = ((p, Fact(SELLABLE, OUTSIDE, n, "sale")) for p, n in asked.lines)
                return self._happen(its, sold, t_ms)
            case Verb.MOVE:
                return self._happen(its, moves_of(asked, its, t_ms), t_ms)
            case Verb.IMPORT:
                return self._import(asked, its, now_ms)
            case Verb.TELL:
                return self._tell(asked, now_ms)
            case Verb.MEND:
                [place] = its
                return self.mend(place, t_ms)
            case Verb.LIMIT:
                self.buyers.put_rules(asked)
                return []
            case Verb.CLOSE:
                return []

    def live(self, asked: Operation, reservation_id: str, t_ms: int) -> Hold:
        """Raises RefusedError unless it is there, the caller's, and stands at `t_ms`."""
        hold = self.holds.get(reservation_id)
        if hold is None or hold.owner != asked.owner:
            raise RefusedError("UNKNOWN_RESERVATION")
        is_over = hold.until * 1000 <= t_ms or self.buyers.are_past(hold)
        if hold.status == LAPSED or (hold.status == ACTIVE and is_over):
            raise RefusedError("HOLD_LAPSED")
        if hold.status != ACTIVE:
            raise RefusedError("RESERVATION_ENDED")
        return hold

    def _fitting(
        self, asked: Operation, its: Mapping[Place, Shelf], t_ms: int, spared: str = ""
    ) -> dict[Place, int]:
        """What can be held of the lines, where the units of `spared` count as free."""
        if asked.made_id in self.holds:
            raise RefusedError("REQUEST_ID_REUSED")
        old = self.holds.get(spared)
        if not asked.is_partial:
            self.buyers.check(asked, old, t_ms)
        free = {}
        for place, _ in asked.lines:
            claim = its[place].claims.pop(spared, None)
            free[place] = its[place].free(t_ms)
            if claim is not None:
                its[place].claims[spared] = claim
        fitting = {place: min(n, free[place]) for place, n in asked.lines}
        if not asked.is_partial or not any(fitting.values()):
            for number, (place, quantity) in enumerate(asked.lines):
                if free[place] < quantity:
                    said = {"line": number, "available_quantity": fitting[place]}
                    raise RefusedError("INSUFFICIENT_STOCK", **said)
        there = {place: n for place, n in fitting.items() if n}
        return self.buyers.within(asked, there, old, t_ms)

    def _hold(
        self, asked: Operation, its: Mapping[Place, Shelf], lines: dict[Place, int], t_ms: int
    ) -> None:
        until = lapse_instant(t_ms, asked.hold_s)
        self.holds[asked.made_id] = Hold(asked.owner, lines, until, made_at=t_ms // 1000)
        self.buyers.made(asked.made_id, self.holds[asked.made_id], asked)
        for place, quantity in lines.items():
            its[place].claims[asked.made_id] = Claim(until, quantity)
        # All that a reservation read is stamped, but lines that it holds nothing of.
        freed = self.holds[asked.about].lines if asked.verb is Verb.SUPERSEDE else {}
        for place in {**freed, **lines}:
            its[place].written(t_ms)

    def _supersede(self, asked: Operation, its: Mapping[Place, Shelf], t_ms: int) -> list[str]:
        old = self.live(asked, asked.about, t_ms)
        lines = self._fitting(asked, its, t_ms, spared=asked.about)
        unclaim(asked.about, its)
        old.end(RELEASED)
        old.replaced_by = asked.made_id
        self._hold(asked, its, lines, t_ms)
        return [asked.about, asked.made_id]

    def _renew(
        self, asked: Operation, its: Mapping[Place, Shelf], now_ms: int, t_ms: int
    ) -> list[str]:
        hold = self.live(asked, asked.about, t_ms)
        until = lapse_instant(t_ms, asked.hold_s)
        if until <= hold.until:
            return []
        hold.until = until
        hold.revision += 1
        for place, quantity in hold.lines.items():
            its[place].claims[asked.about] = Claim(until, quantity)
        write(its, hold.lines, now_ms)
        return [asked.about]

    def _release(
        self, asked: Operation, its: Mapping[Place, Shelf], now_ms: int, t_ms: int
    ) -> list[str]:
        is_undo = asked.verb is Verb.CANCEL
        reservation_id = asked.made_id if is_undo else asked.about
        try:
            hold = self.live(asked, reservation_id, t_ms)
        except RefusedError as refused:
            if is_undo and refused.reason == "HOLD_LAPSED":
                self._keep_lapsed(reservation_id, its, t_ms)
                return []
            if is_undo and reservation_id in self.holds:
                if self.holds[reservation_id].status == RELEASED:
                    return []
            raise
        unclaim(reservation_id, its)
        write(its, hold.lines, now_ms)
        hold.end(RELEASED)
        return [reservation_id]

    def _keep_lapsed(self, reservation_id: str, its: Mapping[Place, Shelf], t_ms: int) -> None:
        """That it was over is left in the rows, unless that stands somewhere already."""
        hold = self.holds[reservation_id]
        known = max(shelf.at for shelf in its.values()) >= hold.until
        known |= self.buyers.are_past(hold)
        if hold.status == ACTIVE and not known:
            for shelf in its.values():
                shelf.written(t_ms)

    def _commit(
        self, asked: Operation, its: Mapping[Place, Shelf], now_ms: int, t_ms: int
    ) -> list[str]:
        """What is broken may be found all the same; in vain it is looked for in no book."""
        hold = self.live(asked, asked.about, t_ms)
        picked = {place: (found, missing) for place, found, missing in asked.picked}
        reserved = dict(hold.lines)
        for place, quantity in hold.broken.items():
            reserved[place] = reserved.get(place, 0) + quantity
        for place, (found, missing) in picked.items():
            if place not in reserved or found + missing > reserved[place]:
                raise RefusedError("INVALID_LINES")
        over = {place: shelf.over(t_ms) for place, shelf in its.items()}
        looked = dict(asked.looked)
        unclaim(asked.about, its)
        written = set(hold.lines)
        for place in reserved:
            held = hold.lines.get(place, 0)
            found, missing = picked.get(place, (held, 0))
            its[place].happened(Fact(SELLABLE, "staged", found, "order"))
            fewer = its[place].fewer_since(looked.get(place, 0))
            fewer -= min(hold.broken.get(place, 0), reserved[place] - found)
            lost = max(min(missing, max(held - found, 0)) - max(over[place], fewer), 0)
            its[place].happened(Fact(SELLABLE, OUTSIDE, lost, "not_found"))
            if found:
                written.add(place)
                hold.found[place.sku] = hold.found.get(place.sku, 0) + found
        write(its, written, now_ms)
        hold.end(COMMITTED)
        return [asked.about]

    def _happen(
        self, its: Mapping[Place, Shelf], facts: Iterable[tuple[Place, Fact]], t_ms: int
    ) -> list[str]:
        for place, fact in facts:
            its[place].happened(fact)
        for shelf in its.values():
            shelf.written(t_ms)
        return []

    def _import(self, asked: Operation, its: Mapping[Place, Shelf], now_ms: int) -> list[str]:
        wanted = dict(asked.lines)
        changing = [
            (wanted[place], shelf)
            for place, shelf in its.items()
            if (shelf.units.get(SELLABLE, 0), shelf.short, shelf.safety)
            != (wanted[place], 0, asked.safety)
        ]
        t_ms = max([now_ms, *(shelf.at * 1000 for _, shelf in changing)])
        for sellable, shelf in changing:
            if shelf.revision:
                shelf.counted(sellable - shelf.net())
                shelf.corrected += sellable - shelf.net()
            shelf.put(SELLABLE, sellable - shelf.units.get(SELLABLE, 0))
            shelf.short, shelf.safety = 0, asked.safety
            shelf.written(t_ms)
        return []

    def mend(self, place: Place, t_ms: int) -> list[str]:
        """Break what is claimed beyond what is there, of whoever came last first."""
        shelf = self.at([place])[place]
        missing, broken = shelf.over(t_ms), list[str]()
        for name in sorted(shelf.claims, key=self._made, reverse=True):
            hold = self.holds[name]
            if hold.status != ACTIVE or hold.until * 1000 <= t_ms:
                continue
            taken = min(hold.lines.get(place, 0), missing)
            if taken:
                self._break(name, place, taken)
                missing -= taken
                broken.append(name)
        if broken:
            shelf.written(t_ms)
        return broken

    def _made(self, name: str) -> tuple[int, str]:
        return self.holds[name].made_at, name

    def _break(self, name: str, place: Place, taken: int) -> None:
        hold, claims = self.holds[name], self.shelves[place].claims
        left = hold.lines.pop(place) - taken
        if left:
            hold.lines[place] = left
            claims[name] = Claim(hold.until, left)
        else:
            del claims[name]
        hold.broken[place] = hold.broken.get(place, 0) + taken
        hold.revision += 1

    def _tell(self, asked: Operation, now_ms: int) -> list[str]:
        """What ended TOLD_AFTER_MS ago; rows do not change by it."""
        lapsed = []
        for each in asked.lapsed:
            hold = self.holds.get(each)
            if hold and hold.status == ACTIVE and hold.until * 1000 <= now_ms - TOLD_AFTER_MS:
                hold.end(LAPSED)
                lapsed.append(each)
        return lapsed
