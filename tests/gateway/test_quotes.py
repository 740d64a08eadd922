"""Quotes over HTTP: for visitors too, at a point, at a shop or at the chain's prices."""

import pytest
from comptoir.collect.v1 import order_service_pb2 as pb
from comptoir.type.v1.money_pb2 import Money

from tests.gateway import given
from tests.gateway.house import House

PATH = "/v1/orders/quote"
LINES = [{"sku": "PER-1201", "quantity": 2}]


@pytest.fixture
def quoting(house: House) -> House:
    """Before a neighbour that quotes two drills."""
    one, both = Money(minor=6490, currency="EUR"), Money(minor=12980, currency="EUR")
    line = pb.QuoteLine(sku="PER-1201", quantity=2, unit_price=one, total=both)
    house.neighbours["collect"].answers["QuoteOrder"] = pb.QuoteOrderResponse(
        lines=[line], total=both, valid_until_time=given.stamp(given.NOON)
    )
    return house


async def test_a_visitor_is_told_what_an_order_would_cost(quoting: House) -> None:
    quoted = await quoting.call("POST", PATH, {"lines": LINES, "point_id": "paris-counter"}, key="")

    assert quoted.json == {
        "lines": [
            {
                "sku": "PER-1201",
                "quantity": 2,
                "unit_price": {"minor": 6490, "currency": "EUR"},
                "total": {"minor": 12980, "currency": "EUR"},
            }
        ],
        "total": {"minor": 12980, "currency": "EUR"},
        "valid_until_time": "2026-01-02T12:00:00Z",
    }


@pytest.mark.parametrize(
    ("where", "asked"),
    [
        ({"point_id": "paris-counter", "location_id": "lyon"}, "point_id"),
        ({"location_id": "lyon"}, "location_id"),
        ({}, None),
    ],
)
async def test_the_point_goes_before_the_shop_and_either_may_be_missing(
    quoting: House, where: dict[str, str], asked: str | None
) -> None:
    already = len(quoting.made("collect", "QuoteOrder"))
    await quoting.call("POST", PATH, {"lines": LINES, **where})

    [request] = quoting.made("collect", "QuoteOrder")[already:]
    assert request.WhichOneof("where") == asked
    assert asked is None or getattr(request, asked) == where[asked]


async def test_nothing_is_quoted_for_nothing(quoting: House) -> None:
    refused = await quoting.call("POST", PATH, {"lines": []})

    assert (refused.status, refused.reason, refused.fields) == (400, "INVALID_REQUEST", ["lines"])
