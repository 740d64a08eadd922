"""The baseline of a reservation writes what the service does, or their ratio would say nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

from comptoir.inventory.v1 import reservation_service_pb2 as pb

from benchmarks.bare.reservations import SHOP, answer_of, reservation_of, row_of, told_of
from benchmarks.reservers import Load, requests
from chassis.answers import answer_to_document
from chassis.documents import record_to_document
from chassis.packing import packed
from chassis.records import Ref
from chassis.requests import request_from_pb
from chassis.writes import event_to_document
from services.inventory.ledger.domain import Note
from services.inventory.reservation.domain import Reservation
from services.inventory.reservation.reserving import Wish, check_wish, reserve
from services.inventory.reservation.store import RESERVATIONS
from services.inventory.stock.domain import Bucket, Line, StockRow
from services.inventory.stock.store import ROWS

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def shape(value: Any) -> Any:
    """Names in order and types; of a map by number the types alone."""
    if isinstance(value, dict):
        return [(name.isdigit() or name, shape(item)) for name, item in value.items()]
    # The driver writes either as a list.
    return [shape(each) for each in value[:1]] if isinstance(value, list | tuple) else type(value)


def sent(*, lines_count: int) -> pb.ReserveRequest:
    load = Load(callers_count=1, lines_count=lines_count, skus_count=9, seconds=1.0)
    return requests([SHOP], load)()


def test_the_bare_documents_are_those_of_the_service() -> None:
    lines = tuple(Line(location_id=SHOP, sku=f"SKU-{n:06}", quantity=1) for n in (1, 2))
    rows = {
        line.place: StockRow(
            location_id=SHOP, sku=line.sku, on={Bucket.SELLABLE: 1_000_000}, revision=1
        )
        for line in lines
    }
    note = Note(write_id="w", actor="bench-market", now=NOW, occur_time=NOW)
    wish = Wish(lines=lines, hold=timedelta(minutes=10))
    changed = reserve(None, rows, wish, owner="bench-market", note=note)
    reservation, row, _ = changed.records
    assert isinstance(reservation, Reservation) and isinstance(row, StockRow)

    bare_rows = [row_of(n, 1) for n in (1, 2)]
    bare_reservation = reservation_of(bare_rows)
    assert shape(bare_rows[0]) == shape(record_to_document(Ref(ROWS, row.place), row, touched=1))
    assert shape(bare_reservation) == shape(
        record_to_document(Ref(RESERVATIONS, "w"), reservation, touched=0)
    )
    request = request_from_pb(sent(lines_count=2), subject="bench-market", method="Reserve")
    kept = answer_to_document(request, reservation, RESERVATIONS)
    assert shape(answer_of(bare_reservation)) == shape(kept)
    bare_told = told_of(bare_rows, bare_reservation)
    [told] = packed(event_to_document(event, NOW) for event in changed.events)
    assert shape(bare_told) == shape(told)
    assert list(map(shape, bare_told["events"])) == list(map(shape, told["events"]))


def test_callers_ask_for_what_the_service_takes_each_time_anew() -> None:
    first, second = sent(lines_count=2), sent(lines_count=2)
    assert first.request_id != second.request_id
    for request in (first, second):
        assert request_from_pb(request, subject="bench-market", method="Reserve").id_time is None
        lines = (
            Line(location_id=x.location_id, sku=x.sku, quantity=x.quantity) for x in request.lines
        )
        check_wish(Wish(lines=tuple(lines)))
