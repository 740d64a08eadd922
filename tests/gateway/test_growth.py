"""What callers begin and do not end well leaves nothing in the gateway."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from comptoir.collect.v1 import order_service_pb2 as order_pb

from tests.gateway import given
from tests.gateway.house import House
from tests.gateway.raw import BOUND_S, END, HOST, asked, connected, framed, get, post
from tests.growth import assert_given_back

COUNT = 100
EVENTS = b"/v1/orders/order-1/events"
QUOTE = b"/v1/orders/quote"


async def watched(request: object) -> AsyncIterator[Any]:
    """An order, and nothing more of it for ever."""
    order = given.order(order_pb.ORDER_STATE_READY)
    yield order_pb.WatchOrderResponse(order=order)
    await asyncio.Event().wait()


async def survived(house: House, content: bytes) -> None:
    """A hundred connections that say this and are gone leave nothing behind."""

    async def abuse() -> None:
        async with AsyncExitStack() as stack, asyncio.timeout(BOUND_S):
            for _ in range(COUNT):
                _, writer = await stack.enter_async_context(connected(house.url))
                writer.write(content)
        assert (await house.get("/v1/categories")).status == 200
        forgotten(house)

    await assert_given_back(abuse)


async def test_event_streams_that_are_left_leave_nothing(house: House) -> None:
    house.neighbours["collect"].answers["WatchOrder"] = watched
    # The same each time: who is known is kept, up to a bound.
    tokens = [house.customer(f"anna-{number}").encode() for number in range(COUNT)]

    async def abuse() -> None:
        async with AsyncExitStack() as stack, asyncio.timeout(BOUND_S):
            for token in tokens:
                reader, writer = await stack.enter_async_context(connected(house.url))
                writer.write(get(EVENTS, b"Authorization: Bearer " + token))
                await reader.readuntil(b"data: ")
        forgotten(house)

    await assert_given_back(abuse)


def forgotten(house: House) -> None:
    """What the neighbours note of each question is not the gateway's."""
    for neighbour in house.neighbours.values():
        neighbour.asked.clear()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GET /v1/prod",
        b"GET /v1/categories HTTP/1.1\r\nHost: comptoir\r\nX-More: a",
        framed(QUOTE, b'{"lines": [', b"Content-Length: 500"),
        framed(QUOTE, b"5\r\n{}", b"Transfer-Encoding: chunked"),
        get(b"/v1/products/PER-1201"),
        get(b"/v1/categories").replace(END, b"\r\n") * 50,
        b"\x00" * 1_000,
    ],
    ids=[
        "silence",
        "half a line",
        "half a head",
        "half a body",
        "half a chunk",
        "a question without waiting for its answer",
        "many questions at once",
        "noise",
    ],
)
async def test_connections_that_break_off_leave_nothing(house: House, content: bytes) -> None:
    await survived(house, content)


@pytest.mark.parametrize(
    "content",
    [
        post(QUOTE, b"[" * 65_536),
        post(QUOTE, b" " * 65_537),
        get(b"/v1/products?q=" + b"a" * 9_000),
        b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 1_000 + END,
    ],
    ids=["deep", "too much", "a long line", "many headers"],
)
async def test_what_is_too_much_is_refused_and_leaves_nothing(house: House, content: bytes) -> None:
    async def abuse() -> None:
        for _ in range(20):
            assert 400 <= (await asked(house.url, content)).status < 500

    await assert_given_back(abuse)
