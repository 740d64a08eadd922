"""The simulated provider as a `Provider`, on each store."""

import asyncio

import pytest

from chassis.records import Records
from services.collect.payment.domain import (
    PaymentDeclinedError,
    PaymentSilentError,
    PaymentState,
    PaymentStateError,
)
from services.collect.payment.store import PAYMENTS, Simulator
from tests.conftest import MakeRecords


@pytest.fixture
async def kept(records: MakeRecords) -> Records:
    return await records([PAYMENTS])


async def authorise(records: Records, reference: str = "sim_card") -> None:
    await Simulator(records).authorise(
        payment_id="p1", reference=reference, amount_minor=3980, currency="EUR"
    )


async def state(records: Records) -> PaymentState | None:
    payment = await records.find(PAYMENTS, "p1")
    return None if payment is None else payment.state


async def test_a_payment_is_authorised_then_captured(kept: Records) -> None:
    await authorise(kept)
    await Simulator(kept).capture(payment_id="p1", amount_minor=1990)
    assert await state(kept) is PaymentState.CAPTURED


async def test_a_payment_that_never_came_can_be_voided_and_then_comes_too_late(
    kept: Records,
) -> None:
    await Simulator(kept).void(payment_id="p1")
    with pytest.raises(PaymentDeclinedError):
        await authorise(kept)
    assert await state(kept) is PaymentState.VOIDED


async def test_a_silent_provider_answers_the_third_call(kept: Records) -> None:
    for _ in range(2):
        with pytest.raises(PaymentSilentError):
            await authorise(kept, "sim_silent")
    await authorise(kept, "sim_silent")
    assert await state(kept) is PaymentState.AUTHORISED


async def test_of_a_capture_and_a_void_at_once_one_wins(kept: Records) -> None:
    await authorise(kept)
    simulator = Simulator(kept)
    outcomes = await asyncio.gather(
        *(simulator.capture(payment_id="p1", amount_minor=1990) for _ in range(4)),
        *(simulator.void(payment_id="p1") for _ in range(4)),
        return_exceptions=True,
    )

    refusals = [outcome for outcome in outcomes if outcome is not None]
    assert [type(refusal) for refusal in refusals] == [PaymentStateError] * 4
    assert await state(kept) in (PaymentState.CAPTURED, PaymentState.VOIDED)
