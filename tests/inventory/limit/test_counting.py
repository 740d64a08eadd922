"""The algebra of counters: over any history, with any clocks, no buyer has more than the limit."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.changes import Changed
from chassis.errors import AppError
from services.inventory.limit.domain import Limit
from services.inventory.limit.taken import Taken, TakenKey, nothing_taken
from services.inventory.reservation import breaking, domain, reserving
from services.inventory.reservation.counting import Counts, as_counted, with_counts
from services.inventory.reservation.domain import Reservation, Status
from services.inventory.reservation.reserving import Wish
from services.inventory.stock.domain import Bucket, StockRow, empty_row
from tests.inventory.reservation.book import (
    CLOCKS_S,
    HOLDS_S,
    LINES,
    PICKS,
    PLACES,
    Book,
    lines_of,
)

MAX = {"LAMP": 4, "CORD": 2}
LIMITS = {
    sku: Limit(sku=sku, quantity_max=most, period_s=90 * 24 * 3600) for sku, most in MAX.items()
}
BUYERS = ("anna", "ben", "")
PARTIAL = st.booleans()
STEPS = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 900)),
    st.tuples(
        st.just("reserve"), CLOCKS_S, st.sampled_from(BUYERS), LINES, HOLDS_S, PICKS, PARTIAL
    ),
    st.tuples(
        st.just("supersede"), CLOCKS_S, st.sampled_from(BUYERS), LINES, HOLDS_S, PICKS, PARTIAL
    ),
    st.tuples(st.just("renew"), CLOCKS_S, PICKS, HOLDS_S),
    st.tuples(st.just("release"), CLOCKS_S, PICKS),
    st.tuples(st.just("undo"), CLOCKS_S, PICKS),
    st.tuples(st.just("commit"), CLOCKS_S, PICKS),
    st.tuples(st.just("break"), CLOCKS_S, PICKS),
)


@dataclass
class CountedBook(Book):
    """A book with its counters, and in plain numbers what each buyer was given for good."""

    takens: dict[TakenKey, Taken] = field(default_factory=dict)
    bought: Counter[TakenKey] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        full = {Bucket.SELLABLE: 1000}
        self.rows = {place: replace(empty_row(place), on=full) for place in PLACES}

    def takens_at(self, counts: Counts) -> dict[TakenKey, Taken]:
        return {key: self.takens.get(key) or nothing_taken(key) for key in counts.all_keys}

    def keep(self, changed: Changed[Any]) -> None:
        super().keep(changed)
        for record in changed.records:
            if isinstance(record, Taken):
                before = self.takens.get(record.key) or nothing_taken(record.key)
                assert record.revision == before.revision + 1 and record.at >= before.at
                self.takens[record.key] = record
            if isinstance(record, Reservation) and record.status is Status.COMMITTED:
                for line in record.lines:
                    key = TakenKey(line.sku, record.owner, record.buyer_id)
                    self.bought[key] += line.quantity

    def check(self) -> None:
        """Each counter is what the reservations say; and what may yet be had is in the limit."""
        for key, taken in self.takens.items():
            claims = Counter[int]()
            for each in self.reservations.values():
                if each.status is Status.ACTIVE and (each.owner, each.buyer_id) == key[1:]:
                    for line in each.lines:
                        if line.sku == key.sku and each.expire_instant > taken.at:
                            claims[each.expire_instant] += line.quantity
            assert dict(taken.held) == dict(claims)
            assert sum(taken.bought.values()) == self.bought[key]
            assert sum(claims.values()) + self.bought[key] <= MAX[key.sku]


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_no_buyer_ever_has_more_than_the_limit_whatever_the_clocks(
    steps: list[tuple[Any, ...]],
) -> None:
    book = CountedBook()
    for step in steps:
        try:
            changed = taken_by(book, step)
        except AppError:
            continue
        if changed is not None:
            book.keep(changed)
            assert granted_counts(book, changed)
        book.check()


def granted_counts(book: CountedBook, changed: Changed[Any]) -> bool:
    """Whoever is granted a hold has it: no counter takes it for one that is over."""
    made = changed.answer
    if not isinstance(made, Reservation) or made.status is not Status.ACTIVE:
        return True
    return all(made.expire_instant > book.takens[key].at for key in made.taken_keys)


def taken_by(book: CountedBook, step: tuple[Any, ...]) -> Changed[Any] | None:
    """What a step changes, as the store runs its rule. Raises what the rule refuses with."""
    name, clock_s, *rest = step
    if name == "wait":
        book.now += timedelta(seconds=clock_s)
        return None
    if name in ("reserve", "supersede"):
        return making(book, step)
    made = list(book.reservations.values())
    if not made:
        return None
    before = made[rest[0] % len(made)]
    counts = Counts(keys=before.taken_keys)
    takens = book.takens_at(counts)
    seen = as_counted(before, takens)
    rows, note = book.rows_at(*before.places), book.note(clock_s)
    if name == "renew":
        hold = timedelta(seconds=rest[1])
        changed = domain.renew(seen, rows, hold, owner="a", note=note)
    elif name == "commit":
        changed = domain.commit(seen, rows, (), target=Bucket.STAGED, owner="a", note=note)
    elif name == "break":
        if not before.lines:
            return None
        return broken(book, before, takens, clock_s)
    else:
        rule = {"release": domain.release, "undo": domain.undo}[name]
        changed = rule(seen, rows, owner="a", note=note)
    return with_counts(changed, [seen], takens)


def making(book: CountedBook, step: tuple[Any, ...]) -> Changed[Any] | None:
    name, clock_s, buyer_id, given_lines, hold_s, pick, allow_partial = step
    lines, hold = lines_of(given_lines), timedelta(seconds=hold_s)
    wish = Wish(lines=lines, hold=hold, buyer_id=buyer_id, allow_partial=allow_partial)
    limits = {line.sku: LIMITS[line.sku] for line in lines}
    made, note = list(book.reservations.values()), book.note(clock_s)
    if name == "reserve":
        counts = Counts(limits=limits, owner="a", buyer_id=buyer_id)
        takens, rows = book.takens_at(counts), book.rows_at(*(line.place for line in lines))
        caps = counts.caps(takens)
        changed = reserving.reserve(None, rows, wish, owner="a", note=note, caps=caps)
        return with_counts(changed, [None], takens)
    if not made:
        return None
    old = made[pick % len(made)]
    counts = Counts(keys=old.taken_keys, limits=limits, owner="a", buyer_id=buyer_id)
    takens = book.takens_at(counts)
    seen = as_counted(old, takens)
    caps, places = counts.caps(takens, seen), [*old.places, *(line.place for line in lines)]
    rows = book.rows_at(*places)
    changed = reserving.supersede(seen, None, rows, wish, owner="a", note=note, caps=caps)
    return with_counts(changed, [seen], takens)


def broken(
    book: CountedBook, before: Reservation, takens: dict[TakenKey, Taken], clock_s: int
) -> Changed[Any]:
    """A fact took all there was of its first line: what is there is brought back behind it."""
    place = before.lines[0].place
    full = book.rows[place]
    emptied: StockRow = replace(full, on={})
    changed = breaking.broken(emptied, [before], note=book.note(clock_s))
    refilled = tuple(
        replace(each, on=full.on) if isinstance(each, StockRow) else each
        for each in changed.records
    )
    return with_counts(replace(changed, records=refilled), [before], takens)


def test_what_comes_from_a_clock_that_is_behind_is_of_the_counters_time() -> None:
    key = TakenKey("LAMP", "a", "anna")
    ahead = nothing_taken(key).moved({}, 0, t_s=1_000_000, day_s=0)
    later = ahead.moved({1_000_030: 1, 999_990: 1}, 0, t_s=999_000, day_s=0)
    assert (later.at, dict(later.held)) == (1_000_000, {1_000_030: 1})
    assert later.forget_time > datetime.fromtimestamp(1_000_000, UTC)
