"""I8: no answer contains another's data. Everybody calls all that they may, and nothing of the
owner's comes back but what their right is to see; the owner's marks stand in every field.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import aiohttp
import grpc
import pytest

from services.gateway.table import ROUTES
from tests.rights.callers import CLIENTS, ELSEWHERE, HERE, Caller, Issuers, bearer
from tests.rights.methods import METHODS, Method, call
from tests.rights.world import SKU, World

STRANGERS = ("visitor", "other", "other seller", "other manager", "other operator", "other market")
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
    # Events carry ids, and a terminal that is enrolled is one of them.
    ("client:events.read", "EventService.WatchEvents"): {*IDS, "terminal", "purchase"},
}
# Articles are everybody's to read, in a basket or not.
GOODS = {"ProductService", "PriceService", "ReviewService", "StockService", "EventService"}
GOODS_PATHS = ("/v1/products", "/v1/categories")


def plausible(method: Method, things: Mapping[str, str], location_id: str) -> Any:
    """A request for as much as there is, and for the owner's things wherever it can name them.

    Its request_id is none, so that it writes nothing.
    """
    if method.descriptor.client_streaming:
        return None
    known = {**things, "location_id": location_id, "sku": SKU, "page_size": 100}
    request = method.request()
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


async def seen(
    channels: Mapping[str, grpc.aio.Channel],
    issuers: Issuers,
    caller: Caller,
    world: World,
    locations: Iterable[str],
) -> dict[tuple[Method, str], tuple[Any, bytes]]:
    """All that a caller is told, by method and location asked for."""
    asked = {
        (method, location_id): plausible(method, world.things, location_id)
        for method in METHODS
        for location_id in locations
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
    told = await seen(channels, issuers, caller, world, (HERE, ELSEWHERE))
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
        told = await seen(channels, issuers, world.callers[name], world, (HERE,))
        for request, content in told.values():
            found |= marks_in(content, world.marks) - asked_for(request, world.marks)
    hidden = {"payment", "terminal", "label"}  # The provider's, and what a terminal alone is told.
    assert found | hidden >= world.marks.keys() - {"customer"}


@pytest.mark.parametrize("name", ["visitor", "other", "other seller", "other manager"])
async def test_nothing_of_anothers_is_told_by_the_gateway(
    http: aiohttp.ClientSession, issuers: Issuers, world: World, name: str
) -> None:
    token = world.callers[name].token_for(issuers, "gateway")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    leaks = {}
    for route in (route for route in ROUTES if route.method == "GET"):
        path = route.path.format_map({**world.things, "sku": SKU})
        async with http.get(path, headers=headers) as response:
            first = await response.content.readany()
            content = first + repr(dict(response.headers)).encode()
        shown = {"name"} if "customers" in path else set()
        shown |= {"basket"} if path.startswith(GOODS_PATHS) else set()
        leaks[path] = marks_in(content, world.marks) - marks_in(path.encode(), world.marks) - shown
    assert not any(leaks.values()), leaks
