"""I8: no answer contains another's data. Everybody calls all that they may, and nothing of the
owner's comes back but what their right is to see; the owner's marks stand in every field.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import aiohttp
import grpc
import pytest

from services.gateway.routes import Route
from services.gateway.table import ROUTES
from tests.rights.callers import CLIENTS, ELSEWHERE, HERE, Caller, Issuers, bearer
from tests.rights.methods import METHODS, Method, call
from tests.rights.test_route_objects import BODIES as TAKEN
from tests.rights.test_route_objects import said
from tests.rights.world import SKU, STRANGERS, World

CLIENT_NAMES = tuple(str(client) for client in CLIENTS)

IDS = {"order 0", "order 1", "order 2", "reservation 0", "reservation 1", "customer", "document"}
# What a right shows of the owner, beyond what was asked for by its id.
SHOWN: Mapping[tuple[str, str], set[str]] = {
    # Staff of any shop help any customer; each such read is noted.
    **{
        (seller, method): shown
        for seller in ("other seller", "other manager")
        for method, shown in {
            "ProfileService.GetProfile": {"name"},
            "HistoryService.ListPurchases": {"purchase"},
        }.items()
    },
    # The whole chain's orders, without whose they are.
    **{
        ("client:order.read", f"OrderService.{method}"): {"bin"}
        for method in ("GetOrder", "WatchOrder")
    },
    # The whole chain's ledger, with the documents its movements are of.
    ("client:stock.read", "StockService.ExplainQuantity"): IDS - {"customer"},
    # Who enrols the chain's terminals sees which there are, and takes one away by its id.
    ("client:terminal.enrol", "TerminalService.ListTerminals"): {"label", "terminal"},
    ("client:terminal.enrol", "TerminalService.RevokeTerminal"): {"label"},
    # Events carry ids, and a terminal that is enrolled is one of them.
    ("client:events.read", "EventService.WatchEvents"): {*IDS, "terminal", "purchase"},
}
# Articles are everybody's to read, in a basket or not.
GOODS = {"ProductService", "PriceService", "ReviewService", "StockService", "EventService"}
GOODS_PATHS = ("/v1/products", "/v1/categories")


# Ends the session of whoever calls, and with it all that is asked after it.
ENDING, ENDING_PATH = "IdentityService.SignOut", "/v1/sessions/current"
LINE = {"sku": SKU, "quantity": 1}
# What a method needs besides, so that it is not for want of it that nothing is told.
MORE: Mapping[str, Mapping[str, Any]] = {
    "BasketService.SetBasketLine": {"quantity": 1},
    "OrderService.CancelOrder": {"cause": "no more"},
    "OrderService.QuoteOrder": {"lines": [LINE]},
    "PickingService.HandOver": {"code": "00000000"},
    "PickingService.ListParcels": {"direction": 1},
    "PickingService.PackParcel": {"lines": [{"sku": SKU, "quantity": 1}], "bin_label": "B-1"},
    "PickingService.ReceiveParcel": {"lines": [{"sku": SKU, "quantity": 1}], "bin_label": "B-1"},
    "PickingService.RecordPick": {"line_number": 1, "found_quantity": 1},
    "PickingService.StageOrder": {"bin_label": "B-1"},
    "PointService.ListPickUpOptions": {"lines": [LINE]},
    "ReservationService.Renew": {"hold_duration": {"seconds": 600}},
    "ReservationService.Reserve": {
        "lines": [{**LINE, "location_id": ELSEWHERE}],
        "hold_duration": {"seconds": 60},
    },
    "ReservationService.Supersede": {"lines": [{**LINE, "location_id": ELSEWHERE}]},
    "SourcingService.Source": {"pick_up_location_id": HERE, "lines": [LINE]},
    "StuckOrderService.AbandonParcelTask": {"task": 3, "cause": "gone"},
    "StuckOrderService.AbandonStep": {"step": 1, "cause": "gone"},
    "TerminalService.RevokeTerminal": {"cause": "gone"},
    "TransferService.CloseTransfer": {"cause": "gone"},
    "TransferService.ListTransfers": {"source_location_id": HERE},
    "TransferService.ReceiveTransfer": {"lines": [{"sku": SKU, "received_quantity": 1}]},
}
QUERY = {"location_id": HERE, "q": "casque"}
BODIES: Mapping[str, Any] = {
    **TAKEN,
    "batch": {"skus": [SKU], "location_id": HERE},
    "pickup-options": {"lines": [LINE]},
    "quote": {"lines": [LINE]},
}


def plausible(method: Method, things: Mapping[str, str], location_id: str, *, writes: bool) -> Any:
    """A request for as much as there is, and for the owner's things wherever it can name them.

    Unless `writes`, its request_id is none: whoever may write would change what others look for.
    """
    if method.descriptor.client_streaming:
        return None
    known = {**things, "location_id": location_id, "sku": SKU, "page_size": 100}
    if "request_id" in method.descriptor.input_type.fields_by_name:
        known["request_id"] = str(uuid4()) if writes and method.name != ENDING else "none"
        known["order_id"] = things["open_order_id"]  # With which something can be done.
    request = method.request(**MORE.get(method.name, {}))
    for field in method.descriptor.input_type.fields:
        name = field.name.removesuffix("s") if field.is_repeated else field.name
        if name not in known:
            continue
        if field.is_repeated:
            getattr(request, field.name).append(known[name])
        else:
            setattr(request, field.name, known[name])
    if "query" in method.descriptor.input_type.fields_by_name:
        request.query = "casque"  # type: ignore[attr-defined]
    return request


def marks_in(content: bytes, marks: Mapping[str, str]) -> set[str]:
    return {name for name, mark in marks.items() if mark.encode() in content}


def asked_for(request: Any, marks: Mapping[str, str]) -> set[str]:
    return marks_in(request.SerializeToString(), marks) if request is not None else set()


def shown_to(name: str, method: Method) -> set[str]:
    goods = {"basket"} if method.name.split(".")[0] in GOODS else set()
    return SHOWN.get((name, method.name), set()) | goods


def asks_where(method: Method) -> bool:
    fields = method.descriptor.input_type.fields_by_name
    return "location_id" in fields or "location_ids" in fields


async def seen(
    channels: Mapping[str, grpc.aio.Channel],
    issuers: Issuers,
    caller: Caller,
    world: World,
    locations: Sequence[str],
    *,
    writes: bool,
) -> dict[tuple[Method, str], tuple[Any, bytes]]:
    """All that a caller is told, by method and location asked for."""
    asked = {
        (method, location_id): plausible(method, world.things, location_id, writes=writes)
        for method in METHODS
        for location_id in (locations if asks_where(method) else locations[:1])
    }
    replies = await asyncio.gather(
        *(
            call(
                channels[method.service],
                method,
                request,
                bearer(caller.token_for(issuers, method.service)),
            )
            for (method, _), request in asked.items()
        )
    )
    return {
        key: (request, reply.content)
        for (key, request), reply in zip(asked.items(), replies, strict=True)
    }


@pytest.mark.parametrize("name", [*STRANGERS, *CLIENT_NAMES])
async def test_nothing_of_anothers_is_told(
    channels: Mapping[str, grpc.aio.Channel], issuers: Issuers, world: World, name: str
) -> None:
    clients = {str(client): client for client in CLIENTS}
    caller = {**world.callers, **clients}[name]
    told = await seen(channels, issuers, caller, world, (HERE, ELSEWHERE), writes=True)
    leaks = {
        str(method): leaked
        for (method, _), (request, content) in told.items()
        if (
            leaked := marks_in(content, world.marks)
            - asked_for(request, world.marks)
            - shown_to(name, method)
        )
    }
    assert not leaks


async def test_every_mark_is_told_to_somebody_who_has_a_right_to_it(
    channels: Mapping[str, grpc.aio.Channel], issuers: Issuers, world: World
) -> None:
    """Else it would stand nowhere, and its absence would say nothing."""
    found: set[str] = set()
    for name in ("owner", "seller", "market"):
        told = await seen(channels, issuers, world.callers[name], world, (HERE,), writes=False)
        for request, content in told.values():
            found |= marks_in(content, world.marks) - asked_for(request, world.marks)
    hidden = {"payment", "terminal", "label"}  # The provider's, and what a terminal alone is told.
    assert found | hidden >= world.marks.keys() - {"customer"}


@pytest.mark.parametrize("name", STRANGERS)
async def test_nothing_of_anothers_is_told_by_the_gateway(
    http: aiohttp.ClientSession, issuers: Issuers, world: World, name: str
) -> None:
    token = world.callers[name].token_for(issuers, "gateway")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    leaks = {}
    for route in ROUTES:
        if route.path == ENDING_PATH:
            continue
        path, content = await shown_by(http, route, world, headers)
        shown = {"name"} if "customers" in path else set()
        shown |= {"basket"} if path.startswith(GOODS_PATHS) else set()
        leaks[path] = marks_in(content, world.marks) - marks_in(path.encode(), world.marks) - shown
    assert not any(leaks.values()), leaks


async def shown_by(
    http: aiohttp.ClientSession, route: Route, world: World, headers: Mapping[str, str]
) -> tuple[str, bytes]:
    """The path asked at, for the owner's things, and all that comes back."""
    things = {**world.things, "sku": SKU}
    things |= {"order_id": things["open_order_id"]} if route.is_write else {}
    path = route.path.format_map(things)
    body = BODIES.get(path.rpartition("/")[2], {}) if route.method in ("POST", "PUT") else None
    key = {"Idempotency-Key": str(uuid4())} if route.is_write else {}
    query = {name: QUERY[name] for name in QUERY.keys() & set(route.query.__struct_fields__)}
    async with http.request(
        route.method, path, params=query, json=body, headers={**headers, **key}
    ) as response:
        return path, await said(response) + repr(dict(response.headers)).encode()
