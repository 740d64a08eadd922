"""What waits, as operators are shown it, on a real engine."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from chassis.backlogs import Backlogs
from chassis.changes import Changed
from chassis.events import LogCursor, encode_cursor
from chassis.mongo import Database, connect
from chassis.mongo_log import MongoLog
from chassis.mongo_records import MongoRecords
from chassis.progress import CURSORS, Cursor
from chassis.records import Ref
from chassis.sequencer import Sequencer
from chassis.signals import Signal
from tests.background import background
from tests.chassis.event_house import KINDS, bump
from tests.waiting import until

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = timedelta(seconds=90)


class House:
    """Events are written at noon and looked at 90 seconds later."""

    def __init__(self, database: Database) -> None:
        self.database, self.registry = database, CollectorRegistry()
        self.log = MongoLog(database, Signal())
        self.records = MongoRecords(database, KINDS, clock=lambda: NOON)
        self.backlogs = Backlogs(
            database, self.log, self.records, registry=self.registry, clock=lambda: NOON + LATER
        )

    def shows(self, name: str, **labels: str) -> float:
        value = self.registry.get_sample_value(name, labels)
        assert value is not None, name
        return value


@pytest.fixture
async def house(database: Database) -> House:
    opened = House(database)
    await opened.log.ensure_epoch()
    await opened.records.ensure_indexes()
    return opened


async def test_events_without_a_position_are_counted_with_the_age_of_the_first(
    house: House,
) -> None:
    await bump(house.records, "lamp")
    await bump(house.records, "lamp", "saw")
    await house.backlogs.look()

    assert house.shows("outbox_events") == 3
    assert house.shows("outbox_oldest_seconds") == LATER.total_seconds()
    assert house.shows("event_log_position") == 0


async def test_of_very_many_that_wait_the_first_are_counted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.backlogs.COUNTED_MAX", 2)
    for _ in range(4):
        await bump(house.records, "lamp", "saw")
    await house.backlogs.look()

    assert house.shows("outbox_events") == 8


async def test_what_has_a_position_waits_no_more(house: House) -> None:
    await bump(house.records, "lamp")
    await house.backlogs.look()
    await Sequencer(house.database, outbox=Signal(), appended=Signal()).move()
    await house.backlogs.look()

    assert house.shows("outbox_events") == 0
    assert house.shows("outbox_oldest_seconds") == 0
    assert house.shows("event_log_position") == 1


async def test_a_consumer_is_where_its_cursor_is_even_beyond_its_last_event(house: House) -> None:
    cursor = Cursor(
        consumer="places",
        cursor=encode_cursor(LogCursor("epoch", 7)),
        position=3,
        parked={"lamp": 2, "saw": 1},
        parked_count=9,
    )
    await house.records.update(
        [Ref(CURSORS, "places")],
        lambda state: Changed(answer=cursor, records=(cursor,)),
        answer=Cursor,
        timeout_s=5,
    )
    await house.backlogs.look()

    assert house.shows("consumer_position", consumer="places") == 7
    assert house.shows("consumer_parked_events", consumer="places") == 3


async def test_before_anybody_has_looked_nothing_is_said_to_wait_or_not_to(
    house: House,
) -> None:
    for name in ("outbox_events", "outbox_oldest_seconds", "event_log_position"):
        assert math.isnan(house.shows(name))


async def test_while_the_engine_is_away_what_waits_is_unknown(
    house: House,
) -> None:
    away = "mongodb://127.0.0.1:1/?timeoutMS=100"
    async with connect(away, house.database.name) as nowhere:
        lost = House(nowhere)
        lost.backlogs._waiting.set(5)
        lost.backlogs._tell(Cursor(consumer="places", position=3))
        async with background(lost.backlogs.run()):

            async def unknown() -> bool:
                return math.isnan(lost.shows("outbox_events"))

            await until(unknown)
        assert math.isnan(lost.shows("consumer_position", consumer="places"))
        assert math.isnan(lost.shows("consumer_parked_events", consumer="places"))
