"""Orders over HTTP: what their JSON says, for the app and for the terminal."""

import pytest
from comptoir.collect.v1 import order_service_pb2 as pb
from comptoir.collect.v1 import point_service_pb2 as point_pb

from tests.gateway import given
from tests.gateway.house import House

ONE = "/v1/orders/order-1"


def keep(house: House, order: pb.Order) -> None:
    house.neighbours["collect"].answers["GetOrder"] = pb.GetOrderResponse(order=order)


@pytest.mark.parametrize("found", [None, 0, 2])
async def test_a_line_not_looked_for_yet_is_not_one_found_missing(
    house: House, found: int | None
) -> None:
    order = given.order()
    if found is not None:
        order.lines[0].found_quantity = found
    keep(house, order)

    [line] = (await house.get(ONE, token=house.customer())).json["lines"]
    assert line["found_quantity"] == found


@pytest.mark.parametrize("path", [ONE, "/v1/terminal/orders/order-1"])
async def test_an_order_says_whether_a_counter_or_a_locker_hands_it_out(
    house: House, path: str
) -> None:
    order = given.order()
    order.kind = point_pb.POINT_KIND_LOCKER
    keep(house, order)
    token = house.staff() if "terminal" in path else house.customer()

    assert (await house.get(path, token=token)).json["kind"] == "locker"
