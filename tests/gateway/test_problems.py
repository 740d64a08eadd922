"""Errors of the services as problems: status, reason, fields, and when to come back."""

import pytest
from comptoir.collect.v1 import order_service_pb2 as order_pb

from chassis.errors import Kind, Violation
from tests.gateway.house import House, RefusedError

STATUSES = {
    Kind.INVALID_ARGUMENT: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.PERMISSION_DENIED: 403,
    Kind.NOT_FOUND: 404,
    Kind.ALREADY_EXISTS: 409,
    Kind.FAILED_PRECONDITION: 409,
    Kind.ABORTED: 409,
    Kind.RESOURCE_EXHAUSTED: 429,
    Kind.UNAVAILABLE: 503,
    Kind.DEADLINE_EXCEEDED: 504,
}


@pytest.mark.parametrize(("kind", "status"), STATUSES.items())
async def test_each_kind_has_its_status_and_keeps_its_reason(
    house: House, kind: Kind, status: int
) -> None:
    house.neighbours["collect"].answers["GetOrder"] = RefusedError(kind, "THE_REASON")
    refused = await house.get("/v1/orders/order-1", token=house.customer())

    assert (refused.status, refused.reason) == (status, "THE_REASON")


async def test_values_and_fields_of_an_error_travel_along(house: House) -> None:
    house.neighbours["collect"].answers["CancelOrder"] = RefusedError(
        Kind.INVALID_ARGUMENT,
        "INVALID_LINES",
        violations=(Violation("lines[0].quantity", "at least 1"),),
        sku="PER-1201",
    )
    refused = await house.call("POST", "/v1/orders/order-1/cancel", {}, token=house.customer())

    assert refused.json["metadata"] == {"sku": "PER-1201"}
    assert refused.json["errors"] == [{"field": "lines[0].quantity", "description": "at least 1"}]


async def test_retry_after_is_what_the_service_says_in_whole_seconds(house: House) -> None:
    house.neighbours["customer"].answers["SignIn"] = RefusedError(
        Kind.RESOURCE_EXHAUSTED, "TOO_MANY_ATTEMPTS", retry_after_s=2.2
    )
    refused = await house.call("POST", "/v1/sessions", {"email": "a@b.fr", "password": "x"})

    assert refused.headers["Retry-After"] == "3"


async def test_what_is_unavailable_is_worth_another_try(house: House) -> None:
    house.neighbours["collect"].answers["GetOrder"] = RefusedError(Kind.UNAVAILABLE, "AWAY")
    refused = await house.get("/v1/orders/order-1", token=house.customer())

    assert refused.headers["Retry-After"] == "1"


async def test_a_bug_behind_is_a_bare_500(house: House) -> None:
    def broken(request: object) -> None:
        raise ZeroDivisionError("secret")

    house.neighbours["collect"].answers["GetOrder"] = broken
    refused = await house.get("/v1/orders/order-1", token=house.customer())

    assert (refused.status, refused.reason) == (500, "INTERNAL")
    assert b"secret" not in refused.body and b"Zero" not in refused.body


async def test_a_visitor_is_not_blamed_for_our_own_credentials(house: House) -> None:
    house.neighbours["catalog"].answers["ListCategories"] = RefusedError(
        Kind.UNAUTHENTICATED, "UNAUTHENTICATED"
    )
    refused = await house.get("/v1/categories")

    assert (refused.status, refused.reason) == (503, "UNAVAILABLE")


async def test_a_problem_is_never_cached(house: House) -> None:
    assert (await house.get("/v1/unicorns")).headers["Cache-Control"] == "no-store"


async def test_an_order_that_is_still_being_placed_is_accepted_not_created(house: House) -> None:
    house.neighbours["collect"].answers["PlaceOrder"] = order_pb.PlaceOrderResponse(
        order=order_pb.Order(order_id="order-1", state=order_pb.ORDER_STATE_PLACING)
    )
    body = {
        "lines": [{"sku": "PER-1201", "quantity": 1}],
        "point_id": "p",
        "slot_id": "s",
        "payment": {"method": "reference", "reference": "card-1"},
    }
    answered = await house.call("POST", "/v1/orders", body, token=house.customer())

    assert (answered.status, answered.json["state"]) == (202, "placing")
