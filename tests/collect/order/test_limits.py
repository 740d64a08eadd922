"""Of some articles a customer may have so many, over all their orders."""

from services.collect.order.store import ORDERS
from services.inventory.limit.domain import Limit
from services.inventory.reservation.store import RESERVATIONS
from tests.collect.order.asking import ANNA, BOB, refused
from tests.collect.order.breaking import broken, told
from tests.collect.order.house import House

REACHED = "FAILED_PRECONDITION BUYER_LIMIT_REACHED"


def limit_lamps(house: House, most: int, *, period_s: int = 0) -> None:
    house.inventory.limits.take(
        [Limit(sku="LAMP", quantity_max=most, period_s=period_s, revision=1)]
    )


async def test_a_second_order_is_refused_where_the_first_took_all_one_may_have(
    house: House,
) -> None:
    limit_lamps(house, 2)
    first = await house.place(lines={"LAMP": 2})
    assert await refused(house.place(lines={"LAMP": 1})) == REACHED
    await house.place(lines={"LAMP": 2}, metadata=BOB)
    await house.place(lines={"CORD": 1})

    await house.cancel(first.order_id)
    await house.settled(first.order_id)
    await house.place(lines={"LAMP": 2})


async def test_an_order_of_more_than_one_may_have_is_refused_and_leaves_nothing(
    house: House,
) -> None:
    limit_lamps(house, 2)
    assert await refused(house.place(lines={"LAMP": 3, "CORD": 1})) == REACHED
    [order] = await house.kept()
    assert order.cause == "BUYER_LIMIT_REACHED"
    assert await house.inventory.where("LAMP") == {"sellable": 10}
    assert await house.taken_count() == 0


async def test_what_was_collected_counts_for_the_period(house: House) -> None:
    limit_lamps(house, 2, period_s=86_400)
    order = await house.ready(quantity=2, found=2)
    await house.hand_over(order.order_id, await house.code(order.order_id))
    assert await refused(house.place(lines={"LAMP": 1}, metadata=ANNA)) == REACHED


async def test_others_in_place_of_what_is_broken_are_the_same_customers(house: House) -> None:
    limit_lamps(house, 4)
    order = await broken(house, lamps=3, shelf=9)
    await told(house)
    assert await house.inventory.where("LAMP") == {"sellable": 9, "held": 4}

    assert await refused(house.place(lines={"LAMP": 1})) == REACHED
    await house.cancel(order.order_id)
    await house.settled(order.order_id)
    await house.place(lines={"LAMP": 4})


async def test_stock_does_not_know_the_customer(house: House) -> None:
    limit_lamps(house, 2)
    made = await house.place(lines={"LAMP": 1})
    order = await house.records.find(ORDERS, made.order_id)
    assert order is not None
    held = await house.inventory.records.find(RESERVATIONS, order.reservation_id)
    assert held is not None and held.counted_skus == ("LAMP",)
    assert held.buyer_id == order.buyer_id != order.customer_id
