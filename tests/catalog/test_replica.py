"""What one process sees of what another one writes."""

import asyncio

from comptoir.catalog.v1 import product_service_pb2 as pb

from chassis.events import MemoryLog
from chassis.memory_records import MemoryRecords
from chassis.mongo import Database
from chassis.mongo_log import MongoLog
from chassis.mongo_records import MongoRecords
from chassis.sequencer import Sequencer
from chassis.signals import Signal
from services.catalog.kinds import KINDS
from services.catalog.replica import Replica
from services.catalog.view.reading import Views
from tests.catalog.given import Catalog, Clock, catalog, drill, price, texts, until_current
from tests.waiting import until


async def until_found(shop: Catalog, query: str, *skus: str) -> None:
    async def found() -> bool:
        return await shop.found(query) == list(skus)

    await until(found)


async def until_priced(shop: Catalog, minor: int) -> None:
    async def priced() -> bool:
        view = (await shop.views("PER-1801"))["PER-1801"]
        return view.price.amount.minor == minor

    await until(priced)


async def test_what_another_process_writes_is_seen_when_its_event_has_come() -> None:
    records = MemoryRecords(KINDS)
    async with catalog(records, records.log) as one, catalog(records, records.log) as other:
        await one.import_products(drill())
        await until_found(other, "perceuse", "PER-1801")
        await one.import_prices(price(8990))
        await until_priced(other, 8990)
        await one.import_prices(price(7990))
        await until_priced(other, 7990)
        await one.import_products(drill(title=texts(fr="Visseuse")))
        await until_found(other, "perceuse")


async def test_events_of_the_engine_reach_every_process(database: Database) -> None:
    outbox, appended = Signal(), Signal()
    records = MongoRecords(database, KINDS, committed=outbox.set)
    await records.ensure_indexes()
    log = MongoLog(database, appended)
    await log.ensure_epoch()
    sequencing = asyncio.create_task(Sequencer(database, outbox=outbox, appended=appended).run())
    async with catalog(records, log) as one, catalog(records, log) as other:
        await one.import_products(drill())
        await until_found(other, "perceuse", "PER-1801")
    sequencing.cancel()
    await asyncio.wait([sequencing])


async def test_when_the_log_was_replaced_everything_is_read_anew() -> None:
    records, silent = MemoryRecords(KINDS), MemoryLog()
    async with catalog(records) as one, catalog(records, silent) as other:
        await one.import_products(drill())
        assert await other.found("perceuse") == []
        await silent.begin_epoch()
        await until_found(other, "perceuse", "PER-1801")


async def test_a_process_that_does_not_hear_from_the_log_reads_the_store() -> None:
    records = MemoryRecords(KINDS)
    deaf = Replica(records, records.log)
    await deaf.load()
    views = Views(records, deaf, Clock())
    async with catalog(records) as shop:
        await shop.import_products(drill())
        await shop.import_prices(price(8990))
        before = await only_view(views)
        await shop.import_prices(price(7990))
        after = await only_view(views)

    assert (before.price.amount.minor, after.price.amount.minor) == (8990, 7990)


async def only_view(views: Views) -> pb.ProductView:
    [encoded] = await views.of(["PER-1801"], location_id="")
    return pb.ProductView.FromString(encoded)


async def test_what_was_read_is_not_read_again_until_it_changes() -> None:
    records = MemoryRecords(KINDS)
    async with catalog(records, MemoryLog()) as shop, catalog(records) as unheard:
        await shop.import_products(drill())
        await until_current(shop)
        before = await shop.views("PER-1801")
        await unheard.import_prices(price(8990))

        assert await shop.views("PER-1801") == before
