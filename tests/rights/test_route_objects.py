"""What is another's and what is not there are one answer at the gateway too."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from services.gateway.routes import EVENT_STREAM, Route
from services.gateway.table import ROUTES
from tests.rights.callers import Caller, Issuers
from tests.rights.world import STRANGERS, World, unlike

# What a route takes, so that it is not for its body that it refuses.
BODIES: Mapping[str, Any] = {
    "picks": {"line_number": 1, "found_quantity": 1},
    "stage": {"bin_label": "B-1"},
    "hand-over": {"code": "00000000"},
    "cancel": {"cause": "no more"},
    "pack": {"lines": [], "bin_label": "B-1"},
    "receive": {"lines": [], "bin_label": "B-1"},
}
# Why there is nothing to be hidden.
REASONS: Mapping[str, str] = {
    "GET /v1/locations/{location_id}": "shops are for everybody to see",
    "GET /v1/locations/{location_id}/points": "points are for everybody to see",
    "POST /v1/terminals/{terminal_id}/challenges": "made for any id alike, without a look",
    "GET /v1/terminal/customers/{customer_id}": "staff help any customer, which is noted",
}
NAMING = [route for route in ROUTES if re.search(r"\{\w+_id\}", route.path)]


def key_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def test_every_reason_is_of_a_route() -> None:
    assert REASONS.keys() <= {key_of(route) for route in NAMING}


@pytest.mark.parametrize(
    "route", [route for route in NAMING if key_of(route) not in REASONS], ids=key_of
)
async def test_not_theirs_and_not_there_are_one_answer(
    http: aiohttp.ClientSession, issuers: Issuers, world: World, route: Route
) -> None:
    async def told(name: str, things: Mapping[str, str]) -> tuple[int, str]:
        token = world.callers[name].token_for(issuers, "gateway")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Idempotency-Key": str(uuid4())} if route.is_write else {}
        body = BODIES.get(route.path.rpartition("/")[2], {}) if route.method == "POST" else None
        path = route.path.format_map(things)
        async with http.request(route.method, path, json=body, headers=headers) as response:
            text = (await said(response)).decode()
        for thing in things.values():
            text = text.replace(thing, "THING")
        return response.status, re.sub(r"urn:comptoir:trace:\w+", "", text)

    nothing = {name: unlike(thing) for name, thing in world.things.items()}
    for stranger in STRANGERS:
        theirs = await told(stranger, world.things)
        assert theirs == await told(stranger, nothing), stranger
        assert theirs[0] == status_for(route, world.callers[stranger]), stranger
    if route.method == "GET":
        entitled = "owner" if "customer" in route.who else "seller"
        assert await told(entitled, world.things) != await told(entitled, nothing)


def status_for(route: Route, stranger: Caller) -> int:
    """Of what is not theirs: a wrong role is told so, before anything is looked for."""
    if stranger.proves is None:
        return 401
    return 404 if stranger.proves & route.who else 403


async def said(response: aiohttp.ClientResponse) -> bytes:
    """The whole body; of a stream that lives on, its first event."""
    if response.content_type == EVENT_STREAM:
        return await response.content.readuntil(b"\n\n")
    return await response.read()
