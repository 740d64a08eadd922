"""Where the simulated provider keeps its payments: as if they were somebody else's."""

from collections.abc import Callable

from chassis.changes import Changed
from chassis.records import Kind, Records, Ref, State
from services.collect.payment import domain
from services.collect.payment.domain import SimulatedPayment

PAYMENTS = Kind(
    type=SimulatedPayment, collection="simulated_payments", key=lambda payment: payment.payment_id
)
TIMEOUT_S = 2.0


class Simulator:
    """A `Provider` for machines without one. References that begin with `sim_declined` are
    declined; those with `sim_silent` get no answer twice."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def authorise(
        self, *, payment_id: str, reference: str, amount_minor: int, currency: str
    ) -> None:
        wanted = SimulatedPayment(
            payment_id=payment_id,
            reference=reference,
            amount_minor=amount_minor,
            currency=currency,
        )
        asked = await self._change(payment_id, lambda before: domain.asked(before, wanted))
        domain.authorised(asked)
        await self._change(payment_id, domain.authorised)

    async def void(self, *, payment_id: str) -> None:
        await self._change(payment_id, domain.voided)

    async def capture(self, *, payment_id: str, amount_minor: int) -> None:
        await self._change(
            payment_id, lambda payment: domain.captured(payment, amount_minor=amount_minor)
        )

    async def _change(
        self, payment_id: str, change: Callable[[SimulatedPayment], SimulatedPayment]
    ) -> SimulatedPayment:
        def changed(state: State) -> Changed[SimulatedPayment]:
            before = state.find(PAYMENTS, payment_id) or SimulatedPayment(payment_id=payment_id)
            after = change(before)
            return Changed(answer=after, records=(after,))

        return await self._records.update(
            [Ref(PAYMENTS, payment_id)], changed, answer=SimulatedPayment, timeout_s=TIMEOUT_S
        )
