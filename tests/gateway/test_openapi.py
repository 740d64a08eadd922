"""The OpenAPI document and the page made of it: whole, and in agreement with what is served."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.gateway.openapi import document, reasons_of
from services.gateway.problems import TITLES
from services.gateway.reasons import REASONS
from services.gateway.reference.page import page
from services.gateway.routes import Route
from services.gateway.table import ROUTES
from tests.gateway.house import House

DOCUMENT = document(ROUTES)
EVERY_ROUTE = pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.method} {r.path}")
TYPES = {"object", "array", "string", "integer", "number", "boolean", "null"}
# Routes of baskets, orders and picking, and the call of collect behind each.
RPCS = {
    "PUT /v1/basket/lines/{sku}": "SetBasketLine",
    "POST /v1/pickup-options": "ListPickUpOptions",
    "POST /v1/orders/quote": "QuoteOrder",
    "POST /v1/orders": "PlaceOrder",
    "GET /v1/orders": "ListOrders",
    "GET /v1/orders/{order_id}": "GetOrder",
    "POST /v1/orders/{order_id}/cancel": "CancelOrder",
    "GET /v1/orders/{order_id}/code": "GetCollectCode",
    "GET /v1/orders/{order_id}/code.svg": "GetCollectCode",
    "GET /v1/orders/{order_id}/events": "WatchOrder",
    "GET /v1/terminal/queue": "ListQueue",
    "GET /v1/terminal/queue/events": "WatchQueue",
    "GET /v1/terminal/orders/{order_id}": "GetOrder",
    "POST /v1/terminal/orders/{order_id}/picks": "RecordPick",
    "POST /v1/terminal/orders/{order_id}/stage": "StageOrder",
    "POST /v1/terminal/orders/{order_id}/load": "LoadLocker",
    "POST /v1/terminal/orders/{order_id}/take-back": "TakeBack",
    "POST /v1/terminal/orders/{order_id}/hand-over": "HandOver",
    "POST /v1/terminal/orders/{order_id}/cancel": "CancelOrder",
    "GET /v1/terminal/parcels/outgoing": "ListParcels",
    "GET /v1/terminal/parcels/incoming": "ListParcels",
    "POST /v1/terminal/parcels/{parcel_id}/pack": "PackParcel",
    "POST /v1/terminal/parcels/{parcel_id}/send": "SendParcel",
    "POST /v1/terminal/parcels/{parcel_id}/receive": "ReceiveParcel",
}
# A cursor that is no good begins again by itself; a page's size is bounded by the body's struct;
# which way parcels go is in the path.
NEVER_PASSED_ON = {
    "WatchQueue": {"CURSOR_TOO_OLD", "INVALID_CURSOR"},
    "ListParcels": {"INVALID_PARCEL"},
    "ListPickUpOptions": {"INVALID_PAGE"},
}
KEYWORDS = set(
    "$ref type properties required items anyOf enum const title description default examples "
    "format minimum maximum minLength maxLength minItems maxItems pattern additionalProperties "
    "contentEncoding".split()
)


def refs_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from refs_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from refs_in(item)


def operation_of(route: Route) -> Any:
    return DOCUMENT["paths"][route.path][route.method.lower()]


@EVERY_ROUTE
def test_every_route_is_described(route: Route) -> None:
    assert operation_of(route)["summary"] == route.summary


def test_nothing_is_described_that_is_not_served() -> None:
    described = {
        (method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods
    }

    assert described == {(route.method, route.path) for route in ROUTES}


def test_every_reference_leads_somewhere() -> None:
    found = set(refs_in(DOCUMENT))
    names = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}

    assert found <= names


def test_every_body_is_used() -> None:
    used = {ref.rpartition("/")[2] for ref in refs_in(DOCUMENT)}

    assert used == set(DOCUMENT["components"]["schemas"])


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_every_body_is_a_json_schema(name: str) -> None:
    schema = DOCUMENT["components"]["schemas"][name]
    check_schema(schema)

    assert set(schema.get("required", ())) <= set(schema["properties"])


def check_schema(schema: dict[str, Any]) -> None:
    assert set(schema) <= KEYWORDS, schema
    if "type" in schema:
        assert schema["type"] in TYPES
    nested = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    nested += [schema[key] for key in ("items", "additionalProperties") if key in schema]
    for one in nested:
        if isinstance(one, dict):
            check_schema(one)


def test_operations_have_names_of_their_own() -> None:
    ids = [operation_of(route)["operationId"] for route in ROUTES]

    assert len(set(ids)) == len(ids)


@EVERY_ROUTE
def test_parameters_of_the_path_are_described(route: Route) -> None:
    described = [p["name"] for p in operation_of(route)["parameters"] if p["in"] == "path"]

    assert described == re.findall(r"{(\w+)}", route.path)


@EVERY_ROUTE
def test_writes_and_only_writes_say_that_they_need_a_key(route: Route) -> None:
    named = {p["name"]: p["required"] for p in operation_of(route)["parameters"]}

    assert named.get("Idempotency-Key", False) == route.is_write


@EVERY_ROUTE
def test_every_reason_is_explained_and_has_a_status(route: Route) -> None:
    for reason, status in reasons_of(route):
        assert reason in REASONS and status in TITLES


@EVERY_ROUTE
def test_a_route_that_is_closed_asks_for_a_token(route: Route) -> None:
    assert ({} in operation_of(route)["security"]) == route.is_public


def test_names_of_two_bodies_never_meet() -> None:
    structs = {s for r in ROUTES for s in (r.body, r.answer) if s is not None}

    assert len({struct.__name__ for struct in structs}) == len(structs)


def test_every_link_of_the_page_leads_somewhere() -> None:
    text = page(DOCUMENT)
    links = set(re.findall(r'href="#([^"]+)"', text))
    anchors = re.findall(r'id="([^"]+)"', text)

    assert links <= set(anchors) and len(anchors) == len(set(anchors))


def test_the_page_needs_nothing_from_elsewhere() -> None:
    text = page(DOCUMENT)

    assert "http" not in text.replace("HTTP", "") and "<script" not in text
    assert "style=" not in text


async def test_the_document_is_served(house: House) -> None:
    answered = await house.get("/openapi.json")

    assert answered.json["openapi"] == "3.1.0"
    known = await house.get("/openapi.json", If_None_Match=answered.headers["ETag"])
    assert known.status == 304


async def test_the_page_and_its_style_are_served_under_the_policy(house: House) -> None:
    for path in ("/docs", "/docs/reference.css"):
        answered = await house.get(path)
        assert answered.status == 200
        assert answered.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(("route", "method"), RPCS.items())
def test_a_route_lists_every_reason_of_the_call_behind_it(route: str, method: str) -> None:
    [found] = [one for one in ROUTES if f"{one.method} {one.path}" == route]
    listed = {reason for reason, _ in reasons_of(found)}

    assert reasons_said(method) - NEVER_PASSED_ON.get(method, set()) <= listed


def reasons_said(method: str) -> set[str]:
    """What the contract's comment on `method` says that it fails with."""
    files = (Path(__file__).parents[2] / "protos/comptoir/collect/v1").glob("*_service.proto")
    text = "\n".join(file.read_text() for file in files)
    found = re.search(rf"((?:^  //.*\n)+)  rpc {method}\(", text, re.MULTILINE)
    assert found is not None, method
    return set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", found[1]))
