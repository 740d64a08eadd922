"""What is wrong with a request is said with its place, before any service hears of it."""

from uuid import uuid4

import pytest

from tests.gateway.house import House

ORDER = {
    "lines": [{"sku": "PER-1201", "quantity": 1}],
    "point_id": "paris-counter",
    "slot_id": "s1",
    "payment": {"method": "at_counter"},
}


async def test_an_unknown_field_is_named_by_its_path(house: House) -> None:
    body = {**ORDER, "lines": [{"sku": "PER-1201", "quantity": 1, "colour": "red"}]}
    refused = await house.call("POST", "/v1/orders", body, token=house.customer())

    assert (refused.status, refused.reason) == (400, "INVALID_REQUEST")
    assert refused.fields == ["lines[0].colour"]


async def test_a_wrong_type_is_named_by_its_path(house: House) -> None:
    body = {**ORDER, "lines": [{"sku": "PER-1201", "quantity": "one"}]}
    refused = await house.call("POST", "/v1/orders", body, token=house.customer())

    assert (refused.status, refused.fields) == (400, ["lines[0].quantity"])


async def test_a_missing_field_is_named(house: House) -> None:
    refused = await house.call("POST", "/v1/sessions", {"email": "anna@example.com"})

    assert (refused.status, refused.fields) == (400, ["password"])


async def test_a_refused_request_reaches_no_service(house: House) -> None:
    await house.call("POST", "/v1/orders", {**ORDER, "tip": 1}, token=house.customer())

    assert house.made("collect", "PlaceOrder") == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b"[" * 60_000])
