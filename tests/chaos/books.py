"""What stands in the databases when all is quiet. Values alone, and how they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chassis import mongo
from chassis.documents import record_from_document
from chassis.events import LoggedEvent, events_in
from chassis.mongo import Database
from chassis.mongo_log import LOG, OUTBOX
from chassis.packing import unpacked
from chassis.progress import PARKED
from chassis.records import Kind
from deploy.local.suite import GRPC_SERVICES
from services.collect.basket.domain import Basket
from services.collect.basket.store import BASKETS
from services.collect.locker.cabinet import Cabinet
from services.collect.locker.store import CABINETS
from services.collect.order.store import BROKEN_HOLDS, ORDERS
from services.collect.order.values import Order
from services.customer.history.store import PURCHASES
from services.inventory.ledger.domain import Movement
from services.inventory.ledger.store import MOVEMENTS, OVERCLAIMS
from services.inventory.reservation.domain import Reservation
from services.inventory.reservation.store import RESERVATIONS
from services.inventory.stock.domain import StockRow
from services.inventory.stock.store import ROWS

RECORDS_MAX = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Attributes:
    logs: Each service's log by its name, in order of position.
    outbox_counts: Events that no log holds yet, by service.
    parked_count: Events that some consumer could not take.
    purchase_ids: What stands in customers' histories, once for each time it does.
    """

    rows: Sequence[StockRow] = ()
    movements: Sequence[Movement] = ()
    reservations: Sequence[Reservation] = ()
    orders: Sequence[Order] = ()
    baskets: Sequence[Basket] = ()
    cabinets: Sequence[Cabinet] = ()
    logs: Mapping[str, Sequence[LoggedEvent]] = field(default_factory=dict)
    outbox_counts: Mapping[str, int] = field(default_factory=dict)
    parked_count: int = 0
    purchase_ids: Sequence[str] = ()

    def log(self, service: str) -> Sequence[LoggedEvent]:
        return self.logs.get(service, ())


async def read_books(mongo_uri: str) -> Books:
    """All of it, whoever wrote it. Call it when nothing runs any more."""
    logs, outboxes, parked = {}, {}, 0
    for service in GRPC_SERVICES:
        async with mongo.connect(mongo_uri, f"comptoir_{service}") as database:
            logs[service] = [e for d in await documents(database, LOG) for e in events_in(d)]
            outboxes[service] = len(list(unpacked(await documents(database, OUTBOX))))
            parked += sum(record.waiting for record in await records(database, PARKED))
    async with (
        mongo.connect(mongo_uri, "comptoir_inventory") as inventory,
        mongo.connect(mongo_uri, "comptoir_collect") as collect,
        mongo.connect(mongo_uri, "comptoir_customer") as customer,
    ):
        return Books(
            rows=await records(inventory, ROWS),
            movements=await records(inventory, MOVEMENTS),
            reservations=await records(inventory, RESERVATIONS),
            orders=await records(collect, ORDERS),
            baskets=await records(collect, BASKETS),
            cabinets=await records(collect, CABINETS),
            logs=logs,
            outbox_counts=outboxes,
            parked_count=parked,
            purchase_ids=[d["_id"] for d in await documents(customer, PURCHASES.collection)],
        )


async def is_quiet(mongo_uri: str) -> bool:
    """Whether nobody owes anything any more: no order a step, no outbox an event, no fact the
    breaking of what it took."""
    for service in GRPC_SERVICES:
        async with mongo.connect(mongo_uri, f"comptoir_{service}") as database:
            if await documents(database, OUTBOX):
                return False
            if service == "customer" and await behind(database):
                return False
            if await documents_where(database, OVERCLAIMS.collection, mended=False):
                return False
            if await documents_where(database, BROKEN_HOLDS.collection, done=False):
                return False
    async with mongo.connect(mongo_uri, "comptoir_collect") as collect:
        return not any(order.todo for order in await records(collect, ORDERS))


async def behind(customer: Database) -> bool:
    """Whether an order that was collected is still to be read into its buyer's history."""
    return bool(await documents_where(customer, "collected_orders", read=False))


async def records(database: Database, kind: Kind[Any]) -> list[Any]:
    return [record_from_document(kind, d) for d in await documents(database, kind.collection)]


async def documents_where(
    database: Database, collection: str, **equal: object
) -> list[dict[str, Any]]:
    """One, if there is any."""
    return list(await database.collection(collection).find(equal).to_list(1))


async def documents(database: Database, collection: str) -> list[dict[str, Any]]:
    cursor = database.collection(collection).find({}).sort("_id", 1)
    return list(await cursor.to_list(RECORDS_MAX))
