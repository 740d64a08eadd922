"""The simulated provider: each payment is authorised, then voided or captured, never both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collect.payment import domain
from services.collect.payment.domain import (
    SILENT_CALLS_COUNT,
    PaymentDeclinedError,
    PaymentSilentError,
    PaymentState,
    PaymentStateError,
    SimulatedPayment,
)

NEW = SimulatedPayment(payment_id="p1")


def wanted(reference: str = "sim_card", amount_minor: int = 3980) -> SimulatedPayment:
    return SimulatedPayment(
        payment_id="p1", reference=reference, amount_minor=amount_minor, currency="EUR"
    )


def asked(reference: str = "sim_card", *, times: int = 1) -> SimulatedPayment:
    payment = NEW
    for _ in range(times):
        payment = domain.asked(payment, wanted(reference))
    return payment


def authorised() -> SimulatedPayment:
    return domain.authorised(asked())


def test_what_is_asked_for_is_promised() -> None:
    payment = authorised()
    assert (payment.state, payment.amount_minor) == (PaymentState.AUTHORISED, 3980)


def test_a_reference_that_is_declined_is_never_promised() -> None:
    with pytest.raises(PaymentDeclinedError):
        domain.authorised(asked("sim_declined_funds"))


@pytest.mark.parametrize("times", range(1, SILENT_CALLS_COUNT + 1))
def test_a_silent_reference_gets_no_answer_at_first(times: int) -> None:
    with pytest.raises(PaymentSilentError):
        domain.authorised(asked("sim_silent", times=times))


def test_a_silent_reference_is_answered_in_the_end() -> None:
    payment = domain.authorised(asked("sim_silent", times=SILENT_CALLS_COUNT + 1))
    assert payment.state is PaymentState.AUTHORISED


def test_a_repeat_of_an_authorisation_changes_nothing() -> None:
    payment = authorised()
    assert domain.authorised(domain.asked(payment, wanted())) == payment


def test_a_payment_voided_before_it_came_is_declined() -> None:
    voided = domain.voided(NEW)
    with pytest.raises(PaymentDeclinedError):
        domain.authorised(domain.asked(voided, wanted()))


@pytest.mark.parametrize("payment", [NEW, authorised(), domain.voided(NEW)])
def test_what_is_not_captured_can_be_voided_and_again(payment: SimulatedPayment) -> None:
    assert domain.voided(domain.voided(payment)).state is PaymentState.VOIDED


@pytest.mark.parametrize("amount_minor", [0, 1990, 3980])
def test_at_most_what_was_promised_is_captured(amount_minor: int) -> None:
    payment = domain.captured(authorised(), amount_minor=amount_minor)
    assert (payment.state, payment.captured_minor) == (PaymentState.CAPTURED, amount_minor)


def test_more_than_was_promised_is_not_captured() -> None:
    with pytest.raises(PaymentStateError):
        domain.captured(authorised(), amount_minor=3981)


def test_a_repeat_of_a_capture_changes_nothing() -> None:
    payment = domain.captured(authorised(), amount_minor=1990)
    assert domain.captured(payment, amount_minor=1990) is payment


def test_another_amount_is_not_captured_a_second_time() -> None:
    payment = domain.captured(authorised(), amount_minor=1990)
    with pytest.raises(PaymentStateError):
        domain.captured(payment, amount_minor=1991)


def test_what_was_captured_is_not_voided() -> None:
    with pytest.raises(PaymentStateError):
        domain.voided(domain.captured(authorised(), amount_minor=1990))


@pytest.mark.parametrize("payment", [NEW, asked(), domain.voided(NEW)])
def test_what_was_not_promised_is_not_captured(payment: SimulatedPayment) -> None:
    with pytest.raises(PaymentStateError):
        domain.captured(payment, amount_minor=1)


CALLS = st.lists(st.sampled_from(["authorise", "void", "capture"]), max_size=12)


@given(CALLS)
def test_in_any_order_of_calls_money_is_taken_or_given_up_never_both(calls: list[str]) -> None:
    payment, states = NEW, [NEW.state]
    for call in calls:
        try:
            match call:
                case "authorise":
                    payment = domain.authorised(domain.asked(payment, wanted()))
                case "void":
                    payment = domain.voided(payment)
                case _:
                    payment = domain.captured(payment, amount_minor=1990)
        except (PaymentDeclinedError, PaymentStateError):
            continue
        states.append(payment.state)
    assert not {PaymentState.VOIDED, PaymentState.CAPTURED} <= set(states)
