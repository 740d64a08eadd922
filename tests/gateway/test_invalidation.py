"""Which answers an event of an owner drops."""

from comptoir.inventory.v1 import events_pb2 as stock_pb
from comptoir.type.v1 import event_service_pb2 as pb

from services.gateway.invalidation import SOURCES
from services.gateway.near_cache import Record


def test_an_import_drops_what_shows_each_of_its_rows_at_its_revision() -> None:
    rows = [stock_pb.StockRevision(sku=sku, revision=n) for sku, n in (("saw", 3), ("nail", 8))]
    event = pb.Event(name="stock_imported", key="paris 1", revision=1)
    event.detail.Pack(stock_pb.StockImported(location_id="paris", rows=rows))

    assert list(SOURCES["inventory"][event.name](event)) == [
        (Record("stock", "saw", "paris"), 3),
        (Record("stock", "nail", "paris"), 8),
    ]
