"""The shop's queue of orders, as it is and as it changes."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from aiohttp import web
from comptoir.collect.v1 import picking_service_pb2 as pb
from msgspec import Meta

from chassis.remote import RemoteError
from services.gateway.events import Sending, streamed
from services.gateway.mobile.order_views import Order, order_from_pb
from services.gateway.routes import EVENT_STREAM, FLOOR, Call, Route
from services.gateway.wire import NextPageToken, Nothing, PageSize, PageToken, Received, Sent

BOOKMARK_S = 15.0

ShopId = Annotated[str, Meta(min_length=1, max_length=64)]


class Queue(Sent):
    """A page of a shop's live orders, those due first."""

    orders: list[Order]
    next_page_token: NextPageToken


class QueueQuery(Received):
    location_id: ShopId
    page_size: PageSize = 0
    page_token: PageToken = ""


class QueueEvent(Sent):
    """Of event `snapshot`: what takes the place of all there was. Of `change`: what changed;
    an order that has ended is sent a last time."""

    orders: list[Order]


class QueueEventsQuery(Received):
    location_id: ShopId


async def list_queue(call: Call[Nothing, QueueQuery]) -> Queue:
    query = call.query
    request = pb.ListQueueRequest(
        location_id=query.location_id, page_size=query.page_size, page_token=query.page_token
    )
    page = await call.parts.peers.picking.ListQueue(request, metadata=call.metadata)
    return Queue(
        orders=[order_from_pb(order) for order in page.orders],
        next_page_token=page.next_page_token,
    )


async def watch_queue(call: Call[Nothing, QueueEventsQuery]) -> web.StreamResponse:
    return await streamed(call, queue_events(call))


async def queue_events(call: Call[Nothing, QueueEventsQuery]) -> AsyncGenerator[Sending, None]:
    """From Last-Event-ID on; where that is too old, from a snapshot, as without one."""
    cursor = call.http.headers.get("Last-Event-ID", "")
    try:
        async with aclosing(events_after(call, cursor)) as events:
            async for event in events:
                yield event
    except RemoteError as error:
        if not cursor or error.reason not in ("CURSOR_TOO_OLD", "INVALID_CURSOR"):
            raise
        async with aclosing(events_after(call, "")) as events:
            async for event in events:
                yield event


async def events_after(
    call: Call[Nothing, QueueEventsQuery], cursor: str
) -> AsyncGenerator[Sending, None]:
    """A snapshot in several parts is sent as one snapshot and changes to it.

    Its parts have no id but the last one: who came back in between would miss the others.
    Bookmarks, which only move the id on, are passed on from time to time.
    """
    now_s = asyncio.get_running_loop().time
    bookmark_at_s = now_s() + BOOKMARK_S
    name, complete = ("change", True) if cursor else ("snapshot", False)
    request = pb.WatchQueueRequest(location_id=call.query.location_id, cursor=cursor)
    watched = call.parts.peers.picking.WatchQueue(request, metadata=call.metadata)
    async with aclosing(aiter(watched)) as responses:
        async for response in responses:
            complete = complete or response.snapshot_complete
            news = response.orders or response.snapshot_complete or name == "snapshot"
            event = QueueEvent(orders=[order_from_pb(order) for order in response.orders])
            if news or now_s() >= bookmark_at_s:
                yield Sending(name, event, response.cursor if complete else "")
                bookmark_at_s = now_s() + BOOKMARK_S
            name = "change"


ROUTES = (
    Route(
        method="GET",
        path="/v1/terminal/queue",
        handler=list_queue,
        summary="The live orders of a shop, those due first",
        tag="Terminal",
        who=FLOOR,
        query=QueueQuery,
        answer=Queue,
        problems=("INVALID_PAGE", "UNKNOWN_LOCATION"),
    ),
    Route(
        method="GET",
        path="/v1/terminal/queue/events",
        handler=watch_queue,
        summary="The live orders of a shop, then each that changes; Last-Event-ID goes on",
        tag="Terminal",
        who=FLOOR,
        query=QueueEventsQuery,
        answer=QueueEvent,
        content_type=EVENT_STREAM,
        problems=("UNKNOWN_LOCATION",),
    ),
)
