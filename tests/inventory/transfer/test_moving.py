"""The steps of many transfers between two shops: units are neither made nor lost."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chassis.changes import Changed
from services.inventory.ledger.domain import Cause, Fact, Movement, Note, post
from services.inventory.stock.domain import Bucket, Line, Place, StockRow, empty_row
from services.inventory.supply.domain import Expectation, nothing_expected
from services.inventory.transfer.domain import (
    Arrived,
    Shipped,
    Status,
    Transfer,
    TransferLine,
    TransferReceivedError,
    TransferShippedError,
    cancel,
    mark_ready,
)
from services.inventory.transfer.moving import close, receive, ship
from services.inventory.transfer.store import awaiting

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
LYON, LILLE = Place("lyon", "LAMP"), Place("lille", "LAMP")
NOTE = Note(write_id="w", actor="sam", now=NOW, occur_time=NOW)
QUANTITIES = st.integers(0, 6)


def transfer(number: int, quantity: int, status: Status = Status.DRAFT) -> Transfer:
    return Transfer(
        transfer_id=f"t{number}",
        source_location_id="lyon",
        target_location_id="lille",
        lines=(TransferLine(sku="LAMP", quantity=quantity),),
        due=1,
        create_instant=0,
        status=status,
    )


@dataclass
class Books:
    """The rows of both shops, all movements, and all transfers."""

    rows: dict[Place, StockRow] = field(
        default_factory=lambda: {place: empty_row(place) for place in (LYON, LILLE)}
    )
    movements: list[Movement] = field(default_factory=list)
    transfers: dict[str, Transfer] = field(default_factory=dict)
    awaited: Expectation = field(default_factory=lambda: nothing_expected(LILLE))

    def write(self, *records: object) -> None:
        for record in records:
            if isinstance(record, StockRow):
                self.rows[record.place] = record
            elif isinstance(record, Movement):
                self.movements.append(record)
            elif isinstance(record, Expectation):
                self.awaited = record
            elif isinstance(record, Transfer):
                self.transfers[record.transfer_id] = record

    def step(self, changed: Changed[Transfer]) -> None:
        self.write(*awaiting(changed, {LILLE: self.awaited}).records)


class Transfers(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.books = Books()
        self.arrived = 0

    def some(self, data: st.DataObject, *statuses: Status) -> Transfer:
        those = [each for each in self.books.transfers.values() if each.status in statuses]
        return data.draw(st.sampled_from(those))

    def has(self, *statuses: Status) -> bool:
        return any(each.status in statuses for each in self.books.transfers.values())

    @rule(quantity=st.integers(1, 6))
    def plan(self, quantity: int) -> None:
        self.books.write(transfer(len(self.books.transfers), quantity))

    @rule(quantity=st.integers(1, 6), place=st.sampled_from((LYON, LILLE)))
    def sell(self, quantity: int, place: Place) -> None:
        self.fact(place, quantity, Bucket.SELLABLE, Bucket.OUTSIDE, Cause.SALE)

    @rule(quantity=st.integers(1, 6))
    def stock(self, quantity: int) -> None:
        self.fact(LYON, quantity, Bucket.OUTSIDE, Bucket.SELLABLE, Cause.RECEIPT)

    def fact(
        self, place: Place, quantity: int, source: Bucket, target: Bucket, cause: Cause
    ) -> None:
        line = Line(location_id=place.location_id, sku=place.sku, quantity=quantity)
        it = Fact(line=line, source=source, target=target, cause=cause)
        self.books.write(*post({place: self.books.rows[place]}, [it], note=NOTE).records)

    @precondition(lambda self: self.has(Status.DRAFT))
    @rule(data=st.data())
    def get_ready(self, data: st.DataObject) -> None:
        self.books.step(mark_ready(self.some(data, Status.DRAFT)))

    @precondition(lambda self: self.has(Status.DRAFT, Status.READY))
    @rule(data=st.data())
    def call_off(self, data: st.DataObject) -> None:
        self.books.step(cancel(self.some(data, Status.DRAFT, Status.READY)))

    @precondition(lambda self: self.has(Status.DRAFT, Status.READY))
    @rule(data=st.data(), quantity=st.integers(1, 6))
    def leave(self, data: st.DataObject, quantity: int) -> None:
        leaving = self.some(data, Status.DRAFT, Status.READY)
        shipped = [Shipped(sku="LAMP", quantity=quantity)]
        self.books.step(ship(leaving, self.books.rows, shipped, due=None, note=NOTE))

    @precondition(lambda self: self.has(Status.IN_TRANSIT, Status.PARTLY_RECEIVED))
    @rule(data=st.data(), received=QUANTITIES, damaged=QUANTITIES)
    def come(self, data: st.DataObject, received: int, damaged: int) -> None:
        coming = self.some(data, Status.IN_TRANSIT, Status.PARTLY_RECEIVED)
        came = [Arrived(sku="LAMP", received=received, damaged=damaged)]
        self.books.step(receive(coming, self.books.rows, came, note=NOTE))
        self.arrived += received + damaged

    @precondition(lambda self: self.has(Status.IN_TRANSIT, Status.PARTLY_RECEIVED))
    @rule(data=st.data())
    def never_come(self, data: st.DataObject) -> None:
        coming = self.some(data, Status.IN_TRANSIT, Status.PARTLY_RECEIVED)
        self.books.step(close(coming, self.books.rows, "lost", note=NOTE))

    @invariant()
    def units_are_neither_made_nor_lost(self) -> None:
        lines = [line for each in self.books.transfers.values() for line in each.lines]
        shipped = sum(line.shipped for line in lines)
        ended = sum(min(line.received + line.damaged, line.shipped) for line in lines)
        written_off = sum(line.written_off for line in lines)
        in_transit = self.books.rows[LILLE].on.get(Bucket.IN_TRANSIT, 0)
        assert in_transit + ended + written_off == shipped
        assert self.moved(LYON, Cause.TRANSFER, target=Bucket.OUTSIDE) == shipped
        assert self.moved(LILLE, Cause.TRANSFER, target=Bucket.IN_TRANSIT) == shipped
        assert self.moved(LILLE, Cause.TRANSFER, source=Bucket.IN_TRANSIT) == ended
        assert self.moved(LILLE, Cause.NOT_FOUND, source=Bucket.IN_TRANSIT) == written_off

    def moved(
        self,
        place: Place,
        cause: Cause,
        *,
        source: Bucket | None = None,
        target: Bucket | None = None,
    ) -> int:
        """Units, from or to that bucket of the place."""
        return sum(
            each.quantity
            for each in self.books.movements
            if (each.location_id, each.cause) == (place.location_id, cause)
            and source in (None, each.source)
            and target in (None, each.target)
        )

    @invariant()
    def each_row_is_the_sum_of_its_own_movements(self) -> None:
        for row in self.books.rows.values():
            moved = Counter[Bucket]()
            for each in self.books.movements:
                if each.location_id == row.location_id:
                    moved[each.source] -= each.quantity
                    moved[each.target] += each.quantity
            del moved[Bucket.OUTSIDE]
            assert {b: n for b, n in moved.items() if n} == {
                b: n for b, n in row.units().items() if n
            }

    @invariant()
    def in_transit_is_what_is_shipped_and_has_neither_come_nor_been_closed(self) -> None:
        lines = [line for each in self.books.transfers.values() for line in each.lines]
        in_transit = self.books.rows[LILLE].on.get(Bucket.IN_TRANSIT, 0)
        assert in_transit == sum(line.left for line in lines)
        assert self.books.rows[LYON].on.get(Bucket.IN_TRANSIT, 0) == 0
        assert in_transit == sum(each.left for each in self.books.awaited.awaited)

    @invariant()
    def all_that_has_come_was_taken_in(self) -> None:
        came = sum(
            each.quantity * (1 if each.target is not Bucket.OUTSIDE else 0)
            for each in self.books.movements
            if each.cause is Cause.TRANSFER
            and each.location_id == "lille"
            and (each.source, each.target) != (Bucket.OUTSIDE, Bucket.IN_TRANSIT)
        )
        assert came == self.arrived

    @invariant()
    def what_has_ended_has_nothing_left(self) -> None:
        for each in self.books.transfers.values():
            on_its_way = each.status in (Status.IN_TRANSIT, Status.PARTLY_RECEIVED)
            assert any(line.left for line in each.lines) == on_its_way


TestTransfers = Transfers.TestCase
TestTransfers.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


def shipped_one(books: Books, quantity: int = 6) -> Transfer:
    books.step(ship(transfer(0, quantity), books.rows, [], due=None, note=NOTE))
    return books.transfers["t0"]


def test_what_was_moved_out_of_transit_by_hand_is_not_taken_from_there_again() -> None:
    books = Books()
    leaving = shipped_one(books)
    line = Line(location_id="lille", sku="LAMP", quantity=5)
    by_hand = Fact(
        line=line, source=Bucket.IN_TRANSIT, target=Bucket.QUARANTINE, cause=Cause.RECEIPT
    )
    books.write(*post({LILLE: books.rows[LILLE]}, [by_hand], note=NOTE).records)
    books.step(
        receive(leaving, books.rows, [Arrived(sku="LAMP", received=2, damaged=0)], note=NOTE)
    )
    assert books.rows[LILLE].on == {Bucket.SELLABLE: 2, Bucket.QUARANTINE: 5}
    # The transfer knows nothing of hands: what it says has not come is awaited until it is closed.
    assert [each.left for each in books.awaited.awaited] == [4]
    books.step(close(books.transfers["t0"], books.rows, "lost", note=NOTE))
    assert books.awaited.awaited == ()
    assert (books.rows[LILLE].short, books.transfers["t0"].status) == (0, Status.RECEIVED)


def test_another_date_may_be_told_with_the_shipment() -> None:
    books = Books()
    shipped = ship(transfer(0, 6), books.rows, [], due=99, note=NOTE)
    assert (shipped.answer.due, shipped_one(books).due) == (99, 1)


def test_a_line_that_did_not_leave_moves_no_row() -> None:
    both = Transfer(
        transfer_id="t0",
        source_location_id="lyon",
        target_location_id="lille",
        lines=(TransferLine(sku="LAMP", quantity=1), TransferLine(sku="CORD", quantity=1)),
        due=1,
        create_instant=0,
    )
    rows = {place: empty_row(place) for place in (*both.sources, *both.targets)}
    none = [Shipped(sku="CORD", quantity=0)]
    changed = ship(both, rows, none, due=None, note=NOTE)
    touched = {record.place for record in changed.records if isinstance(record, StockRow)}
    assert touched == {LYON, LILLE}


def test_what_is_ready_stays_ready_and_what_has_gone_is_not_called_off() -> None:
    books = Books()
    waiting = transfer(1, 1, Status.READY)
    assert mark_ready(waiting).records == ()
    leaving = shipped_one(books)
    with pytest.raises(TransferShippedError):
        cancel(leaving)
    with pytest.raises(TransferReceivedError):
        receive(
            transfer(2, 1, Status.RECEIVED),
            books.rows,
            [Arrived(sku="LAMP", received=1, damaged=0)],
            note=NOTE,
        )
