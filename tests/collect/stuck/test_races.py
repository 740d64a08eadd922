"""Operators among themselves, and against the saga: on every store, one of them does it."""

import asyncio
from functools import partial
from uuid import uuid4

from chassis.acts import ACTS
from chassis.changes import Changed
from chassis.errors import AppError
from chassis.records import Records, Ref, Where
from chassis.requests import Request, request_for
from services.collect.kinds import KINDS
from services.collect.order import saga
from services.collect.order.store import ORDERS, found
from services.collect.order.values import Order, Step, StepName
from services.collect.order.workflow import Saga
from services.collect.stuck.store import RESIDUES
from services.collect.stuck.workflow import StuckOrders
from tests.collect.order.line import AwayError
from tests.collect.order.orders import NOON, cancelled, confirmed, owed
from tests.conftest import MakeRecords

OPERATORS = 6


def request_of(operator: str) -> Request:
    return request_for(
        subject=operator, method="AbandonStep", request_id=str(uuid4()), body=b"void"
    )


async def said(order: Order, step: Step) -> str:
    """Whatever is asked of others is done."""
    return ""


async def lost(order: Order, step: Step) -> str:
    raise AwayError("the line is cut")


async def stuck_undoing(store: Records) -> Order:
    gone = cancelled(confirmed())
    order = saga.postponed(gone, gone.todo[0], "AWAY", now=NOON)
    made = Changed(answer=None, records=(order,))
    refs = [Ref(ORDERS, order.order_id)]
    await store.update(refs, lambda state: made, answer=type(None), timeout_s=5)
    return order


async def outcome_of(orders: StuckOrders, order_id: str, operator: str) -> str:
    try:
        await orders.abandon(
            order_id, StepName.VOID, "no provider", request_of(operator), within=None
        )
    except AppError as error:
        return error.reason
    return "given up"


async def test_of_many_operators_one_gives_the_step_up(records: MakeRecords) -> None:
    store = await records((*KINDS, ACTS))
    order = await stuck_undoing(store)
    driving = Saga(store, dict.fromkeys(StepName, said), clock=lambda: NOON)
    orders = StuckOrders(store, driving, clock=lambda: NOON)
    outcomes = await asyncio.gather(
        *(outcome_of(orders, order.order_id, f"operator-{n}") for n in range(OPERATORS))
    )
    await driving.settle()

    assert outcomes.count("given up") == 1
    assert set(outcomes) == {"given up", "ORDER_NOT_STUCK"}
    assert len(await store.select(RESIDUES, Where(limit=9))) == 1
    assert len(await store.select(ACTS, Where(limit=9))) == 1


async def test_a_step_is_done_or_given_up_and_never_both(records: MakeRecords) -> None:
    """The answer to a step may come while it is given up: what is written first counts."""
    store = await records((*KINDS, ACTS))
    order = await stuck_undoing(store)
    driving = Saga(store, dict.fromkeys(StepName, lost), clock=lambda: NOON)
    orders = StuckOrders(store, driving, clock=lambda: NOON)
    answered = partial(saga.settled, step=order.todo[0], result="", now=NOON)
    outcome, _ = await asyncio.gather(
        outcome_of(orders, order.order_id, "operator"),
        driving.write(order.order_id, answered),
    )
    await driving.settle()
    residues = await store.select(RESIDUES, Where(limit=9))
    after = await found(store, order.order_id)

    assert owed(after) == ["unreserve"]
    assert (outcome, len(residues), after.money.value) in (
        ("given up", 1, "unknown"),
        ("ORDER_NOT_STUCK", 0, "voided"),
    )
