"""The sums that prove rows, added up by MongoDB in one snapshot."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, TypeAlias, cast

from chassis.documents import record_from_document, records_from_documents
from chassis.mongo import Database, DatabaseTimeoutError, Session, SnapshotTooOldError
from chassis.records import Document
from services.inventory.balance.domain import (
    Balance,
    Claims,
    Difference,
    Part,
    Slice,
    Sums,
    balance,
    differences,
)
from services.inventory.balance.queries import (
    LOCATION_IDS,
    carried_in,
    claims_in,
    ends_of,
    moved_in,
    rows_in,
    varying,
)
from services.inventory.balance.store import PartTooLargeError
from services.inventory.ledger.store import MOVEMENTS
from services.inventory.period.store import CARRIED, PERIODS
from services.inventory.reservation.store import RESERVATIONS
from services.inventory.stock.domain import Place, StockRow, empty_row
from services.inventory.stock.store import ROWS

# Well below what the engine keeps of the past, which is five minutes unless it is told otherwise.
PART_S_MAX = 60.0
BATCH_MAX = 1000  # What is compared before others have their turn: some milliseconds.
# By what varies in a part: its skus, or its locations.
Units: TypeAlias = defaultdict[str, defaultdict[str, int]]
Held: TypeAlias = defaultdict[str, dict[int, int]]


class Counts(NamedTuple):
    """What was added up: open movements, closed ones as carried, lines of reservations."""

    movements: int
    closed: int
    lines: int


@dataclass(frozen=True, slots=True)
class Sum:
    """What movements and reservations of a part come to, less what was taken out of it.

    Names of buckets are kept as the engine says them: they equal the buckets.
    """

    part: Part
    units: Units = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    held: Held = field(default_factory=lambda: defaultdict(dict))

    def key_of(self, document: Document) -> str:
        """By what varies in the part."""
        return str(document[varying(self.part)])

    def take(self, row: StockRow) -> tuple[Sums, Claims]:
        """What there is of the row."""
        key = row.location_id if self.part.sku else row.sku
        return cast(Sums, self.units.pop(key, {})), self.held.pop(key, {})

    def rest(self) -> Iterator[StockRow]:
        """An empty row for each that there is none for."""
        for key in sorted({*self.units, *self.held}):
            at_sku, location_id = self.part.sku, self.part.location_ids[0]
            yield empty_row(Place(key, at_sku) if at_sku else Place(location_id, key))


class MongoBalances:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, place: Place) -> Balance:
        part = Part(location_ids=(place.location_id,), sku=place.sku)

        async def read(session: Session) -> Balance:
            added = Sum(part)
            await self._add_up(added, session)
            batches = [batch async for batch in self._rows(part, session)]
            row = batches[0][0] if batches else empty_row(place)
            carried = await self._database.aggregate(
                CARRIED.collection, carried_in(part), session=session
            )
            (its,) = records_from_documents(CARRIED, carried) or (None,)
            return balance(row, *added.take(row), its)

        return await self._database.snapshot(read)

    async def location_ids(self) -> list[str]:
        found = set[str]()
        for kind in (ROWS, MOVEMENTS, CARRIED, PERIODS):
            documents = await self._database.aggregate(kind.collection, LOCATION_IDS)
            found.update(document["_id"] for document in documents)
        return sorted(found)

    async def end_of(self, part: Part, *, count_max: int) -> str | None:
        found = await self._database.aggregate(ROWS.collection, ends_of(part, count_max))
        return str(found[0]["_id"]["sku"]) if len(found) > 1 else None

    async def prove(self, part: Part) -> Slice:
        try:
            return await self._database.snapshot(partial(self._proven, part), timeout_s=PART_S_MAX)
        except (SnapshotTooOldError, DatabaseTimeoutError) as error:
            raise PartTooLargeError("the database did not add it up in time") from error

    async def _proven(self, part: Part, session: Session) -> Slice:
        added, found, count = Sum(part), list[Difference](), 0
        counts = await self._add_up(added, session)
        # The rows pass by: of all there is, only the sums are held in memory.
        async for batch in self._rows(part, session):
            count += len(batch)
            for row in batch:
                found += differences(row, *added.take(row))
        for row in added.rest():
            count += 1
            found += differences(row, *added.take(row))
        return Slice(
            part=part,
            time=self._database.instant_of(session),
            row_count=count,
            movement_count=counts.movements,
            closed_movement_count=counts.closed,
            reservation_line_count=counts.lines,
            differences=tuple(sorted(found, key=lambda each: each.place)),
        )

    async def _rows(self, part: Part, session: Session) -> AsyncIterator[list[StockRow]]:
        async for batch in self._database.batches(
            ROWS.collection, rows_in(part), session=session, size=BATCH_MAX
        ):
            yield [record_from_document(ROWS, document) for document in batch]

    async def _add_up(self, added: Sum, session: Session) -> Counts:
        return Counts(
            movements=await self._add_movements(added, session),
            closed=await self._add_carried(added, session),
            lines=await self._add_claims(added, session),
        )

    async def _add_carried(self, added: Sum, session: Session) -> int:
        count = 0
        async for batch in self._database.batches(
            CARRIED.collection, carried_in(added.part), session=session, size=BATCH_MAX
        ):
            for document in batch:
                its = added.units[added.key_of(document)]
                for bucket, units in document["units"].items():
                    its[bucket] += units
                count += document["movement_count"]
        return count

    async def _add_movements(self, added: Sum, session: Session) -> int:
        """Each counts twice: out of its source, into its target."""
        count = 0
        async for batch in self._database.batches(
            MOVEMENTS.collection, moved_in(added.part), session=session, size=BATCH_MAX
        ):
            for document in batch:
                leg, units = document["_id"], document["sum"]
                its = added.units[leg["key"]]
                its[leg["source"]] -= units
                its[leg["target"]] += units
                count += document["count"]
        return count

    async def _add_claims(self, added: Sum, session: Session) -> int:
        count = 0
        async for batch in self._database.batches(
            RESERVATIONS.collection, claims_in(added.part), session=session, size=BATCH_MAX
        ):
            for document in batch:
                claim = document["_id"]
                added.held[claim["key"]][claim["instant"]] = document["sum"]
                count += document["count"]
        return count
