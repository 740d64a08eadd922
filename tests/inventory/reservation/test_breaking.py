"""Whose claims are broken, by the rule alone, over any history."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import dropwhile
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.changes import Changed
from chassis.documents import value_to_plain
from services.inventory.ledger import domain as ledger
from services.inventory.ledger.domain import Movement, Note
from services.inventory.ledger.overclaims import Overclaim
from services.inventory.ledger.recording import record
from services.inventory.reservation import domain
from services.inventory.reservation.breaking import broken, held_at
from services.inventory.reservation.domain import Found, Reservation, Status
from services.inventory.stock.domain import Bucket, InvalidLinesError, Line, Place, StockRow
from tests.inventory.reservation.book import CLOCKS_S, START, STEPS, Book, run

LAMP, CORD = Place("lyon", "LAMP"), Place("lyon", "CORD")
UNTIL = int(START.timestamp()) + 600
NOTE = Note(write_id="w", actor="a", now=START, occur_time=START)


def line(quantity: int, place: Place = LAMP) -> Line:
    return Line(location_id=place.location_id, sku=place.sku, quantity=quantity)


def held(name: str, *lines: Line, made: int = 1, until: int = UNTIL) -> Reservation:
    return Reservation(
        reservation_id=name, owner="a", lines=lines, expire_instant=until, make_instant=made
    )


def row(sellable: int, claimed: dict[int, int], safety: int = 0) -> StockRow:
    return StockRow(
        location_id="lyon",
        sku="LAMP",
        on={Bucket.SELLABLE: sellable},
        held=claimed,
        safety=safety,
    )


def left(changed: Changed[Any]) -> dict[str, list[tuple[str, int]]]:
    """What each reservation that was written holds now."""
    return {
        record.reservation_id: [(line.sku, line.quantity) for line in record.lines]
        for record in changed.records
        if isinstance(record, Reservation)
    }


# At one place, and of holds that mostly last: where everything happens, little is broken.
OF_LAMPS = st.tuples(st.just(LAMP), st.integers(1, 3)).map(lambda unit: [unit])
OFTEN_BROKEN = st.one_of(
    st.tuples(st.just("reserve"), CLOCKS_S, OF_LAMPS, st.integers(300, 1200)),
    st.tuples(st.just("reserve"), CLOCKS_S, OF_LAMPS, st.integers(300, 1200)),
    st.tuples(st.just("sell"), CLOCKS_S, OF_LAMPS),
    st.tuples(st.just("mend"), CLOCKS_S),
    st.tuples(st.just("wait"), st.integers(1, 60)),
    STEPS,
)
TEN_LAMPS = ("receive", 0, [(LAMP, 10)])


@settings(max_examples=150, deadline=None)
@given(st.lists(OFTEN_BROKEN, max_size=40))
def test_after_any_history_the_newest_claims_are_broken_and_no_more_than_are_missing(
    steps: list[tuple[object, ...]],
) -> None:
    book = Book()
    for step in [TEN_LAMPS, *steps]:
        if step[0] == "mend" and book.overclaims:
            check_mending(book, clock_s=cast(int, step[1]))
        else:
            run(book, step)
    while book.overclaims:
        check_mending(book, clock_s=0)
    assert not any(each.overclaimed(book.now) for each in book.rows.values())


def check_mending(book: Book, *, clock_s: int) -> None:
    place, before = book.overclaims[0].place, book.rows[book.overclaims[0].place]
    now = book.now + timedelta(seconds=clock_s)
    live = [each for each in book.reservations.values() if is_live(each, before.time(now))]
    run(book, ("mend", clock_s))
    book.check()
    units = [
        (held_at(each, place), held_at(book.reservations[each.reservation_id], place))
        for each in sorted(live, key=lambda r: (r.make_instant, r.reservation_id))[::-1]
    ]
    assert sum(had - has for had, has in units) == before.overclaimed(now)
    behind_who_keeps_some = dropwhile(lambda unit: unit[1] == 0, units)
    next(behind_who_keeps_some, None)
    assert all(had == has for had, has in behind_who_keeps_some)


def is_live(reservation: Reservation, t: datetime) -> bool:
    return reservation.at(t).status is Status.ACTIVE


def test_the_newest_lose_what_is_missing_and_no_more() -> None:
    standing = [
        held("old", line(3), made=1),
        held("new", line(2), made=3),
        held("mid", line(4), made=2),
    ]
    after = broken(row(4, {UNTIL: 9}), standing, note=NOTE)

    assert left(after) == {"new": [], "mid": [("LAMP", 1)]}
    assert after.answer == 0
    (kept,) = [record for record in after.records if isinstance(record, StockRow)]
    assert kept.held == {UNTIL: 4}


def test_of_the_same_second_the_greatest_id_is_the_newest() -> None:
    standing = [held("a", line(1)), held("c", line(1)), held("b", line(1))]
    assert list(left(broken(row(2, {UNTIL: 3}), standing, note=NOTE))) == ["c"]


def test_what_has_lapsed_is_neither_missing_nor_broken() -> None:
    over = int(START.timestamp())
    standing = [held("over", line(2), made=9, until=over), held("live", line(2))]
    covered = broken(row(2, {over: 2, UNTIL: 2}), standing, note=NOTE)
    short = broken(row(1, {over: 2, UNTIL: 2}), standing, note=NOTE)
    assert (left(covered), covered.records, covered.events) == ({}, (), ())
    assert left(short) == {"live": [("LAMP", 1)]}


def test_safety_stock_covers_claims() -> None:
    assert left(broken(row(3, {UNTIL: 3}, safety=3), [held("a", line(3))], note=NOTE)) == {}


def test_other_lines_stay_held_and_what_breaks_twice_is_added_up() -> None:
    before = held("a", line(3), line(2, CORD))
    once = broken(row(2, {UNTIL: 3}), [before], note=NOTE).records[0]
    assert isinstance(once, Reservation)
    twice = broken(row(0, {UNTIL: 2}), [once], note=NOTE).records[0]
    assert isinstance(twice, Reservation)

    assert (once.lines, once.broken) == ((line(2), line(2, CORD)), (line(1),))
    assert (twice.lines, twice.broken) == ((line(2, CORD),), (line(3),))
    assert (twice.revision, twice.places) == (3, (CORD, LAMP))


def test_an_event_tells_of_all_that_is_held_and_all_that_is_broken() -> None:
    told = broken(row(1, {UNTIL: 3}), [held("a", line(3))], note=NOTE).events[-1]
    assert (told.name, told.key, told.revision) == ("reservation_broken", "a", 2)
    detail = value_to_plain(told.detail)
    assert [each["quantity"] for each in detail["held_lines"]] == [1]
    assert [each["quantity"] for each in detail["broken_lines"]] == [2]


def test_claims_that_are_nobodys_are_said_to_be_left() -> None:
    assert broken(row(0, {UNTIL: 3}), [held("a", line(2))], note=NOTE).answer == 1


def taken_by_sale(quantity: int, before: StockRow) -> Changed[Any]:
    return record({LAMP: before}, ledger.sold([line(quantity)], ""), note=NOTE)


def test_a_fact_notes_the_row_only_where_it_takes_what_is_claimed() -> None:
    def noted(quantity: int, before: StockRow) -> list[Place]:
        records = taken_by_sale(quantity, before).records
        return [record.place for record in records if isinstance(record, Overclaim)]

    assert noted(1, row(3, {UNTIL: 2})) == []
    assert noted(2, row(3, {UNTIL: 2})) == [LAMP]
    assert noted(2, row(3, {int(START.timestamp()): 2})) == []
    assert noted(1, row(0, {UNTIL: 2})) == [LAMP]
    assert noted(1, row(0, {})) == []


COMMITS = [
    # Held 2 of 5, 3 broken: what was found and not found, and what it takes from where.
    (None, {("sellable", "staged", 2)}),
    ((2, 3), {("sellable", "staged", 2)}),
    ((1, 4), {("sellable", "staged", 1), ("sellable", "outside", 1)}),
    ((1, 0), {("sellable", "staged", 1)}),
    ((4, 1), {("sellable", "staged", 2), ("short", "staged", 2)}),
    ((0, 5), {("sellable", "outside", 2)}),
]


@pytest.mark.parametrize(("picked", "moved"), COMMITS)
def test_a_commit_takes_what_is_held_and_what_was_found_of_what_is_broken(
    picked: tuple[int, int] | None, moved: set[tuple[str, str, int]]
) -> None:
    before = replace(held("a", line(2)), broken=(line(3),))
    found = [Found(place=LAMP, found=picked[0], not_found=picked[1])] if picked else []
    after = committed(before, found)
    movements = [record for record in after.records if isinstance(record, Movement)]
    assert {(each.source, each.target, each.quantity) for each in movements} == moved


def test_a_commit_of_a_line_that_is_broken_whole_takes_nothing_or_what_was_found() -> None:
    before = replace(held("a"), broken=(line(3),))
    nothing = committed(before, [], row(2, {}))
    some = committed(before, [Found(place=LAMP, found=1, not_found=2)], row(2, {}))

    assert [record for record in nothing.records if not isinstance(record, Reservation)] == []
    assert [each.sellable for each in some.records if isinstance(each, StockRow)] == [1]


def test_no_more_can_be_found_than_was_reserved() -> None:
    before = replace(held("a", line(2)), broken=(line(3),))
    with pytest.raises(InvalidLinesError):
        committed(before, [Found(place=LAMP, found=6, not_found=0)])


def committed(
    before: Reservation, found: list[Found], its_row: StockRow | None = None
) -> Changed[Reservation]:
    rows = {LAMP: its_row or row(2, {UNTIL: 2})}
    return domain.commit(before, rows, found, target=Bucket.STAGED, owner="a", note=NOTE)
