"""What MongoDB looks at to find the orders that are due: no more than it gives."""

from dataclasses import replace
from datetime import timedelta

from chassis.changes import Changed
from chassis.mongo import Database
from chassis.mongo_records import MongoRecords
from chassis.records import Ref
from services.collect.order.store import DUE_MAX, ORDERS, due
from tests.collect.order.orders import NOON, placed, wanted

BACKLOG = 3 * DUE_MAX


async def test_a_backlog_is_not_read_whole_to_find_the_first_of_it(database: Database) -> None:
    """Else each replica reads all of it every second, just when there is most to do."""
    records = MongoRecords(database, [ORDERS])
    await records.ensure_indexes()
    orders = tuple(
        replace(
            placed(wanted(order_id=f"o{number:03}")), wake_time=NOON - timedelta(seconds=number)
        )
        for number in range(BACKLOG)
    )
    made = Changed(answer=None, records=orders)
    refs = [Ref(ORDERS, order.order_id) for order in orders]
    await records.update(refs, lambda state: made, answer=type(None), timeout_s=10)

    await database._database.command("profile", 2)
    found = await due(records, NOON)
    await database._database.command("profile", 0)

    (seen,) = await database.aggregate("system.profile", [{"$match": {"command.find": "orders"}}])
    assert [order.order_id for order in found[:1]] == [f"o{BACKLOG - 1:03}"]
    assert seen["docsExamined"] == len(found) == DUE_MAX
