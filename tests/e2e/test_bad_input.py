"""What is wrong with a request is answered with a reason and what to do, on the running suite."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from tests.people import Answer, Person, customer
from tests.suite import Stack

POINT, DRILL = "paris-bastille-counter", "PER-1802"
JSON = {"Content-Type": "application/json"}
LONG_AGO, MUCH_LATER = "20200106T1000Z", "20990105T1000Z"
ORDER = {
    "lines": [{"sku": DRILL, "quantity": 1}],
    "point_id": POINT,
    "slot_id": f"{POINT}@{LONG_AGO}",
    "payment": {"method": "at_counter"},
}


@pytest.fixture(scope="module")
async def buyer(stack: Stack) -> AsyncIterator[Person]:
    """One for all: they leave nothing behind."""
    async with aiohttp.ClientSession(stack.url) as http:
        yield await customer(http)


def assert_refused(answer: Answer, status: int, reason: str, *, field: str = "") -> None:
    """It is a problem of this status and reason, in words, that names the field."""
    assert (answer.status, answer.reason) == (status, reason), answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["title"] and len(answer.body["detail"]) > 10
    if field:
        assert [error["field"] for error in answer.body["errors"]] == [field]
        assert answer.body["errors"][0]["description"]


async def sent(
    http: aiohttp.ClientSession, method: str, path: str, body: bytes, **headers: str
) -> Answer:
    """A request made by hand."""
    async with http.request(method, path, data=body, headers=headers) as response:
        content = await response.json(content_type=None)
        return Answer(response.status, content, dict(response.headers))


async def posted(buyer: Person, body: bytes, **headers: str) -> Answer:
    """An order made by hand."""
    given = {"Authorization": f"Bearer {buyer.token}", "Idempotency-Key": str(uuid4()), **headers}
    return await sent(buyer.http, "POST", "/v1/orders", body, **given)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"lines": [{"sku": DRILL, "quantity": 1, "price": 1}]}, "lines[0].price"),
        ({"lines": [{"sku": DRILL, "quantity": "1"}]}, "lines[0].quantity"),
        ({"lines": [{"sku": DRILL, "quantity": 1.5}]}, "lines[0].quantity"),
        ({"lines": [{"sku": DRILL, "quantity": -1}]}, "lines[0].quantity"),
        ({"lines": [{"sku": DRILL, "quantity": 1_000_001}]}, "lines[0].quantity"),
        ({"lines": [{"sku": DRILL, "quantity": 10**30}]}, "lines[0].quantity"),
        ({"lines": [{"sku": None, "quantity": 1}]}, "lines[0].sku"),
        ({"lines": [{"quantity": 1}]}, "lines[0].sku"),
        ({"lines": []}, "lines"),
        ({"lines": {"sku": DRILL}}, "lines"),
        ({"point_id": ["a"]}, "point_id"),
        ({"payment": {"method": "barter"}}, "payment.method"),
    ],
)
async def test_a_wrong_field_is_named_by_its_path(
    buyer: Person, change: dict[str, Any], field: str
) -> None:
    answer = await buyer.post("/v1/orders", {**ORDER, **change})
    assert_refused(answer, 400, "INVALID_REQUEST", field=field)


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"\xff\xfe{}", b"[" * 60_000, b"\x00"])
async def test_what_is_no_json_object_is_refused(buyer: Person, body: bytes) -> None:
    assert_refused(await posted(buyer, body, **JSON), 400, "INVALID_REQUEST")


async def test_a_body_that_is_too_large_is_refused(buyer: Person) -> None:
    body = json.dumps({**ORDER, "slot_id": "x" * (64 << 10)}).encode()
    assert_refused(await posted(buyer, body, **JSON), 413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data"])
async def test_a_content_type_that_is_not_json_is_refused(buyer: Person, kind: str) -> None:
    answer = await posted(buyer, json.dumps(ORDER).encode(), **{"Content-Type": kind})
    assert_refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("coding", ["gzip", "br", "zip-bomb"])
async def test_a_packed_body_is_refused(buyer: Person, coding: str) -> None:
    packed = {**JSON, "Content-Encoding": coding}
    answer = await posted(buyer, json.dumps(ORDER).encode(), **packed)
    assert_refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("key", ["", "1", "not-a-uuid", "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}"])
async def test_a_write_without_a_uuid_as_its_key_is_refused(buyer: Person, key: str) -> None:
    answer = await posted(buyer, json.dumps(ORDER).encode(), **{**JSON, "Idempotency-Key": key})
    assert_refused(answer, 400, "INVALID_REQUEST_ID", field="Idempotency-Key")


async def test_a_write_without_any_key_is_refused(buyer: Person) -> None:
    body = {"quantity": 1}
    answer = await buyer.call("PUT", f"/v1/basket/lines/{DRILL}", body=body)
    assert_refused(answer, 400, "INVALID_REQUEST_ID", field="Idempotency-Key")


async def test_a_key_that_came_with_another_body_is_refused(buyer: Person) -> None:
    path, key = f"/v1/basket/lines/{DRILL}", str(uuid4())
    (await buyer.put(path, {"quantity": 2}, key=key)).ok()
    assert_refused(await buyer.put(path, {"quantity": 3}, key=key), 409, "REQUEST_ID_REUSED")
    assert (await buyer.put(path, {"quantity": 2}, key=key)).ok()["lines"][0]["quantity"] == 2


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/v1/products/NO-SUCH", "UNKNOWN_SKU"),
        ("/v1/locations/nowhere", "UNKNOWN_LOCATION"),
        (f"/v1/products/{DRILL}?location_id=nowhere", "UNKNOWN_LOCATION"),
        ("/v1/products?location_id=nowhere", "UNKNOWN_LOCATION"),
        ("/v1/products?q=no-such-thing&location_id=nowhere", "UNKNOWN_LOCATION"),
        ("/v1/orders/no-such-order", "UNKNOWN_ORDER"),
        ("/v1/no-such-path", "NOT_FOUND"),
    ],
)
async def test_what_is_not_there_is_not_found(buyer: Person, path: str, reason: str) -> None:
    assert_refused(await buyer.get(path), 404, reason)


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        ({"lines": [{"sku": "NO-SUCH", "quantity": 1}]}, 404, "UNKNOWN_SKU"),
        ({"point_id": "nowhere", "slot_id": f"nowhere@{LONG_AGO}"}, 404, "UNKNOWN_POINT"),
        ({}, 409, "SLOT_PAST"),
        ({"slot_id": f"{POINT}@{MUCH_LATER}"}, 400, "INVALID_SLOT"),
        ({"slot_id": "tomorrow"}, 400, "INVALID_SLOT"),
        ({"slot_id": f"quimper-counter@{LONG_AGO}"}, 400, "INVALID_SLOT"),
        ({"lines": [{"sku": DRILL, "quantity": 0}]}, 400, "INVALID_LINES"),
        ({"lines": [{"sku": DRILL, "quantity": 1}] * 2}, 400, "INVALID_LINES"),
        ({"payment": {"method": "reference"}}, 400, "INVALID_PAYMENT"),
    ],
)
async def test_an_order_that_cannot_be_says_why(
    buyer: Person, change: dict[str, Any], status: int, reason: str
) -> None:
    assert_refused(await buyer.post("/v1/orders", {**ORDER, **change}), status, reason)


async def test_a_million_of_a_thing_is_more_than_there_is(buyer: Person) -> None:
    question = {"lines": [{"sku": DRILL, "quantity": 1}], "location_ids": ["paris-bastille"]}
    options = (await buyer.post("/v1/pickup-options", question)).ok()["options"]
    slot_id = next(each["slots"][0]["slot_id"] for each in options if each["point_id"] == POINT)

    wish = {**ORDER, "slot_id": slot_id, "lines": [{"sku": DRILL, "quantity": 1_000_000}]}
    assert_refused(await buyer.post("/v1/orders", wish), 409, "INSUFFICIENT_STOCK")


async def test_a_page_token_of_another_query_is_refused(buyer: Person) -> None:
    page = (await buyer.get("/v1/products", q="perceuse", page_size=1)).ok()
    assert page["next_page_token"]
    answer = await buyer.get("/v1/products", q="scie", page_token=page["next_page_token"])
    assert_refused(answer, 400, "INVALID_PAGE")


@pytest.mark.parametrize(
    ("path", "reasons"),
    [
        ("/v1/products?page_token=!!!!", {"INVALID_PAGE"}),
        ("/v1/products?page_size=-1", {"INVALID_REQUEST"}),
        ("/v1/products?page_size=many", {"INVALID_REQUEST"}),
        ("/v1/products?page_size=1&page_size=2", {"INVALID_REQUEST"}),
        ("/v1/products?colour=red", {"INVALID_REQUEST"}),
        ("/v1/locations?near=nan,nan", {"INVALID_REQUEST"}),
        ("/v1/locations?near=here", {"INVALID_REQUEST"}),
        ("/v1/locations?near=91,0", {"INVALID_COORDINATES"}),
        ("/v1/products/%00", {"INVALID_SKUS", "UNKNOWN_SKU"}),
        ("/v1/products/" + "x" * 300, {"INVALID_SKUS", "UNKNOWN_SKU"}),
        ("/v1/locations/%00", {"INVALID_LOCATION_IDS", "UNKNOWN_LOCATION"}),
        (f"/v1/products/{DRILL}?location_id=%00", {"UNKNOWN_LOCATION"}),
        ("/v1/orders/%F0%9F%94%A8", {"UNKNOWN_ORDER"}),
    ],
)
async def test_an_odd_address_is_refused_with_its_reason(
    buyer: Person, path: str, reasons: set[str]
) -> None:
    answer = await buyer.get(path)
    assert answer.reason in reasons, answer.body
    assert_refused(answer, 404 if answer.reason.startswith("UNKNOWN") else 400, answer.reason)


async def test_a_method_that_a_path_does_not_take_is_refused(buyer: Person) -> None:
    answer = await buyer.post("/v1/categories")
    assert_refused(answer, 405, "METHOD_NOT_ALLOWED")
    assert "GET" in answer.headers["Allow"]
