"""What was looked for in vain leaves the book once, however the book came to know of it."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.inventory.ledger.domain import Cause, Fact, Note
from services.inventory.ledger.recording import record
from services.inventory.reservation import domain
from services.inventory.reservation.domain import Found, Reservation
from services.inventory.stock.domain import Bucket, Line, Place, StockRow

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
LAMP = Place("lyon", "LAMP")
NOTE = Note(write_id="w", actor="collect", now=NOW, occur_time=NOW)
UNTIL = int(NOW.timestamp()) + 600


def line(quantity: int) -> Line:
    return Line(location_id="lyon", sku="LAMP", quantity=quantity)


def row(sellable: int, claimed: int = 0) -> StockRow:
    held = {UNTIL: claimed} if claimed else {}
    return StockRow(location_id="lyon", sku="LAMP", on={Bucket.SELLABLE: sellable}, held=held)


def missing(quantity: int, source: Bucket = Bucket.SELLABLE) -> Fact:
    return Fact(line=line(quantity), source=source, target=Bucket.OUTSIDE, cause=Cause.NOT_FOUND)


def recorded(before: StockRow, *facts: Fact) -> StockRow:
    (after,) = record({LAMP: before}, facts, note=NOTE).answer
    return after


def committed(before: StockRow, held: int, *, found: int, not_found: int) -> StockRow:
    """After a commit of a reservation of so many, whose claims are in the row."""
    made = Reservation(reservation_id="r", owner="a", lines=(line(held),), expire_instant=UNTIL)
    picked = [Found(place=LAMP, found=found, not_found=not_found)]
    changed = domain.commit(
        made, {LAMP: before}, picked, target=Bucket.STAGED, owner="a", note=NOTE
    )
    (after,) = (each for each in changed.records if isinstance(each, StockRow))
    return after


def test_what_a_fact_took_of_what_is_held_is_not_missed_once_more() -> None:
    # Ten, all held by two. A till took two; who looks for his five finds three.
    after = committed(row(8, claimed=10), 5, found=3, not_found=2)
    assert (after.sellable, after.overclaimed(NOW)) == (5, 0)


def test_what_is_missing_beyond_that_leaves_the_book() -> None:
    assert committed(row(9, claimed=10), 5, found=2, not_found=3).sellable == 5
    assert committed(row(10, claimed=10), 5, found=2, not_found=3).sellable == 5


def test_without_a_reservation_it_is_the_same() -> None:
    assert recorded(row(8, claimed=10), missing(1)).sellable == 8
    assert recorded(row(8, claimed=10), missing(3)).sellable == 7
    assert recorded(row(8, claimed=8), missing(3)).sellable == 5


def test_what_was_taken_explains_as_many_missing_and_no_more() -> None:
    assert recorded(row(8, claimed=10), missing(1), missing(2)).sellable == 7


def test_of_another_bucket_nothing_is_held() -> None:
    before = StockRow(location_id="lyon", sku="LAMP", on={Bucket.IN_TRANSIT: 3}, held={UNTIL: 3})
    assert recorded(before, missing(3, Bucket.IN_TRANSIT)).on == {}


@given(
    sellable=st.integers(0, 9),
    others=st.integers(0, 9),
    held=st.integers(1, 9),
    picked=st.tuples(st.integers(0, 9), st.integers(0, 9)),
)
def test_what_is_missed_at_a_commit_breaks_nobodys_claim(
    sellable: int, others: int, held: int, picked: tuple[int, int]
) -> None:
    found = min(picked[0], held)
    not_found = min(picked[1], held - found)
    before = row(sellable, claimed=others + held)
    told, untold = (committed(before, held, found=found, not_found=n) for n in (not_found, 0))
    assert told.overclaimed(NOW) == untold.overclaimed(NOW)
