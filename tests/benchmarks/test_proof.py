"""What the proof is measured on is what the service keeps, and is in balance."""

from typing import Any

import bson

from benchmarks.bare.ledger import EXPIRE_INSTANT, movement_of, reservation_of, row_of
from chassis.documents import record_from_document, record_to_document
from chassis.mongo import Database
from chassis.mongo_records import MongoRecords
from chassis.records import Document, Kind, Ref
from services.inventory.balance.domain import Part
from services.inventory.balance.mongo import MongoBalances
from services.inventory.kinds import KINDS
from services.inventory.ledger.store import MOVEMENTS
from services.inventory.reservation.store import RESERVATIONS
from services.inventory.stock.store import ROWS

WRITTEN: list[tuple[Kind[Any], Document]] = [
    (ROWS, row_of("shop", 0, 3)),
    (ROWS, row_of("shop", 1, 3)),
    *((MOVEMENTS, movement_of("shop", number, turn)) for number in (0, 1) for turn in range(3)),
    (RESERVATIONS, reservation_of("shop", 0)),
]


def test_the_bare_documents_come_back_as_they_went() -> None:
    for kind, document in WRITTEN:
        record = record_from_document(kind, document)
        again = record_to_document(Ref(kind, kind.key(record)), record, touched=0)
        assert bson.decode(bson.encode(again)) == bson.decode(bson.encode(document))


async def test_they_are_in_balance(database: Database) -> None:
    await MongoRecords(database, KINDS).ensure_indexes()
    for kind, document in WRITTEN:
        await database.collection(kind.collection).insert_one(document)
    found = await MongoBalances(database).prove(Part(location_ids=("shop",)))

    assert (found.row_count, found.movement_count, found.reservation_line_count) == (2, 6, 1)
    assert found.differences == ()
    assert row_of("shop", 0, 3)["held"] == {str(EXPIRE_INSTANT): 1}
