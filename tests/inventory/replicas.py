"""More replicas of inventory on the database of a house, as processes of their own would be."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from chassis.committer import committing
from chassis.mongo import Database
from chassis.mongo_records import MongoRecords
from services.inventory.books import Books
from services.inventory.kinds import KINDS
from services.inventory.limit.store import KnownLimits
from services.inventory.location.store import KnownLocations
from services.inventory.reservation.servicer import ReservationServicer
from tests.inventory.house import House
from tests.serving import serving_at


@dataclass(frozen=True, slots=True)
class Replica:
    address: str
    registry: CollectorRegistry

    @property
    def written_count(self) -> int:
        """Updates that were written here, alone or together."""
        return int(self.registry.get_sample_value("committer_batch_updates_sum") or 0)


async def begun(stack: AsyncExitStack, house: House, database: Database) -> Replica:
    """As a process of its own would: with what it has in memory, and a committer."""
    registry, records = CollectorRegistry(), MongoRecords(database, KINDS, clock=house.clock)
    updates = await stack.enter_async_context(committing(records, registry=registry))
    limits = KnownLimits(records)
    await limits.load()
    books = Books(
        records=records,
        updates=updates,
        locations=KnownLocations(records),
        limits=limits,
        clock=house.clock,
    )
    address = await stack.enter_async_context(serving_at(ReservationServicer(books)))
    return Replica(address, registry)
