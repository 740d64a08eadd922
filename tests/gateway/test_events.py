"""Event streams: what is passed on, where they go on, how they end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec
from comptoir.collect.v1 import order_service_pb2 as order_pb
from comptoir.collect.v1 import picking_service_pb2 as picking_pb

from chassis.changes import Event
from chassis.errors import Kind
from services.gateway.streams import STREAMS_MAX
from tests.gateway import given
from tests.gateway.house import House, RefusedError, open_gateway
from tests.waiting import until

ORDER_EVENTS = "/v1/orders/order-1/events"
QUEUE_EVENTS = "/v1/terminal/queue/events?location_id=paris"


@dataclass(frozen=True, slots=True)
class Received:
    event: str
    id: str
    data: Any


@dataclass(frozen=True, slots=True)
class Stream:
    response: aiohttp.ClientResponse

    async def next(self) -> Received | None:
        """The next event; None at the end. Comments are skipped."""
        fields: dict[str, str] = {}
        async for raw in self.response.content:
            name, _, value = raw.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "data" in fields:
                data = msgspec.json.decode(fields["data"])
                return Received(fields["event"], fields.get("id", ""), data)
        return None

    async def all(self) -> list[Received]:
        found = []
        while (event := await self.next()) is not None:
            found.append(event)
        return found


@asynccontextmanager
async def opened(house: House, path: str, token: str, after: str = "") -> AsyncIterator[Stream]:
    headers = {"Authorization": f"Bearer {token}", "Last-Event-ID": after}
    async with house.http.get(path, headers=headers) as response:
        assert response.status == 200, await response.read()
        assert response.headers["Content-Type"] == "text/event-stream"
        yield Stream(response)


def orders(*states: int) -> list[order_pb.WatchOrderResponse]:
    return [
        order_pb.WatchOrderResponse(order=given.order(state, revision=n))
        for n, state in enumerate(states, 1)
    ]


def queue(*labels: str, cursor: str = "", complete: bool = False) -> picking_pb.WatchQueueResponse:
    listed = [order_pb.Order(order_id=label, label=label) for label in labels]
    return picking_pb.WatchQueueResponse(orders=listed, cursor=cursor, snapshot_complete=complete)


async def for_ever(*first: Any) -> AsyncIterator[Any]:
    for message in first:
        yield message
    await asyncio.Event().wait()


async def test_an_order_is_followed_to_its_end(house: House) -> None:
    house.neighbours["collect"].answers["WatchOrder"] = orders(
        order_pb.ORDER_STATE_CONFIRMED, order_pb.ORDER_STATE_READY, order_pb.ORDER_STATE_COLLECTED
    )
    async with opened(house, ORDER_EVENTS, house.customer()) as stream:
        events = await stream.all()

    assert [(one.event, one.id, one.data["state"]) for one in events] == [
        ("order", "1", "confirmed"),
        ("order", "2", "ready"),
        ("order", "3", "collected"),
    ]


async def test_it_goes_on_behind_the_last_event_that_came(house: House) -> None:
    house.neighbours["collect"].answers["WatchOrder"] = orders(order_pb.ORDER_STATE_READY)
    async with opened(house, ORDER_EVENTS, house.customer(), after="41") as stream:
        await stream.all()

    [request] = house.made("collect", "WatchOrder")
    assert request.after_revision == 41


async def test_an_event_id_that_is_none_begins_from_what_is(house: House) -> None:
    house.neighbours["collect"].answers["WatchOrder"] = orders(order_pb.ORDER_STATE_READY)
    async with opened(house, ORDER_EVENTS, house.customer(), after="9" * 40) as stream:
        await stream.all()

    [request] = house.made("collect", "WatchOrder")
    assert request.after_revision == 0


async def test_a_browser_is_told_not_to_come_back_when_the_order_has_ended(house: House) -> None:
    answered = await house.get(ORDER_EVENTS, token=house.customer(), Last_Event_ID="9")

    assert (answered.status, answered.body) == (204, b"")


async def test_what_is_refused_is_a_problem_and_no_stream(house: House) -> None:
    house.neighbours["collect"].answers["WatchOrder"] = RefusedError(
        Kind.NOT_FOUND, "UNKNOWN_ORDER"
    )
    refused = await house.get(ORDER_EVENTS, token=house.customer())

    assert (refused.status, refused.reason) == (404, "UNKNOWN_ORDER")


async def test_a_stream_that_breaks_ends_cleanly(house: House) -> None:
    async def broken(request: object) -> Any:
        yield orders(order_pb.ORDER_STATE_CONFIRMED)[0]
        raise RefusedError(Kind.UNAVAILABLE, "AWAY")

    house.neighbours["collect"].answers["WatchOrder"] = broken
    async with opened(house, ORDER_EVENTS, house.customer()) as stream:
        events = await stream.all()

    assert [one.data["state"] for one in events] == ["confirmed"]


async def test_a_snapshot_in_parts_is_one_snapshot_and_changes_to_it(house: House) -> None:
    house.neighbours["collect"].answers["WatchQueue"] = [
        queue("A", cursor="c1"),
        queue("B", cursor="c2", complete=True),
        queue("C", cursor="c3"),
    ]
    async with opened(house, QUEUE_EVENTS, house.staff()) as stream:
        events = await stream.all()

    assert [(one.event, one.id, labels(one)) for one in events] == [
        ("snapshot", "", ["A"]),
        ("change", "c2", ["B"]),
        ("change", "c3", ["C"]),
    ]


def labels(event: Received) -> list[str]:
    return [order["label"] for order in event.data["orders"]]


async def test_an_empty_shop_has_a_snapshot_too(house: House) -> None:
    house.neighbours["collect"].answers["WatchQueue"] = [queue(cursor="c1", complete=True)]
    async with opened(house, QUEUE_EVENTS, house.staff()) as stream:
        [event] = await stream.all()

    assert (event.event, event.id, labels(event)) == ("snapshot", "c1", [])


async def test_with_a_cursor_changes_follow_without_a_snapshot(house: House) -> None:
    house.neighbours["collect"].answers["WatchQueue"] = [queue("A", cursor="c8")]
    async with opened(house, QUEUE_EVENTS, house.staff(), after="c7") as stream:
        [event] = await stream.all()

    assert (event.event, event.id) == ("change", "c8")


async def test_a_cursor_that_is_too_old_begins_again_with_a_snapshot(house: House) -> None:
    def answer(request: picking_pb.WatchQueueRequest) -> Any:
        if request.cursor:
            return RefusedError(Kind.FAILED_PRECONDITION, "CURSOR_TOO_OLD")
        return [queue("A", cursor="c9", complete=True)]

    house.neighbours["collect"].answers["WatchQueue"] = answer
    async with opened(house, QUEUE_EVENTS, house.staff(), after="c1") as stream:
        [event] = await stream.all()

    assert (event.event, event.id) == ("snapshot", "c9")


async def test_bookmarks_alone_are_not_passed_on_each_time(house: House) -> None:
    bookmarks = [queue(cursor=f"c{n}") for n in range(50)]
    house.neighbours["collect"].answers["WatchQueue"] = [queue("A", cursor="c"), *bookmarks]
    async with opened(house, QUEUE_EVENTS, house.staff(), after="b") as stream:
        events = await stream.all()

    assert [labels(one) for one in events] == [["A"]]


async def test_who_leaves_ends_the_call_behind(house: House) -> None:
    left = asyncio.Event()

    async def watched(request: object) -> AsyncIterator[Any]:
        try:
            async for message in for_ever(*orders(order_pb.ORDER_STATE_READY)):
                yield message
        finally:
            left.set()

    house.neighbours["collect"].answers["WatchOrder"] = watched
    async with opened(house, ORDER_EVENTS, house.customer()) as stream:
        await stream.next()
        stream.response.close()

    async with asyncio.timeout(5):
        await left.wait()


async def test_one_caller_has_a_bounded_number_of_streams(house: House) -> None:
    house.neighbours["collect"].answers["WatchOrder"] = lambda _: for_ever(
        *orders(order_pb.ORDER_STATE_READY)
    )
    token = house.customer("greedy")
    async with aiohttp.ClientSession(house.url, connector=aiohttp.TCPConnector(limit=0)) as http:
        many = [
            await http.get(ORDER_EVENTS, headers={"Authorization": f"Bearer {token}"})
            for _ in range(STREAMS_MAX + 1)
        ]

        assert [one.status for one in many] == [200] * STREAMS_MAX + [429]
        for one in many:
            one.close()


async def test_streams_end_cleanly_when_the_gateway_closes() -> None:
    async with open_gateway(near_cache=False) as house:
        house.neighbours["collect"].answers["WatchOrder"] = lambda _: for_ever(
            *orders(order_pb.ORDER_STATE_READY)
        )
        async with opened(house, ORDER_EVENTS, house.customer()) as stream:
            await stream.next()
            house.opened.parts.streams.ending.set()

            assert await stream.next() is None
        refused = await house.get(ORDER_EVENTS, token=house.customer())
        assert (refused.status, refused.reason) == (503, "DRAINING")


async def test_a_session_that_ends_is_told_nothing_more() -> None:
    async with open_gateway(near_cache=False) as house:
        news = asyncio.Event()

        async def watched(request: object) -> AsyncIterator[Any]:
            first, second = orders(order_pb.ORDER_STATE_CONFIRMED, order_pb.ORDER_STATE_READY)
            yield first
            await news.wait()
            yield second

        house.neighbours["collect"].answers["WatchOrder"] = watched
        token = house.customer(session_id="s-1")
        async with opened(house, ORDER_EVENTS, token) as stream:
            await stream.next()
            ended = Event("session_revoked", "s-1", 2, {"session_id": "s-1"})
            house.neighbours["customer"].tells(ended)
            await until(lambda: is_refused(house, token))
            news.set()

            assert await stream.next() is None


async def is_refused(house: House, token: str) -> bool:
    return (await house.get("/v1/basket", token=token)).status == 401
