"""What MongoDB looks at to list transfers: no more than it gives, however long their history."""

from chassis.changes import Changed
from chassis.mongo import Database
from chassis.mongo_records import MongoRecords
from chassis.records import Ref
from services.inventory.transfer.domain import Status, Transfer, TransferLine
from services.inventory.transfer.store import TRANSFERS, newest_transfers

HISTORY_COUNT, OPEN_COUNT = 200, 6


def made(number: int) -> Transfer:
    """The first ones are on their way yet; those that came later are all there."""
    return Transfer(
        transfer_id=f"t{number:03}",
        source_location_id="lyon",
        target_location_id="lille",
        lines=(TransferLine(sku="LAMP", quantity=1),),
        due=1,
        create_instant=number,
        status=Status.IN_TRANSIT if number < OPEN_COUNT else Status.RECEIVED,
    )


async def test_those_of_a_status_are_found_without_a_look_at_all_others(
    database: Database,
) -> None:
    records = MongoRecords(database, [TRANSFERS])
    await records.ensure_indexes()
    transfers = tuple(map(made, range(OPEN_COUNT + HISTORY_COUNT)))
    refs = [Ref(TRANSFERS, each.transfer_id) for each in transfers]
    changed = Changed(answer=None, records=transfers)
    await records.update(refs, lambda state: changed, answer=type(None), timeout_s=10)

    await database._database.command("profile", 2)
    for end in ({"source_location_id": "lyon"}, {"target_location_id": "lille"}):
        assert await in_two_pages(records, end) == [5, 4, 3, 2, 1, 0]
    await database._database.command("profile", 0)

    looked = [{"$match": {"command.find": "transfers"}}]
    seen = await database.aggregate("system.profile", looked)
    # Of a second page the last of the first too, behind which it begins.
    assert [each["docsExamined"] for each in seen] == [3, 4, 3, 4]
    assert max(each["keysExamined"] for each in seen) <= OPEN_COUNT


async def in_two_pages(records: MongoRecords, end: dict[str, str]) -> list[int]:
    where = {**end, "status": "in_transit"}
    first = await newest_transfers(records, where, after=None, limit=OPEN_COUNT // 2)
    behind = first[-1].create_instant, first[-1].transfer_id
    rest = await newest_transfers(records, where, after=behind, limit=OPEN_COUNT)
    return [each.create_instant for each in (*first, *rest)]
