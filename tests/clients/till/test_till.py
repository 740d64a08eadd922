"""What the till tells and hears: once, in order, over every interruption."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from comptoir.inventory.v1 import location_service_pb2 as location_pb
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1.location_service_pb2_grpc import LocationServiceStub
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from chassis.events import LogCursor, encode_cursor
from clients.house import CannotRunError, Session
from clients.till import orders, sale, watch
from comptoir_client import CursorFile, StockCopy, calling, stock_changes
from services.inventory.stock.domain import Place
from services.inventory.stock.store import ROWS
from tests.clients.behaving import STOCK, SignedIn, channel_to
from tests.clients.shop import Shop

WAIT_S_MAX = 20.0
LYON = location_pb.Location(
    location_id="lyon",
    kind=location_pb.LOCATION_KIND_SHOP,
    name="Lyon",
    address=location_pb.Address(country="FR"),
    time_zone="Europe/Paris",
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "PAUSE_FIRST_S", 0.0)


@pytest.fixture
async def stocked(house: Shop) -> Shop:
    """Seven lamps in Lyon."""
    async with line(house, "inventory") as (channel, session):
        metadata = await session.metadata()
        locations: Any = LocationServiceStub(channel).ImportLocations
        await locations(
            iter([location_pb.ImportLocationsRequest(location=LYON)]), metadata=metadata
        ).read()
        stock: Any = StockServiceStub(channel).ImportStock
        seven = pb.ImportStockRequest(location_id="lyon", sku="LAMP", sellable_quantity=7)
        await stock(iter([seven]), metadata=metadata).read()
    return house


@asynccontextmanager
async def line(house: Shop, service: str) -> AsyncIterator[tuple[grpc.aio.Channel, Session]]:
    access = house.access
    async with access.channel("associate") as associate, access.channel(service) as channel:
        yield channel, Session(access, associate)


async def lamps(house: Shop) -> int:
    row = await house.inventory.find(ROWS, Place("lyon", "LAMP"))
    assert row is not None
    return row.sellable


async def test_a_receipt_told_twice_is_sold_once(stocked: Shop) -> None:
    arguments = ("sell", "--location", "lyon", "--sku", "LAMP", "--quantity", "2")
    first = await stocked.till(*arguments, "--receipt", "R-1")
    second = await stocked.till(*arguments, "--receipt", "R-1")

    assert (first.code, first.err, second.out) == (0, "", first.out)
    assert first.out.startswith("lyon LAMP: 5 sellable, 0 held, 0 short")
    assert await lamps(stocked) == 5


async def test_two_sales_without_a_receipt_are_two(stocked: Shop) -> None:
    async with line(stocked, "inventory") as (channel, session):
        for _ in range(2):
            request = sale.request_of(location_id="lyon", sku="LAMP", quantity=1)
            await sale.sell(channel, session, request)

    assert await lamps(stocked) == 5


async def test_a_refused_sale_is_two_and_says_why(stocked: Shop) -> None:
    ended = await stocked.till("sell", "--location", "nice", "--sku", "LAMP")

    assert (ended.code, ended.out) == (2, "")
    assert "UNKNOWN_LOCATION" in ended.err


async def test_a_sale_that_was_not_answered_goes_out_again_under_its_id() -> None:
    taken = list[str]()

    async def record(request: pb.RecordSaleRequest, context: Any) -> pb.RecordSaleResponse:
        taken.append(request.request_id)
        if len(taken) < 3:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "on its way out")
        return pb.RecordSaleResponse(rows=[pb.StockRow(sku="LAMP")])

    async with channel_to(STOCK, RecordSale=record) as channel:
        request = sale.request_of(location_id="lyon", sku="LAMP", quantity=1)
        await sale.sell(channel, SignedIn(), request)

    assert taken == [request.request_id] * 3


async def test_the_watch_tells_a_snapshot_and_then_each_change(stocked: Shop) -> None:
    copy = StockCopy(["lyon"])
    async with watched(stocked, copy) as (changes, sell):
        assert await snapshot(changes, copy) == 1
        await sell(2)
        [row] = await news(changes)

    assert watch.text_of(row).startswith("lyon LAMP: 5 sellable")


async def test_the_watch_goes_on_where_it_was_without_telling_twice(stocked: Shop) -> None:
    copy = StockCopy(["lyon"])
    async with watched(stocked, copy) as (changes, sell):
        await snapshot(changes, copy)
    async with watched(stocked, copy) as (changes, sell):
        await sell(2)
        [row] = await news(changes)

    assert row.buckets[0].quantity == 5


async def test_a_cursor_too_old_leads_to_a_snapshot_of_which_only_news_is_told(
    stocked: Shop,
) -> None:
    copy = StockCopy(["lyon"])
    async with watched(stocked, copy) as (changes, sell):
        await snapshot(changes, copy)
    async with watched(stocked, copy) as (changes, sell):
        await sell(2)
        await stocked.inventory.log.begin_epoch()
        [row] = await news(changes)

    assert row.buckets[0].quantity == 5


async def test_order_events_come_in_order_and_after_a_restart_from_the_cursor(
    house: Shop,
) -> None:
    file = CursorFile(house.folder / "cursor")
    house.orders.append([ready("o-1", 1), ready("o-2", 1)])
    async with followed(house, file) as events:
        first = [await anext(events), await anext(events)]
        house.orders.append([ready("o-1", 2)])
        first.append(await anext(events))
    async with followed(house, file) as events:
        again_told = await anext(events)

    assert [(e.key, e.revision) for e in first] == [("o-1", 1), ("o-2", 1), ("o-1", 2)]
    # It was told, but nobody came back for the next: so it may not have been taken in.
    assert (again_told.key, again_told.revision) == ("o-1", 2)


async def test_an_order_event_tells_ids_lines_and_states(house: Shop) -> None:
    house.orders.append([ready("o-1", 3)])
    async with followed(house, CursorFile(house.folder / "cursor")) as events:
        event = await anext(events)
    told = json.loads(orders.text_of(event))

    assert (told["event"], told["order_id"], told["revision"]) == ("order_ready", "o-1", 3)
    assert told["state"] == "ORDER_STATE_READY"
    assert told["lines"] == [{"sku": "LAMP", "quantity": 2, "state": "LINE_STATE_READY"}]


async def test_events_that_are_no_longer_kept_stop_it_with_what_to_do(house: Shop) -> None:
    file = CursorFile(house.folder / "cursor")
    file.save(encode_cursor(LogCursor("another", 1)))
    async with followed(house, file) as events:
        with pytest.raises(CannotRunError, match="no longer kept"):
            await anext(events)


@asynccontextmanager
async def watched(house: Shop, copy: StockCopy) -> AsyncIterator[Any]:
    async with line(house, "inventory") as (channel, session), asyncio.timeout(WAIT_S_MAX):

        async def sell(quantity: int) -> None:
            await sale.sell(channel, session, sold(quantity))

        async with aclosing(stock_changes(channel, session, copy)) as changes:
            yield changes, sell


async def snapshot(changes: Any, copy: StockCopy) -> int:
    """How many rows it has; none of them is news."""
    while not copy.is_whole:
        assert await anext(changes) == []
    return len(copy.rows)


async def news(changes: Any) -> Any:
    """The next rows that are; bookmarks come in between."""
    while not (rows := await anext(changes)):
        pass
    return rows


@asynccontextmanager
async def followed(house: Shop, file: CursorFile) -> AsyncIterator[Any]:
    async with line(house, "collect") as (channel, session), asyncio.timeout(WAIT_S_MAX):
        async with aclosing(orders.events(channel, session, file)) as events:
            yield events


def sold(quantity: int) -> pb.RecordSaleRequest:
    return sale.request_of(location_id="lyon", sku="LAMP", quantity=quantity)


def ready(order_id: str, revision: int) -> dict[str, Any]:
    detail = {
        **{"order_id": order_id, "location_id": "lyon", "point_id": "lyon-counter"},
        **{"state": "ready", "currency": "EUR"},
        "lines": [
            {
                **{"line_number": 1, "sku": "LAMP", "quantity": 2, "found_quantity": 2},
                **{"total_minor": 2, "unit_price_minor": 1, "state": "ready"},
            }
        ],
    }
    return {
        **{"name": "order_ready", "key": order_id, "revision": revision, "detail": detail},
        "occur_time": datetime(2026, 1, 2, tzinfo=UTC),
    }
