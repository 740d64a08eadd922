"""A second account of all stock and every reservation, and what each operation must come to.

It says what a write has to do before it looks at what was done. Nothing of the product's rules
is used here, so that a wrong rule is not wrong on both sides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.inventory.stock.domain import Place
from tests.simulation.operations import Operation, Verb
from tests.simulation.shelves import OUTSIDE, SELLABLE, Claim, Fact, Shelf

# How long a hold may be for its instants to lie so many seconds apart.
GRIDS_S = ((600, 30), (7200, 300), (86_400, 3600), (604_800, 21_600))
TOLD_AFTER_MS = 5000
ACTIVE, RELEASED, COMMITTED, LAPSED = "active", "released", "committed", "lapsed"


class RefusedError(Exception):
    """What the operation must be refused with."""

    def __init__(self, reason: str, **said: object) -> None:
        super().__init__(reason)
        self.reason, self.said = reason, said


@dataclass(slots=True)
class Hold:
    """A reservation: what it holds, by place, and until which second."""

    owner: str
    lines: Mapping[Place, int]
    until: int
    status: str = ACTIVE
    revision: int = 1
    replaced_by: str = ""

    def end(self, status: str) -> None:
        self.status = status
        self.revision += 1


@dataclass(slots=True)
class Account:
    shelves: dict[Place, Shelf] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)

    def at(self, places: Iterable[Place]) -> dict[Place, Shelf]:
        return {place: self.shelves.setdefault(place, Shelf()) for place in places}

    def done(self, asked: Operation, now_ms: int, places: Iterable[Place]) -> list[str]:
        """Do it at `places`; the reservations that it made or changed.

        Raises RefusedError, and then nothing is done.
        """
        its = self.at(places)
        t_ms = max([now_ms, *(shelf.at * 1000 for shelf in its.values())])
        match asked.verb:
            case Verb.RESERVE:
                self._hold(asked, its, self._fitting(asked, its, t_ms), t_ms)
                return [asked.made_id]
            case Verb.SUPERSEDE:
                return self._supersede(asked, its, t_ms)
            case Verb.RENEW:
                return self._renew(asked, its, t_ms)
            case Verb.RELEASE | Verb.CANCEL:
                return self._release(asked, its, t_ms)
            case Verb.COMMIT:
                return self._commit(asked, its, t_ms)
            case Verb.SELL:
                sold = ((p, Fact(SELLABLE, OUTSIDE, n, "sale")) for p, n in asked.lines)
                return self._happen(its, sold, t_ms)
            case Verb.MOVE:
                moved = (
                    (m.place, Fact(m.source.value, m.target.value, m.quantity, m.cause.value))
                    for m in asked.moved
                )
                return self._happen(its, moved, t_ms)
            case Verb.IMPORT:
                return self._import(asked, its, now_ms)
            case Verb.TELL:
                return self._tell(asked, now_ms)

    def live(self, asked: Operation, reservation_id: str, t_ms: int) -> Hold:
        """Raises RefusedError unless it is there, the caller's, and stands at `t_ms`."""
        hold = self.holds.get(reservation_id)
        if hold is None or hold.owner != asked.owner:
            raise RefusedError("UNKNOWN_RESERVATION")
        if hold.status == LAPSED or (hold.status == ACTIVE and hold.until * 1000 <= t_ms):
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
        return {place: n for place, n in fitting.items() if n}

    def _hold(
        self, asked: Operation, its: Mapping[Place, Shelf], lines: dict[Place, int], t_ms: int
    ) -> None:
        until = lapse_instant(t_ms, asked.hold_s)
        self.holds[asked.made_id] = Hold(asked.owner, lines, until)
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

    def _renew(self, asked: Operation, its: Mapping[Place, Shelf], t_ms: int) -> list[str]:
        hold = self.live(asked, asked.about, t_ms)
        until = lapse_instant(t_ms, asked.hold_s)
        if until <= hold.until:
            return []
        hold.until = until
        hold.revision += 1
        for place, shelf in its.items():
            shelf.claims[asked.about] = Claim(until, hold.lines[place])
            shelf.written(t_ms)
        return [asked.about]

    def _release(self, asked: Operation, its: Mapping[Place, Shelf], t_ms: int) -> list[str]:
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
        for shelf in its.values():
            shelf.written(t_ms)
        hold.end(RELEASED)
        return [reservation_id]

    def _keep_lapsed(self, reservation_id: str, its: Mapping[Place, Shelf], t_ms: int) -> None:
        """That it was over is left in the rows, unless that stands somewhere already."""
        hold = self.holds[reservation_id]
        known = max(shelf.at for shelf in its.values()) >= hold.until
        if hold.status == ACTIVE and not known:
            for shelf in its.values():
                shelf.written(t_ms)

    def _commit(self, asked: Operation, its: Mapping[Place, Shelf], t_ms: int) -> list[str]:
        hold = self.live(asked, asked.about, t_ms)
        picked = {place: (found, missing) for place, found, missing in asked.picked}
        for place, (found, missing) in picked.items():
            if place not in hold.lines or found + missing > hold.lines[place]:
                raise RefusedError("INVALID_LINES")
        unclaim(asked.about, its)
        for place, quantity in hold.lines.items():
            found, missing = picked.get(place, (quantity, 0))
            its[place].happened(Fact(SELLABLE, "staged", found, "order"))
            its[place].happened(Fact(SELLABLE, OUTSIDE, missing, "not_found"))
            its[place].written(t_ms)
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
            shelf.put(SELLABLE, sellable - shelf.units.get(SELLABLE, 0))
            shelf.short, shelf.safety = 0, asked.safety
            shelf.written(t_ms)
        return []

    def _tell(self, asked: Operation, now_ms: int) -> list[str]:
        """What ended TOLD_AFTER_MS ago; rows do not change by it."""
        lapsed = []
        for each in asked.lapsed:
            hold = self.holds.get(each)
            if hold and hold.status == ACTIVE and hold.until * 1000 <= now_ms - TOLD_AFTER_MS:
                hold.end(LAPSED)
                lapsed.append(each)
        return lapsed


def unclaim(reservation_id: str, its: Mapping[Place, Shelf]) -> None:
    for shelf in its.values():
        shelf.claims.pop(reservation_id, None)


def lapse_instant(t_ms: int, hold_s: int) -> int:
    """The first second of its grid at which a hold of so long is over."""
    step_ms = next(step_s for longest_s, step_s in GRIDS_S if hold_s <= longest_s) * 1000
    return -(-(t_ms + hold_s * 1000) // step_ms) * step_ms // 1000
