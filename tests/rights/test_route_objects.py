"""What is another's and what is not there are one answer at the gateway too."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from services.gateway.routes import Route
from services.gateway.table import ROUTES
from tests.rights.callers import Issuers
from tests.rights.world import World, unlike

# What a route takes, so that it is not for its body that it refuses.
BODIES: Mapping[str, Any] = {
    "picks": {"line_number": 1, "found_quantity": 1},
    "stage": {"bin_label": "B-1"},
    "hand-over": {"code": "00000000"},
    "cancel": {"cause": "no more"},
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
    stranger = "other" if "customer" in route.who else "other seller"
    entitled = "owner" if "customer" in route.who else "seller"

    async def told(name: str, things: Mapping[str, str]) -> tuple[int, str]:
        token = world.callers[name].token_for(issuers, "gateway")
        headers = {"Authorization": f"Bearer {token}"}
        headers |= {"Idempotency-Key": str(uuid4())} if route.is_write else {}
        body = BODIES.get(route.path.rpartition("/")[2], {}) if route.method == "POST" else None
        path = route.path.format_map(things)
        async with http.request(route.method, path, json=body, headers=headers) as response:
            text = (await response.content.readany()).decode()
        for thing in things.values():
            text = text.replace(thing, "THING")
        return response.status, re.sub(r"urn:comptoir:trace:\w+", "", text)

    theirs = await told(stranger, world.things)
    assert theirs == await told(stranger, {name: unlike(t) for name, t in world.things.items()})
    assert theirs[0] == 404
    if route.method == "GET":
        assert await told(entitled, world.things) != theirs
