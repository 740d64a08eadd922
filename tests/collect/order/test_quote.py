"""What an order would cost, and that placing it takes exactly that."""

from collections.abc import Mapping
from datetime import UTC, timedelta

import pytest
from comptoir.collect.v1 import order_service_pb2 as pb
from comptoir.collect.v1 import point_service_pb2 as point_pb
from comptoir.type.v1.money_pb2 import Money

from tests.collect.order.asking import ANNA, SAM, place, refused
from tests.collect.order.house import House
from tests.collect.order.orders import NOON
from tests.serving import Metadata, calling_as

GATEWAY = calling_as("gateway", "service:gateway")
COUNTER, MINUTE = "paris-counter", timedelta(minutes=1)
AT_COUNTER = {"point_id": COUNTER}


def euros(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


async def quote(
    house: House,
    lines: Mapping[str, int],
    where: Mapping[str, str] = AT_COUNTER,
    *,
    metadata: Metadata = ANNA,
) -> pb.QuoteOrderResponse:
    wanted = [point_pb.BasketLine(sku=sku, quantity=n) for sku, n in lines.items()]
    request = pb.QuoteOrderRequest(lines=wanted, **where)
    answer: pb.QuoteOrderResponse = await house.orders.QuoteOrder(request, metadata=metadata)
    return answer


async def test_a_quote_says_what_each_line_costs_and_all_together(house: House) -> None:
    quoted = await quote(house, {"LAMP": 2, "CABLE": 2500})

    assert quoted.total == euros(4293)
    assert list(quoted.lines) == [
        pb.QuoteLine(sku="LAMP", quantity=2, unit_price=euros(1990), total=euros(3980)),
        # 2.5 m at 1.25 make 3.125, rounded half up.
        pb.QuoteLine(sku="CABLE", quantity=2500, unit_price=euros(125), total=euros(313)),
    ]


async def test_an_order_of_what_was_quoted_costs_what_was_quoted(house: House) -> None:
    house.catalogue.prices.put("LAMP", 1790, location_id="paris")
    lines = {"LAMP": 3, "CABLE": 2500, "CORD": 1}
    quoted = await quote(house, lines)
    order = await house.place(place(lines=lines, expected_total=quoted.total))

    assert (order.state, order.total) == (pb.ORDER_STATE_CONFIRMED, quoted.total)
    assert [line.total for line in order.lines] == [line.total for line in quoted.lines]


@pytest.mark.parametrize(
    ("where", "minor"),
    [
        (AT_COUNTER, 1790),
        ({"location_id": "paris"}, 1790),
        ({"location_id": "lyon"}, 1990),
        ({"location_id": ""}, 1990),
    ],
)
async def test_prices_are_those_of_the_shop(
    house: House, where: dict[str, str], minor: int
) -> None:
    house.catalogue.prices.put("LAMP", 1790, location_id="paris")
    assert (await quote(house, {"LAMP": 1}, where)).total == euros(minor)


async def test_a_quote_is_good_until_its_first_price_changes(house: House) -> None:
    house.catalogue.prices.put("LAMP", 1990, until=NOON + 2 * MINUTE)
    house.catalogue.prices.put("CABLE", 125, until=NOON + MINUTE)
    quoted = await quote(house, {"CORD": 1, "LAMP": 1, "CABLE": 100})

    assert quoted.valid_until_time.ToDatetime(UTC) == NOON + MINUTE
    assert not (await quote(house, {"CORD": 1})).HasField("valid_until_time")


async def test_a_quote_promises_nothing(house: House) -> None:
    quoted = await quote(house, {"LAMP": 1000})

    assert quoted.total == euros(1_990_000)
    assert await house.inventory.where("LAMP") == {"sellable": 10}
    assert await house.kept() == []


@pytest.mark.parametrize("metadata", [ANNA, SAM, GATEWAY])
async def test_everybody_may_ask_visitors_through_the_gateway(
    house: House, metadata: Metadata
) -> None:
    assert (await quote(house, {"LAMP": 1}, metadata=metadata)).total == euros(1990)


@pytest.mark.parametrize(
    "lines, point_id",
    [
        ({"GHOST": 1}, COUNTER),
        ({"LAMP": 1}, "nowhere"),
        ({}, COUNTER),
        ({"LAMP": 0}, COUNTER),
        ({"LAMP": 1_000_001}, COUNTER),
        ({"A LAMP": 1}, COUNTER),
        ({"CABLE": 150}, COUNTER),
        ({f"S{n}": 1 for n in range(51)}, COUNTER),
    ],
)
async def test_what_cannot_be_ordered_is_refused_as_an_order_of_it_is(
    house: House, lines: dict[str, int], point_id: str
) -> None:
    reason = await refused(quote(house, lines, {"point_id": point_id}))

    assert reason == await refused(house.place(place(lines=lines, point_id=point_id)))
    assert reason in (
        "NOT_FOUND UNKNOWN_SKU",
        "NOT_FOUND UNKNOWN_POINT",
        "INVALID_ARGUMENT INVALID_LINES",
    )
