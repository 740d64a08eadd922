"""The HTTP API against its own description, by schemathesis, as everybody who may call it.

The same each time, and bounded: COMPTOIR_FUZZ_EXAMPLES says how many requests are invented for
each operation, beyond those that its description alone leads to.
"""

import asyncio
import os
import sys
import tomllib
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema
import msgspec
import pytest

from services.gateway.openapi import document
from services.gateway.reasons import stated
from services.gateway.routes import EVENT_STREAM, EVERYONE, Route
from services.gateway.table import ROUTES
from tests.fuzz.callers import SHOP, SOURCE, Door
from tests.suite import ROOT

EXAMPLES = os.environ.get("COMPTOIR_FUZZ_EXAMPLES", "2")
SETTINGS = ROOT / "tests/fuzz/schemathesis.toml"
DOCUMENT = document(ROUTES)
# They do not end, which schemathesis would wait for. Tried below, by this name.
ORDER_EVENTS = "GET /v1/orders/{order_id}/events"
QUEUE_EVENTS = "GET /v1/terminal/queue/events"
STREAMS = {ORDER_EVENTS, QUEUE_EVENTS}


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def caller_of(route: Route) -> str:
    """Who tries a route; that nobody else may is what tests/rights tries."""
    if route.who == EVERYONE:
        return "a visitor"
    return "a manager" if "staff:manager" in route.who else "a customer"


def routes_of(caller: str) -> list[str]:
    return [
        name_of(route)
        for route in ROUTES
        if caller_of(route) == caller and name_of(route) not in STREAMS
    ]


def test_only_what_does_not_end_is_left_out() -> None:
    assert {name_of(route) for route in ROUTES if route.content_type == EVENT_STREAM} == STREAMS


@pytest.mark.parametrize("caller", ["a visitor", "a customer", "a manager"])
async def test_every_answer_is_as_described(door: Door, tmp_path: Path, caller: str) -> None:
    routes, token = routes_of(caller), door.tokens[caller]
    await door.ordered()  # Lists show it, so its id is among those that are tried.
    headers = SOURCE | ({"Authorization": f"Bearer {token}"} if token else {})
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "schemathesis.cli"),
        *("--config-file", str(SETTINGS)),
        *("run", f"{door.url}/openapi.json", "--no-color", "--max-examples", EXAMPLES),
        *(word for route in routes for word in ("--include-name", route)),
        *(word for name, value in headers.items() for word in ("--header", f"{name}: {value}")),
        cwd=tmp_path,  # Where it leaves what it remembers.
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "gen")))},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output = (await process.communicate())[0].decode()

    assert process.returncode == 0, output
    assert f"Tested: {len(routes)}\n" in output, output


def test_what_fits_is_refused_by_rules_that_are_stated_alone() -> None:
    """The settings let those refuse it that have such a rule, and no others."""
    settings = tomllib.loads(SETTINGS.read_text())
    refusing = {
        status: {
            name
            for operation in settings["operations"]
            if status in accepted_by(operation)
            for name in named_by(operation)
        }
        for status in ("400", "401")
    }
    stating = {
        status: {
            name_of(route)
            for route in ROUTES
            if any(stated(each).status == int(status) for each in route.problems)
        }
        for status in refusing
    }
    assert refusing == stating


def accepted_by(operation: dict[str, Any]) -> list[str]:
    check = operation["checks"].get("positive_data_acceptance", {})
    return list(check.get("expected-statuses", ()))


def named_by(operation: dict[str, Any]) -> list[str]:
    names = operation["include-name"]
    return [names] if isinstance(names, str) else names


async def test_where_a_product_may_be_called_so_too_no_other_method_is_taken(door: Door) -> None:
    async with aiohttp.ClientSession(door.url, headers=SOURCE) as http:
        for method in ("PUT", "PATCH", "DELETE"):
            async with http.request(method, "/v1/products/batch") as response:
                assert response.status == 405, method
                assert response.headers["Allow"] == "POST", method


async def first_event(http: aiohttp.ClientSession, path: str, **headers: str) -> Any:
    """The data of the first event of the stream."""
    async with http.get(path, headers=headers) as response:
        assert (response.status, response.content_type) == (200, EVENT_STREAM)
        async for line in response.content:
            if line.startswith(b"data: "):
                return msgspec.json.decode(line.removeprefix(b"data: "))
    raise AssertionError("the stream ended")


def assert_described(route: str, content: Any) -> None:
    method, path = route.split(" ")
    described = DOCUMENT["paths"][path][method.lower()]["responses"]["200"]["content"]
    schema = described[EVENT_STREAM]["schema"] | {"components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(schema).validate(content)


async def refusals(http: aiohttp.ClientSession, route: str, paths: list[str]) -> list[str]:
    """Why each is refused. AssertionError for a reason that the route does not state."""
    method, path = route.split(" ")
    described = DOCUMENT["paths"][path][method.lower()]["responses"]
    found = []
    for each in paths:
        async with http.get(each) as response:
            problem = await response.json(content_type="application/problem+json")
            assert f"`{problem['reason']}`" in described[str(response.status)]["description"]
            found.append(problem["reason"])
    return found


ODD_IDS = ["%00", "x" * 5_000, "%F0%9F%94%A8", "%ed%a0%80", "..%2f..", "%27%20or%201"]


def as_caller(door: Door, caller: str) -> aiohttp.ClientSession:
    headers = {**SOURCE, "Authorization": f"Bearer {door.tokens[caller]}"}
    return aiohttp.ClientSession(door.url, headers=headers, requote_redirect_url=False)


async def test_the_events_of_an_order_are_as_described(door: Door) -> None:
    order_id = await door.ordered()
    async with as_caller(door, "a customer") as http:
        assert_described(ORDER_EVENTS, await first_event(http, f"/v1/orders/{order_id}/events"))
        odd = [f"/v1/orders/{each}/events" for each in ODD_IDS]
        assert set(await refusals(http, ORDER_EVENTS, odd)) == {"UNKNOWN_ORDER"}


async def test_the_events_of_a_queue_are_as_described(door: Door) -> None:
    order_id = await door.ordered()
    async with as_caller(door, "a manager") as http:
        path = f"/v1/terminal/queue/events?location_id={SHOP}"
        for last in ("", "not ours", "e" * 4_000, "ZXBvY2ggOTk5OTk5OTk5OTk5OTk5OTk5"):
            event = await first_event(http, path, **{"Last-Event-ID": last})
            assert_described(QUEUE_EVENTS, event)
            assert order_id in {order["order_id"] for order in event["orders"]}
        odd = [f"/v1/terminal/queue/events?location_id={each}" for each in ("", *ODD_IDS)]
        reasons = await refusals(http, QUEUE_EVENTS, [*odd, f"{path}&location_id=again"])
        assert set(reasons) <= {"INVALID_REQUEST", "UNKNOWN_LOCATION"}
