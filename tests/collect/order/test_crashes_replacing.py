"""Killed while an order asks for others in place of what is broken, or ends with both holds."""

from functools import partial
from uuid import uuid4

import pytest
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from chassis.clock import utc_now
from services.collect.order import saga
from services.collect.order.broken import BrokenHold, BrokenLine, broken
from services.collect.order.values import Order, State
from services.collect.picking import domain as picking
from services.inventory.reservation.mending import Mender
from tests.collect.order.crashes import Site, end, go_on
from tests.inventory.house import TILL

DEATHS = ["before", "after"]


async def asking(site: Site) -> Order:
    """An order of 2, of which the till sold both and one came in again, which it asks for."""
    order = await site.place()
    await site.finish(order)
    sku = order.lines[0].sku
    line = stock_pb.StockLine(location_id="paris", sku=sku, quantity=10)
    sale = stock_pb.RecordSaleRequest(request_id=str(uuid4()), lines=[line])
    await site.inventory.stock.RecordSale(sale, metadata=TILL)
    await Mender(site.inventory.records, clock=utc_now).mend_all()
    await site.inventory.put_on_shelf(**{sku: 5})
    hold = BrokenHold(
        reservation_id=(await site.now(order)).reservation_id,
        order_id=order.order_id,
        lines=(BrokenLine(sku=sku, quantity=2),),
        revision=2,
    )
    await site.write(order, partial(broken, hold=hold, now=utc_now(), free={sku: 1}))
    return order


async def replaced(site: Site) -> Order:
    order = await asking(site)
    await site.finish(order)
    assert await site.where(order) == {"sellable": 5, "held": 1}
    return order


def picked(order: Order) -> Order:
    return picking.picked(order, line_number=1, found_quantity=1, now=utc_now())


def staged(order: Order) -> Order:
    return picking.staged(order, bin_label="B7", now=utc_now())


def cancelled(order: Order) -> Order:
    return saga.cancelled(order, actor="customer", cause="", now=utc_now())


@pytest.mark.parametrize("death", DEATHS)
async def test_whoever_dies_asking_another_asks_once(site: Site, death: str) -> None:
    order = await asking(site)
    await site.replicas.struck(f"KILL {death} reserve")
    after = await site.finish(order)

    assert (after.state, after.lines[0].standing_quantity) == (State.CONFIRMED, 1)
    assert await site.where(order) == {"sellable": 5, "held": 1}


@pytest.mark.parametrize("death", DEATHS)
async def test_whoever_dies_committing_another_commits_both(site: Site, death: str) -> None:
    order = await replaced(site)
    await site.write(order, picked)
    await site.write(order, staged)
    await site.replicas.struck(f"KILL {death} commit")
    after = await site.finish(order)

    assert after.state is State.READY
    assert await site.where(order) == {"sellable": 4, "staged": 1}


@pytest.mark.parametrize("death", DEATHS)
async def test_whoever_dies_letting_go_another_lets_both_go(site: Site, death: str) -> None:
    order = await replaced(site)
    await site.write(order, cancelled)
    await site.replicas.struck(f"KILL {death} unreserve")
    after = await site.finish(order)

    assert after.state is State.CANCELLED
    assert await site.where(order) == {"sellable": 5}


async def test_others_that_are_asked_for_after_their_undo_are_held_for_nobody(site: Site) -> None:
    order = await asking(site)
    pid = await site.replicas.struck("STOP before reserve")
    try:
        await site.write(order, cancelled)
        undone = await site.finish(order)
        go_on(pid)
        while (said := await site.replicas.line())[0] != "reserve":
            pass
    finally:
        end(pid)

    assert said == ["reserve", "REQUEST_CANCELLED"]
    assert await site.now(order) == undone
    assert await site.where(order) == {"sellable": 5}
