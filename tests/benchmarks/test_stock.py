"""The baseline of an import writes what the service writes, or their ratio would say nothing."""

from datetime import UTC, datetime
from typing import Any

from benchmarks.bare.stock import movements_of, rows_of, told_of
from chassis.documents import record_to_document
from chassis.packing import packed
from chassis.records import Ref
from chassis.writes import event_to_document
from services.inventory.ledger.domain import Movement, Note
from services.inventory.ledger.levels import Level, take_levels
from services.inventory.ledger.store import MOVEMENTS
from services.inventory.stock.domain import Place, StockRow, empty_row
from services.inventory.stock.store import ROWS

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def shape(value: Any) -> Any:
    """Names in order and types."""
    if isinstance(value, dict):
        return [(name, shape(item)) for name, item in value.items()]
    return [shape(value[0])] if isinstance(value, list) else type(value)


def test_the_bare_documents_are_those_of_the_service() -> None:
    place = Place("bench-0000", "SKU-000000")
    note = Note(write_id="w", actor="importer", now=NOW, occur_time=NOW)
    level = Level(place=place, sellable=7, safety=0)
    changed = take_levels({place: empty_row(place)}, [level], note=note)
    row, movement = changed.records
    assert isinstance(row, StockRow) and isinstance(movement, Movement)

    (bare_row,) = bare_rows = list(rows_of(0, 1))
    (bare_movement,) = movements_of(bare_rows)
    assert shape(bare_row) == shape(record_to_document(Ref(ROWS, place), row, touched=0))
    assert shape(bare_movement) == shape(
        record_to_document(Ref(MOVEMENTS, movement.movement_id), movement, touched=0)
    )
    [told] = packed(event_to_document(event, NOW) for event in changed.events)
    assert shape(told_of(bare_rows)) == shape(told)
