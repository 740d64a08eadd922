"""The algebra of claims: over any history, with any clocks, the books add up."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.inventory.ledger.domain import Note
from services.inventory.reservation import reserving
from services.inventory.reservation.domain import Reservation
from services.inventory.reservation.reserving import Wish
from services.inventory.stock.domain import Line, empty_row
from tests.inventory.reservation.book import PROMISES_ONLY, START, STEPS, Book, run


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_after_any_history_movements_are_the_row_and_claims_the_live_reservations(
    steps: list[tuple[object, ...]],
) -> None:
    book = Book()
    for step in steps:
        run(book, step)
        book.check()
        assert all(row.available(book.now) >= 0 for row in book.rows.values())


@settings(max_examples=150, deadline=None)
@given(st.lists(PROMISES_ONLY, max_size=40))
def test_promises_alone_never_claim_or_take_more_than_there_is(
    steps: list[tuple[object, ...]],
) -> None:
    book = Book()
    for step in steps:
        run(book, step)
        for row in book.rows.values():
            live = row.live(datetime.fromtimestamp(row.at, UTC))
            assert sum(live.values()) <= row.sellable and row.short == 0


def test_a_request_that_made_a_reservation_long_ago_makes_no_other() -> None:
    line = Line(location_id="lyon", sku="LAMP", quantity=1)
    before = Reservation(reservation_id="w", owner="a", lines=(line,), expire_instant=0)
    rows = {line.place: empty_row(line.place)}
    note = Note(write_id="w", actor="a", now=START, occur_time=START)

    with pytest.raises(reserving.ReservationExistsError):
        reserving.reserve(before, rows, Wish(lines=(line,)), owner="a", note=note)
