"""Positions: dense, none lost, in order for each key, whoever is killed."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable

import pytest

from chassis.changes import Event
from chassis.events import LoggedEvent
from chassis.mongo import Database, Document, Session
from chassis.mongo_log import MongoLog
from chassis.mongo_records import MongoRecords
from chassis.packing import EVENTS_MAX, packed
from chassis.sequencer import BATCH_MAX, DISPLACED_MAX, FEW_MAX, Sequencer
from chassis.signals import Signal
from chassis.writes import event_to_document
from tests.background import background
from tests.chassis.event_house import KINDS, NOW, bump, change_told, killed, spawned, whole_log
from tests.driver import on_both_drivers
from tests.waiting import until

WRITERS = 8


@pytest.fixture
async def log(database: Database) -> MongoLog:
    opened = MongoLog(database, Signal())
    await opened.ensure_epoch()
    return opened


@pytest.fixture
async def records(database: Database) -> MongoRecords:
    opened = MongoRecords(database, KINDS)
    await opened.ensure_indexes()
    return opened


async def write(records: MongoRecords, name: str, count: int) -> None:
    """Each writer bumps its own thing and one that all of them bump."""
    for n in range(count):
        await bump(records, "shared" if n % 10 == 0 else name)


async def all_written(records: MongoRecords, each_count: int) -> None:
    await asyncio.gather(*(write(records, f"thing-{w}", each_count) for w in range(WRITERS)))


async def documents_count(database: Database, collection: str) -> int:
    return int(await database.collection(collection).count_documents({}))


async def outbox_is_empty(database: Database) -> bool:
    return await database.collection("outbox").find_one() is None


def revisions_by_key(events: Iterable[LoggedEvent]) -> dict[str, list[int]]:
    found = defaultdict(list)
    for event in events:
        found[event.key].append(event.revision)
    return found


def assert_complete(events: list[LoggedEvent], each_count: int) -> None:
    assert [event.position for event in events] == list(range(1, WRITERS * each_count + 1))
    for revisions in revisions_by_key(events).values():
        assert revisions == list(range(1, len(revisions) + 1))


async def test_of_many_writers_and_sequencers_no_event_is_lost_or_out_of_order(
    database: Database, log: MongoLog, records: MongoRecords
) -> None:
    pace = [Signal(pause_s=0.002) for _ in range(3)]
    sequencers = [Sequencer(database, outbox=s, appended=Signal()) for s in pace]

    async with background(*(sequencer.run() for sequencer in sequencers)):
        await all_written(records, 250)
        await until(lambda: outbox_is_empty(database))

    assert_complete(await whole_log(log), 250)


async def test_a_sequencer_killed_in_mid_stream_loses_nothing(
    database: Database, log: MongoLog, records: MongoRecords, mongo_uri: str
) -> None:
    writing = asyncio.create_task(all_written(records, 40))
    for _ in range(3):
        head = (await log.head()).position
        process = await spawned("run_sequencer", mongo_uri, database.name)

        async def has_moved(before: int = head) -> bool:
            return (await log.head()).position > before or writing.done()

        await until(has_moved)
        await killed(process)
    await writing

    async with background(Sequencer(database, outbox=Signal(), appended=Signal()).run()):
        await until(lambda: outbox_is_empty(database))
    assert_complete(await whole_log(log), 40)


async def test_of_two_sequencers_that_took_different_events_one_begins_again(
    database: Database, log: MongoLog
) -> None:
    """As when a large write, which put its events first, commits after the one had looked and
    before the other does."""
    few = packed(event_to_document(Event("bumped", f"few-{n}", 1), NOW) for n in range(3))
    many = packed(event_to_document(Event("bumped", f"many-{n}", 1), NOW) for n in range(BATCH_MAX))
    outbox, is_put, ends = database.collection("outbox"), asyncio.Event(), asyncio.Event()

    async def large(session: Session) -> None:
        await outbox.insert_many(many, session=session)
        is_put.set()
        await ends.wait()

    slow = SlowSequencer(database, outbox=Signal(), appended=Signal())
    writing = asyncio.create_task(database.transaction(large, timeout_s=20))
    await is_put.wait()
    await outbox.insert_many(few)
    moving = asyncio.create_task(slow.move())
    await slow.has_looked.wait()
    ends.set()
    await writing
    assert await Sequencer(database, outbox=Signal(), appended=Signal()).move() == BATCH_MAX
    slow.goes_on.set()

    assert await moving == 3
    told = await whole_log(log)
    assert [event.position for event in told] == list(range(1, BATCH_MAX + 3 + 1))


class SlowSequencer(Sequencer):
    """Looks, and appends when it may."""

    def __init__(self, database: Database, *, outbox: Signal, appended: Signal) -> None:
        super().__init__(database, outbox=outbox, appended=appended)
        self.has_looked, self.goes_on = asyncio.Event(), asyncio.Event()

    async def _append(self, documents: list[Document], session: Session) -> None:
        self.has_looked.set()
        await self.goes_on.wait()
        await super()._append(documents, session)


async def test_of_one_key_the_first_goes_first_however_far_behind_it_stands(
    database: Database, log: MongoLog
) -> None:
    """As on a member that has become primary: it applied what it had of the one before side by
    side."""
    keys = [("lamp", 2), *((f"thing-{n}", 1) for n in range(BATCH_MAX)), ("lamp", 1)]
    events = [event_to_document(Event("bumped", *each), NOW) for each in keys]
    await database.collection("outbox").insert_many(events)
    sequencer = Sequencer(database, outbox=Signal(), appended=Signal())
    moved = [await sequencer.move() for _ in range(3)]

    assert moved == [BATCH_MAX + 1, 1, 0]
    told = await whole_log(log)
    assert [event.position for event in told] == list(range(1, len(keys) + 1))
    assert revisions_by_key(told)["lamp"] == [1, 2]


async def test_a_thousand_changes_of_a_few_rows_are_few_operations(
    database: Database, log: MongoLog
) -> None:
    """What comes together is one write of a row, and told of once for each who changed it."""
    hot = [("hot", n) for n in range(1, BATCH_MAX + DISPLACED_MAX + 1)]
    keys = [("lamp", 2), *((f"thing-{n}", 1) for n in range(BATCH_MAX)), *hot, ("lamp", 1)]
    events = (event_to_document(Event("bumped", *each), NOW) for each in keys)
    await database.collection("outbox").insert_many(packed(events))
    sequencer = Sequencer(database, outbox=Signal(), appended=Signal())
    while await sequencer.move():
        pass

    told = await whole_log(log)
    assert [event.position for event in told] == list(range(1, len(keys) + 1))
    assert revisions_by_key(told)["lamp"] == [1, 2]
    assert revisions_by_key(told)["hot"] == [revision for _, revision in hot]


@on_both_drivers
async def test_what_one_write_tells_is_one_document_and_each_event_has_its_position(
    database: Database, log: MongoLog, records: MongoRecords
) -> None:
    await bump(records, *"abc")
    await bump(records, *"cd")
    assert await documents_count(database, "outbox") == 2

    assert await Sequencer(database, outbox=Signal(), appended=Signal()).move() == 5

    told = await whole_log(log)
    assert [(event.position, event.key) for event in told] == list(enumerate("abccd", 1))
    assert await documents_count(database, "outbox") == 0
    assert await documents_count(database, "log") <= 2


async def test_documents_of_before_hold_one_event_each_and_go_first(
    database: Database, log: MongoLog, records: MongoRecords
) -> None:
    """In the log and in the outbox alike."""
    told, waiting = (event_to_document(Event("bumped", "a", n), NOW) for n in (1, 2))
    await database.collection("log").insert_one({**told, "_id": 1})
    await database.collection("outbox").insert_one(waiting)
    await bump(records, *"bc")

    assert await Sequencer(database, outbox=Signal(), appended=Signal()).move() == 3

    assert [(event.position, event.key) for event in await whole_log(log)] == [
        (1, "a"),
        (2, "a"),
        (3, "b"),
        (4, "c"),
    ]
    assert (await log.since(NOW)).position == 0


@on_both_drivers
@pytest.mark.parametrize("things_count", [1, FEW_MAX + 1, FEW_MAX * BATCH_MAX // 30])
async def test_documents_that_lie_in_disorder_are_told_in_the_order_of_each_key(
    database: Database, log: MongoLog, things_count: int
) -> None:
    """As many as are read whole, as are looked through first, and as are moved in parts."""
    keys = [f"thing-{n}" for n in range(things_count)]
    writes = [
        packed(event_to_document(Event("bumped", key, revision), NOW) for key in part)
        for revision in (1, 2, 3)
        for part in (keys[::2], keys[1::2])
        if part
    ]
    disordered = [document for write in reversed(writes) for document in write]
    await database.collection("outbox").insert_many(disordered)
    sequencer = Sequencer(database, outbox=Signal(), appended=Signal())
    while await sequencer.move():
        pass

    told = await whole_log(log)
    assert [event.position for event in told] == list(range(1, 3 * things_count + 1))
    assert revisions_by_key(told) == {key: [1, 2, 3] for key in keys}


async def test_one_move_takes_no_more_than_a_slow_engine_can(
    database: Database, log: MongoLog
) -> None:
    events = (event_to_document(Event("bumped", f"t-{n}", 1), NOW) for n in range(9000))
    await database.collection("outbox").insert_many(packed(events))

    moved = await Sequencer(database, outbox=Signal(), appended=Signal()).move()

    assert BATCH_MAX <= moved < BATCH_MAX + EVENTS_MAX
    assert [event.key for event in await whole_log(log)] == [f"t-{n}" for n in range(moved)]


async def test_records_of_two_kinds_that_share_a_key_have_revisions_of_their_own(
    database: Database, log: MongoLog
) -> None:
    """A product changes often and its price seldom: none of these waits for another."""
    changes = [("product", f"sku-{n}", 9) for n in range(BATCH_MAX)]
    changes += [("price", f"sku-{n}", 2) for n in range(BATCH_MAX)]
    await database.collection("outbox").insert_many(
        document for each in changes for document in packed([change_told(*each)])
    )
    sequencer = Sequencer(database, outbox=Signal(), appended=Signal())
    moved = [await sequencer.move() for _ in range(3)]

    assert moved == [BATCH_MAX, BATCH_MAX, 0]
    read = [(event.name, event.key, event.revision) for event in await whole_log(log)]
    assert read == [(f"{kind}_changed", key, revision) for kind, key, revision in changes]
