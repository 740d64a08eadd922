"""The port to a payment provider, and the rules of the one that is simulated. Pure.

Every call carries the id under which the payment was authorised, so all may be repeated,
and a payment can be voided whether or not its authorisation has arrived.
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

from chassis.errors import AppError, Kind

DECLINED_PREFIX = "sim_declined"
# The provider answers nothing to the first calls, as one that is in trouble does.
SILENT_PREFIX = "sim_silent"
SILENT_CALLS_COUNT = 2


class PaymentDeclinedError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "PAYMENT_DECLINED"


class PaymentSilentError(AppError):
    kind, reason = Kind.UNAVAILABLE, "PAYMENT_PROVIDER_UNAVAILABLE"


class PaymentStateError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "PAYMENT_STATE"


class Provider(Protocol):
    """What `collect` asks of a payment provider. Amounts in the currency's minor unit.

    Each raises PaymentSilentError when it is not known whether it was done: ask again.
    """

    async def authorise(
        self, *, payment_id: str, reference: str, amount_minor: int, currency: str
    ) -> None:
        """Have the amount promised. Raises PaymentDeclinedError."""

    async def void(self, *, payment_id: str) -> None:
        """Give the promise up, for ever, seen or not. Raises PaymentStateError once captured."""

    async def capture(self, *, payment_id: str, amount_minor: int) -> None:
        """Take at most what was promised. Raises PaymentStateError unless authorised."""


class PaymentState(Enum):
    ASKED = "asked"
    AUTHORISED = "authorised"
    VOIDED = "voided"
    CAPTURED = "captured"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedPayment:
    payment_id: str
    reference: str = ""
    amount_minor: int = 0
    currency: str = ""
    captured_minor: int = 0
    state: PaymentState = PaymentState.ASKED
    asked_count: int = 0


def asked(before: SimulatedPayment, after: SimulatedPayment) -> SimulatedPayment:
    """One more call counted for it; what becomes of it is for `authorised` to say."""
    if before.state is not PaymentState.ASKED:
        return before
    return replace(after, asked_count=before.asked_count + 1)


def authorised(payment: SimulatedPayment) -> SimulatedPayment:
    """Raises PaymentDeclinedError, PaymentSilentError."""
    if payment.state is PaymentState.VOIDED or payment.reference.startswith(DECLINED_PREFIX):
        raise PaymentDeclinedError("the payment was declined: choose another way to pay")
    silent = payment.reference.startswith(SILENT_PREFIX)
    if silent and payment.asked_count <= SILENT_CALLS_COUNT:
        raise PaymentSilentError("the payment provider does not answer")
    if payment.state is PaymentState.ASKED:
        return replace(payment, state=PaymentState.AUTHORISED)
    return payment


def voided(payment: SimulatedPayment) -> SimulatedPayment:
    """Raises PaymentStateError once captured."""
    if payment.state is PaymentState.CAPTURED:
        raise PaymentStateError("the payment was captured already", state=payment.state.value)
    return replace(payment, state=PaymentState.VOIDED)


def captured(payment: SimulatedPayment, *, amount_minor: int) -> SimulatedPayment:
    """Raises PaymentStateError unless it is authorised for that much."""
    if payment.state is PaymentState.CAPTURED and payment.captured_minor == amount_minor:
        return payment
    if payment.state is not PaymentState.AUTHORISED or amount_minor > payment.amount_minor:
        raise PaymentStateError(
            "only what is authorised can be captured, once",
            state=payment.state.value,
            authorised_minor=payment.amount_minor,
        )
    return replace(payment, state=PaymentState.CAPTURED, captured_minor=amount_minor)
