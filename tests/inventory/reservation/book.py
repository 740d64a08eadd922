"""Rows, reservations and movements as a store keeps them, and histories of them for hypothesis."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from chassis.changes import Changed
from chassis.errors import AppError
from services.inventory.balance.domain import balance
from services.inventory.ledger import domain as ledger
from services.inventory.ledger import recording
from services.inventory.ledger.domain import Cause, Fact, Movement, Note
from services.inventory.ledger.levels import Level, take_levels
from services.inventory.ledger.overclaims import Overclaim
from services.inventory.reservation import breaking, domain, reserving
from services.inventory.reservation.domain import Found, Reservation, Status
from services.inventory.reservation.reserving import Wish
from services.inventory.stock.domain import Bucket, Line, Place, StockRow, empty_row

START = datetime(2026, 1, 2, 12, tzinfo=UTC)
PLACES = (Place("lyon", "LAMP"), Place("lyon", "CORD"), Place("lille", "LAMP"))


@dataclass
class Book:
    """Everything kept, as a store would; `apply` runs one change on it, or none of it."""

    rows: dict[Place, StockRow] = field(default_factory=dict)
    reservations: dict[str, Reservation] = field(default_factory=dict)
    movements: list[Movement] = field(default_factory=list)
    overclaims: list[Overclaim] = field(default_factory=list)
    now: datetime = START
    number: int = 0

    def rows_at(self, *places: Place) -> dict[Place, StockRow]:
        return {place: self.rows.get(place, empty_row(place)) for place in places}

    def note(self, clock_s: int) -> Note:
        """Of the next write, by a server whose clock is `clock_s` off."""
        self.number += 1
        now = self.now + timedelta(seconds=clock_s)
        return Note(write_id=f"w{self.number:05}", actor="a", now=now, occur_time=now)

    def keep(self, changed: Changed[Any]) -> None:
        for record in changed.records:
            if isinstance(record, StockRow):
                before = self.rows.get(record.place, empty_row(record.place))
                assert record.revision == before.revision + 1 and record.at >= before.at
                self.rows[record.place] = record
            elif isinstance(record, Movement):
                self.movements.append(record)
            elif isinstance(record, Overclaim):
                self.overclaims.append(record)
            elif isinstance(record, Reservation):
                self.reservations[record.reservation_id] = record

    def check(self) -> None:
        for place, row in self.rows.items():
            sums, claims = Counter[Bucket](), Counter[int]()
            for movement in self.movements:
                if (movement.location_id, movement.sku) == place:
                    sums[movement.source] -= movement.quantity
                    sums[movement.target] += movement.quantity
            for reservation in self.reservations.values():
                for line in reservation.lines:
                    if reservation.status is Status.ACTIVE and line.place == place:
                        claims[reservation.expire_instant] += line.quantity
            assert balance(row, sums, claims).is_balanced
            assert all(n > 0 for n in (*row.on.values(), *row.held.values())) and row.short >= 0


QUANTITIES = st.integers(1, 6)
CLOCKS_S = st.integers(-300, 300)
LINES = st.lists(
    st.tuples(st.sampled_from(PLACES), QUANTITIES), min_size=1, max_size=3, unique_by=lambda t: t[0]
)
HOLDS_S = st.integers(1, 1200)
PICKS = st.integers(0, 9)
STEPS = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 900)),
    st.tuples(st.just("reserve"), CLOCKS_S, LINES, HOLDS_S),
    st.tuples(st.just("renew"), CLOCKS_S, PICKS, HOLDS_S),
    st.tuples(st.just("release"), CLOCKS_S, PICKS),
    st.tuples(st.just("undo"), CLOCKS_S, PICKS),
    st.tuples(st.just("commit"), CLOCKS_S, PICKS, QUANTITIES),
    st.tuples(st.just("sell"), CLOCKS_S, LINES),
    st.tuples(st.just("receive"), CLOCKS_S, LINES),
    st.tuples(st.just("count"), CLOCKS_S, LINES),
    st.tuples(st.just("mend"), CLOCKS_S),
)
PROMISES_ONLY = STEPS.filter(lambda step: step[0] not in {"sell", "count"})


def lines_of(given: list[tuple[Place, int]]) -> tuple[Line, ...]:
    return tuple(
        Line(location_id=place.location_id, sku=place.sku, quantity=quantity)
        for place, quantity in given
    )


def receipt(line: Line) -> Fact:
    return Fact(line=line, source=Bucket.OUTSIDE, target=Bucket.SELLABLE, cause=Cause.RECEIPT)


def taken(book: Book, step: tuple[object, ...]) -> Changed[Any] | None:
    """What a step changes. Raises what its rule refuses with."""
    match step:
        case ["wait", int(seconds)]:
            book.now += timedelta(seconds=seconds)
        case ["reserve", int(clock_s), list(given), int(hold_s)]:
            wish = Wish(lines=lines_of(given), hold=timedelta(seconds=hold_s))
            rows = book.rows_at(*(line.place for line in wish.lines))
            return reserving.reserve(None, rows, wish, owner="a", note=book.note(clock_s))
        case ["sell", int(clock_s), list(given)]:
            facts = ledger.sold(lines_of([g for g in given if g[0].location_id == "lyon"]), "")
            rows = book.rows_at(*(fact.line.place for fact in facts))
            return recording.record(rows, facts, note=book.note(clock_s))
        case ["receive", int(clock_s), list(given)]:
            facts = [receipt(line) for line in lines_of(given)]
            rows = book.rows_at(*(fact.line.place for fact in facts))
            return recording.record(rows, facts, note=book.note(clock_s))
        case ["count", int(clock_s), list(given)]:
            levels = [Level(place=place, sellable=n, safety=0) for place, n in given]
            rows = book.rows_at(*(level.place for level in levels))
            return take_levels(rows, levels, note=book.note(clock_s))
        case ["mend", int(clock_s)]:
            return mended(book, clock_s)
        case [str(name), int(clock_s), int(pick), *rest]:
            return of_reservation(book, name, clock_s, pick, *rest)
    return None


def of_reservation(
    book: Book, name: str, clock_s: int, pick: int, *rest: object
) -> Changed[Any] | None:
    made = list(book.reservations.values())
    if not made:
        return None
    before = made[pick % len(made)]
    rows, note = book.rows_at(*before.places), book.note(clock_s)
    match name, rest:
        case "release", _:
            return domain.release(before, rows, owner="a", note=note)
        case "undo", _:
            return domain.undo(before, rows, owner="a", note=note)
        case "renew", [int(hold_s)]:
            hold = timedelta(seconds=hold_s)
            return domain.renew(before, rows, hold, owner="a", note=note)
        case "commit", [int(most)]:
            first = (*before.lines, *before.broken)[0].place
            had = sum(
                line.quantity for line in (*before.lines, *before.broken) if line.place == first
            )
            found = min(most, had)
            picked = [Found(place=first, found=found, not_found=(had - found + 1) // 2)]
            return domain.commit(before, rows, picked, target=Bucket.STAGED, owner="a", note=note)
    raise AssertionError(name)


def mended(book: Book, clock_s: int) -> Changed[Any] | None:
    """What follows on the oldest fact that took what was held."""
    if not book.overclaims:
        return None
    place = book.overclaims.pop(0).place
    standing = [held for held in book.reservations.values() if held.status is Status.ACTIVE]
    return breaking.broken(book.rows[place], standing, note=book.note(clock_s))


def run(book: Book, step: tuple[object, ...]) -> None:
    try:
        changed = taken(book, step)
    except AppError:
        return
    if changed is not None:
        book.keep(changed)
