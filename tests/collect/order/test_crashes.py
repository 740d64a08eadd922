"""Killed before and after every step: another replica ends the order, each effect happens once.

A replica is a process of its own and is killed by SIGKILL at the step; inventory is a
real server on MongoDB that goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import pytest

from chassis.clock import utc_now
from chassis.errors import AppError
from services.collect.order import saga
from services.collect.order.values import Order, State, Step, StepName
from services.collect.payment.domain import PaymentState
from services.collect.picking import domain as picking
from tests.collect.order.crashes import Site, end, go_on
from tests.waiting import until

Act: TypeAlias = Callable[[Order], Order]


def picked(order: Order) -> Order:
    return picking.picked(order, line_number=1, found_quantity=2, now=utc_now())


def staged(order: Order) -> Order:
    return picking.staged(order, bin_label="B7", now=utc_now())


def handed_over(order: Order) -> Order:
    return picking.handed_over(order, code_opens=True, paid_at_counter=False, now=utc_now())


def loaded(order: Order) -> Order:
    return picking.loaded(order, compartment_id="A1", now=utc_now())


def opened(order: Order) -> Order:
    return picking.opened(order, now=utc_now())


def cancelled(order: Order) -> Order:
    return saga.cancelled(order, actor="customer", cause="", now=utc_now())


@dataclass(frozen=True, kw_only=True)
class Journey:
    """What happens to a placed order, and how it must end.

    `before` is done by a replica that lives; `last` owes the steps at which one dies.
    """

    before: tuple[Act, ...] | None = None
    last: Act = staged
    reference: str = "sim_card"
    cabinet_id: str = ""
    end: State
    moves: tuple[str, ...] = ()
    left: dict[str, int]
    payment: PaymentState
    keeps_slot: bool


TO_BIN, TO_LOCKER = "sellable to staged: 2 order", "staged to locker: 2 order"
JOURNEYS = {
    "placed": Journey(
        end=State.CONFIRMED,
        left={"sellable": 10, "held": 2},
        payment=PaymentState.AUTHORISED,
        keeps_slot=True,
    ),
    "refused": Journey(
        reference="sim_declined",
        end=State.REFUSED,
        left={"sellable": 10},
        payment=PaymentState.VOIDED,
        keeps_slot=False,
    ),
    "called off": Journey(
        before=(),
        last=cancelled,
        end=State.CANCELLED,
        left={"sellable": 10},
        payment=PaymentState.VOIDED,
        keeps_slot=False,
    ),
    "staged": Journey(
        before=(picked,),
        last=staged,
        end=State.READY,
        moves=(TO_BIN,),
        left={"sellable": 8, "staged": 2},
        payment=PaymentState.AUTHORISED,
        keeps_slot=True,
    ),
    "put back": Journey(
        before=(picked, staged),
        last=cancelled,
        end=State.CANCELLED,
        moves=(TO_BIN, "staged to sellable: 2 order"),
        left={"sellable": 10},
        payment=PaymentState.VOIDED,
        keeps_slot=False,
    ),
    "handed over": Journey(
        before=(picked, staged),
        last=handed_over,
        end=State.COLLECTED,
        moves=(TO_BIN, "staged to outside: 2 order"),
        left={"sellable": 8},
        payment=PaymentState.CAPTURED,
        keeps_slot=True,
    ),
    "loaded": Journey(
        before=(picked, staged),
        last=loaded,
        cabinet_id="cabinet-1",
        end=State.READY,
        moves=(TO_BIN, TO_LOCKER),
        left={"sellable": 8, "locker": 2},
        payment=PaymentState.AUTHORISED,
        keeps_slot=True,
    ),
    "opened": Journey(
        before=(picked, staged, loaded),
        last=opened,
        cabinet_id="cabinet-1",
        end=State.COLLECTED,
        moves=(TO_BIN, TO_LOCKER, "locker to outside: 2 order"),
        left={"sellable": 8},
        payment=PaymentState.CAPTURED,
        keeps_slot=True,
    ),
}
STEPS = {
    "placed": ("reserve", "authorise"),
    "refused": ("reserve", "authorise", "void", "unreserve"),
    "called off": ("void", "unreserve"),
    "staged": ("commit",),
    "put back": ("put_back", "void"),
    "handed over": ("capture", "gone"),
    "loaded": ("to_locker",),
    "opened": ("capture", "gone"),
}
DEATHS = [
    (journey, f"{when} {step}")
    for journey, steps in STEPS.items()
    for step in steps
    for when in ("before", "after")
]


async def brought(site: Site, journey: Journey) -> Order:
    """An order that owes what `journey.last` leaves it owing, due at once."""
    order = await site.place(reference=journey.reference, cabinet_id=journey.cabinet_id)
    if journey.before is not None:
        await site.finish(order)
        for act in journey.before:
            await site.write(order, act)
            await site.finish(order)
        await site.write(order, journey.last)
    return order


@pytest.mark.parametrize("name, death", DEATHS)
async def test_whoever_dies_at_a_step_another_ends_the_order(
    site: Site, name: str, death: str
) -> None:
    journey = JOURNEYS[name]
    order = await brought(site, journey)
    await site.replicas.struck(f"KILL {death}")
    after = await site.finish(order)

    assert after.state is journey.end
    assert await site.moves(order) == [*journey.moves]
    assert await site.where(order) == journey.left
    payment = await site.payment(order)
    assert payment is not None and payment.state is journey.payment
    assert payment.captured_minor == (3980 if journey.end is State.COLLECTED else 0)
    assert await site.taken_count(order) == int(journey.keeps_slot)


def test_a_replica_dies_at_every_step_there_is() -> None:
    assert {step for steps in STEPS.values() for step in steps} == {s.value for s in StepName}


@pytest.mark.parametrize(
    "step, reason", [("reserve", "REQUEST_CANCELLED"), ("authorise", "PAYMENT_DECLINED")]
)
async def test_a_step_delivered_after_its_undo_is_refused_and_takes_nothing(
    site: Site, step: str, reason: str
) -> None:
    order = await site.place()
    pid = await site.replicas.struck(f"STOP before {step}")
    try:
        await site.write(order, cancelled)
        undone = await site.finish(order)
        go_on(pid)
        while (said := await site.replicas.line())[0] != step:
            pass
    finally:
        end(pid)

    assert said == [step, reason]
    assert await site.now(order) == undone
    assert await site.where(order) == {"sellable": 10}
    payment = await site.payment(order)
    assert payment is not None and payment.state is PaymentState.VOIDED


async def test_a_replica_that_was_overtaken_changes_nothing(site: Site) -> None:
    """It slept through its lease, with the answer to its step in hand."""
    order = await site.place()
    pid = await site.replicas.struck("STOP after reserve")
    try:
        await site.finish(order)
        await site.write(order, picked)
        before = await site.now(order)
        go_on(pid)
        other = await site.place()  # When it has done this one, it has gone on.
        await until(partial(site.is_done, other))
    finally:
        end(pid)

    assert (before.state, await site.now(order)) == (State.PICKING, before)
    assert await site.where(order) == {"sellable": 10, "held": 2}


async def test_an_undo_by_its_own_id_refuses_a_step_that_never_came(site: Site) -> None:
    order = await site.place()
    await site.write(order, cancelled)
    await site.finish(order)

    reserve = site.effects.by_step()[StepName.RESERVE]
    refusals = []
    for _ in range(2):
        try:
            await reserve(order, Step(StepName.RESERVE, order.attempt))
        except AppError as error:
            refusals.append(error.reason)
    assert refusals == ["REQUEST_CANCELLED"] * 2
    assert await site.where(order) == {"sellable": 10}