async def test_what_is_no_json_object_is_refused(house: House, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    refused = await house.call("POST", "/v1/sessions", data=body, headers=headers)

    assert (refused.status, refused.reason) == (400, "INVALID_REQUEST")


async def test_half_a_character_is_refused(house: House) -> None:
    body = b'{"email": "\\ud800", "password": "x"}'
    headers = {"Content-Type": "application/json"}
    refused = await house.call("POST", "/v1/sessions", data=body, headers=headers)

    assert refused.status == 400


async def test_a_body_beyond_64_kib_is_refused(house: House) -> None:
    body = {"email": "anna@example.com", "password": "x" * (64 << 10)}
    refused = await house.call("POST", "/v1/sessions", body)

    assert (refused.status, refused.reason) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_another_content_type_is_refused(house: House, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    refused = await house.call("POST", "/v1/sessions", data=b"{}", headers=headers)

    assert (refused.status, refused.reason) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity"])
async def test_a_packed_body_is_refused(house: House, encoding: str) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    refused = await house.call("POST", "/v1/sessions", data=b"{}", headers=headers)

    assert (refused.status, refused.reason) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("key", ["", "1234", "{0d5a1b0e-6b0f-4f0e-9a52-3f2f5d0c7a11}", "0" * 36])
async def test_a_write_without_a_uuid_as_its_key_is_refused(house: House, key: str) -> None:
    headers = {"Idempotency-Key": key} if key else {}
    refused = await house.call(
        "DELETE", "/v1/basket", token=house.customer(), key="", headers=headers
    )

    assert (refused.status, refused.reason) == (400, "INVALID_REQUEST_ID")
    assert refused.fields == ["Idempotency-Key"]


async def test_a_read_needs_no_key(house: House) -> None:
    answered = await house.call("GET", "/v1/basket", token=house.customer(), key="")

    assert answered.status == 200


async def test_a_question_needs_no_key_though_it_is_posted(house: House) -> None:
    question = {"lines": [{"sku": "PER-1201", "quantity": 1}]}
    answered = await house.call("POST", "/v1/pickup-options", question, key="")

    assert answered.status == 200


async def test_the_key_travels_as_request_id_in_its_usual_form(house: House) -> None:
    key = str(uuid4())
    await house.call("DELETE", "/v1/basket", token=house.customer(), key=key.upper())

    [request] = house.made("collect", "ClearBasket")
    assert request.request_id == key


@pytest.mark.parametrize(
    ("query", "field"),
    [("page_size=many", "page_size"), ("page_size=-1", "page_size"), ("colour=red", "colour")],
)
async def test_a_wrong_parameter_is_named(house: House, query: str, field: str) -> None:
    refused = await house.get(f"/v1/products?{query}")

    assert (refused.status, refused.fields) == (400, [field])


async def test_a_parameter_that_comes_twice_is_refused(house: House) -> None:
    refused = await house.get("/v1/products?q=saw&q=drill")

    assert (refused.status, refused.reason) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize("near", ["48.85", "48.85,2.37,1", "north,east", "nan,1", "1,inf"])
async def test_coordinates_that_are_none_are_refused(house: House, near: str) -> None:
    refused = await house.get(f"/v1/locations?near={near}")

    assert (refused.status, refused.fields) == (400, ["near"])


async def test_a_quantity_of_zero_takes_an_article_out(house: House) -> None:
    path = "/v1/basket/lines/PER-1201"
    await house.call("PUT", path, {"quantity": 0}, token=house.customer())

    [request] = house.made("collect", "SetBasketLine")
    assert (request.sku, request.quantity) == ("PER-1201", 0)


@pytest.mark.parametrize("quantity", [-1, 1_000_001, 10**30, 1.5, "1", True, None])
async def test_a_quantity_that_is_none_is_refused(house: House, quantity: object) -> None:
    path = "/v1/basket/lines/PER-1201"
    refused = await house.call("PUT", path, {"quantity": quantity}, token=house.customer())

    assert (refused.status, refused.fields) == (400, ["quantity"])


async def test_a_million_is_a_quantity(house: House) -> None:
    path = "/v1/basket/lines/PER-1201"
    answered = await house.call("PUT", path, {"quantity": 1_000_000}, token=house.customer())

    assert answered.status == 200


async def test_an_order_of_no_lines_is_refused(house: House) -> None:
    refused = await house.call("POST", "/v1/orders", {**ORDER, "lines": []}, token=house.customer())

    assert (refused.status, refused.fields) == (400, ["lines"])


@pytest.mark.parametrize("text", ["???", "a", "ab=c"])
async def test_bytes_that_are_no_base64url_are_refused(house: House, text: str) -> None:
    refused = await house.call("POST", "/v1/terminals", {"code": "c", "public_key": text})

    assert (refused.status, refused.fields) == (400, ["public_key"])


async def test_a_path_that_is_not_there_is_a_problem(house: House) -> None:
    refused = await house.get("/v1/unicorns")

    assert (refused.status, refused.reason) == (404, "NOT_FOUND")


async def test_another_method_is_told_which_ones_there_are(house: House) -> None:
    refused = await house.call("DELETE", "/v1/orders")

    assert (refused.status, refused.reason) == (405, "METHOD_NOT_ALLOWED")
    assert refused.headers["Allow"] == "GET, HEAD, POST"


async def test_a_path_goes_before_one_with_parameters_that_fits_too(house: House) -> None:
    refused = await house.call("GET", "/v1/orders/quote", token=house.customer())

    assert (refused.status, refused.headers["Allow"]) == (405, "POST")


async def test_a_field_that_is_wrong_is_not_sent_back_at_length(house: House) -> None:
    body = {"x" * 60_000: 1}
    refused = await house.call("POST", "/v1/orders", body, token=house.customer())

    assert (refused.status, len(refused.fields[0])) == (400, 128)
    assert len(refused.body) < 1_000


async def test_what_can_be_got_can_be_asked_about(house: House) -> None:
    got = await house.get("/v1/categories")
    asked = await house.call("HEAD", "/v1/categories")

    assert (asked.status, asked.body) == (200, b"")
    assert asked.headers["ETag"] == got.headers["ETag"]


@pytest.mark.parametrize("path", ["/v1/categories", "/v1/unicorns", "/healthz", "/app", "/docs"])
async def test_no_answer_tells_what_we_run_on(house: House, path: str) -> None:
    assert (await house.get(path)).headers["Server"] == "comptoir"
