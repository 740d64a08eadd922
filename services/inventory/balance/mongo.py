"""The sums that prove a row, added up by MongoDB in one snapshot."""

from collections.abc import Sequence

from chassis.documents import key_to_plain, record_from_document
from chassis.mongo import Database, Document, Session
from services.inventory.balance.domain import Balance, balance
from services.inventory.ledger.store import MOVEMENTS
from services.inventory.reservation.domain import STANDING
from services.inventory.reservation.store import RESERVATIONS
from services.inventory.stock.domain import Bucket, Place, StockRow, empty_row
from services.inventory.stock.store import ROWS


class MongoBalances:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, place: Place) -> Balance:
        async def read(session: Session) -> Balance:
            row = await self._row(place, session)
            claims = await self._sums(RESERVATIONS.collection, claims_of(row), session)
            moved = await self._sums(MOVEMENTS.collection, moved_at(place), session)
            sums = {Bucket(bucket): quantity for bucket, quantity in moved.items()}
            return balance(row, sums, {int(at): quantity for at, quantity in claims.items()})

        return await self._database.snapshot(read)

    async def _row(self, place: Place, session: Session) -> StockRow:
        match: Document = {"$match": {"_id": key_to_plain(place)}}
        found = await self._database.aggregate(ROWS.collection, [match], session=session)
        return record_from_document(ROWS, found[0]) if found else empty_row(place)

    async def _sums(
        self, collection: str, pipeline: Sequence[Document], session: Session
    ) -> dict[str, int]:
        found = await self._database.aggregate(collection, pipeline, session=session)
        return {str(document["_id"]): document["sum"] for document in found}


def moved_at(place: Place) -> list[Document]:
    """Each movement counts twice: out of its source, into its target."""
    legs = [
        {"bucket": "$source", "quantity": {"$multiply": ["$quantity", -1]}},
        {"bucket": "$target", "quantity": "$quantity"},
    ]
    return [
        {"$match": {"location_id": place.location_id, "sku": place.sku}},
        {"$project": {"legs": legs}},
        {"$unwind": "$legs"},
        {"$group": {"_id": "$legs.bucket", "sum": {"$sum": "$legs.quantity"}}},
    ]


def claims_of(row: StockRow) -> list[Document]:
    """Those that have not lapsed by the row's own time."""
    line = {"location_id": row.location_id, "sku": row.sku}
    return [
        {
            "$match": {
                "lines": {"$elemMatch": line},
                "expire_instant": {"$gt": row.at},
                "status": {"$in": [status.value for status in STANDING]},
            }
        },
        {"$unwind": "$lines"},
        {"$match": {f"lines.{name}": value for name, value in line.items()}},
        {"$group": {"_id": "$expire_instant", "sum": {"$sum": "$lines.quantity"}}},
    ]
