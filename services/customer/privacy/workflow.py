"""Erasing a customer, step by step: each may be done again, and what is listed will be.

The list comes first and lies in a store of its own. So whatever dies in between, and
whatever the other stores are put back to, whoever stands on it is erased in the end.
"""

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from chassis.acts import ACTS, act_of, noted
from chassis.changes import Changed
from chassis.clock import Clock, utc_now
from chassis.records import Records, Ref, State
from chassis.requests import Request
from services.customer.identity.domain import Credentials, address_hash, normalised_address
from services.customer.identity.store import CREDENTIALS
from services.customer.identity.workflow import end_sessions
from services.customer.limits import write_s
from services.customer.privacy import domain
from services.customer.privacy.domain import Erasure, Found
from services.customer.privacy.store import (
    ERASURES,
    credentials_of,
    imported_under,
    listed_after,
    still_there,
)
from services.customer.profile.domain import check_source_id, unknown_customer
from services.customer.profile.intake import imported_id
from services.customer.profile.store import IMPORTED_CUSTOMERS, PROFILES
from services.customer.vault import Vault

PAGE = 500

log = logging.getLogger(__name__)


class Eraser:
    """`erasures` must keep ERASURES, apart from `records` and from the vault's keys."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        erasures: Records,
        *,
        address_key: bytes,
        clock: Clock = utc_now,
    ) -> None:
        self._records = records
        self._vault = vault
        self._erasures = erasures
        self._address_key = address_key
        self._clock = clock

    async def find(self, *, email: str, source_id: str) -> list[Found]:
        """By id. Raises InvalidProfileError, InvalidAddressError."""
        domain.check_asked(email=email, source_id=source_id)
        if source_id:
            return await self._imported_as(source_id)
        hashed = address_hash(self._address_key, normalised_address(email))
        account = await self._records.find(CREDENTIALS, hashed)
        ids = {each: False for each in await imported_under(self._records, hashed)}
        if account is not None:
            ids[account.customer_id] = True
        return [Found(customer_id=each, has_account=ids[each]) for each in sorted(ids)]

    async def erase(self, customer_id: str, cause: str, request: Request) -> Erasure:
        """Raises UnknownCustomerError, and what a repeated `request` does."""
        if not await self._is_known(customer_id):
            raise unknown_customer(customer_id)
        act = act_of(request, "erase_customer", target=customer_id, now=self._clock(), cause=cause)
        await self._records.update(
            [Ref(ACTS, act.act_id)],
            partial(noted, act),
            answer=type(None),
            request=request,
            timeout_s=write_s(),
        )
        erasure = await self._list(customer_id)
        await self._carry_out(customer_id)
        return erasure

    async def erase_listed(self) -> int:
        """Erase again whoever is on the list and is there all the same; answers how many.

        After a restore, and after an erasure that was cut off.
        """
        behind, count = "", 0
        while ids := await listed_after(self._erasures, behind, limit=PAGE):
            behind = ids[-1]
            count += await self._erase_again(ids)
        return count

    async def _imported_as(self, source_id: str) -> list[Found]:
        check_source_id(source_id)
        customer_id = imported_id(self._address_key, source_id)
        profile = await self._records.find(PROFILES, customer_id)
        return [] if profile is None else [Found(customer_id=customer_id, has_account=False)]

    async def _erase_again(self, ids: Sequence[str]) -> int:
        undestroyed = await self._vault.undestroyed(ids)
        there = await still_there(self._records, ids, now=self._clock())
        left = sorted(undestroyed | there)
        for customer_id in left:
            await self._carry_out(customer_id)
            log.warning("customer %s was erased and is erased again", customer_id)
        return len(left)

    async def _is_known(self, customer_id: str) -> bool:
        """Also one who was erased: what was cut off goes on by asking again."""
        if await self._erasures.find(ERASURES, customer_id) is not None:
            return True
        return await self._vault.has(customer_id)

    async def _list(self, customer_id: str) -> Erasure:
        now = self._clock()

        def change(state: State) -> Changed[Erasure]:
            if (there := state.find(ERASURES, customer_id)) is not None:
                return Changed(answer=there)
            erasure = Erasure(customer_id=customer_id, erase_time=now)
            return Changed(answer=erasure, records=(erasure,))

        refs = [Ref(ERASURES, customer_id)]
        return await self._erasures.update(refs, change, answer=Erasure, timeout_s=write_s())

    async def _carry_out(self, customer_id: str) -> None:
        """The key first: should the rest not be reached, nothing opens any more."""
        await self._vault.destroy(customer_id)
        await self._empty_rows(customer_id, await credentials_of(self._records, [customer_id]))
        # Behind the credentials: nobody can open another one now.
        await end_sessions(self._records, customer_id, clock=self._clock)

    async def _empty_rows(self, customer_id: str, credentials: Sequence[Credentials]) -> None:
        def change(state: State) -> Changed[bool]:
            return domain.erased(
                state.find(PROFILES, customer_id),
                state.find(IMPORTED_CUSTOMERS, customer_id),
                # The address may be another's by now.
                [c for c in state.all(CREDENTIALS) if c.customer_id == customer_id],
            )

        refs: list[Ref[Any]] = [
            Ref(PROFILES, customer_id),
            Ref(IMPORTED_CUSTOMERS, customer_id),
            *(Ref(CREDENTIALS, each.address_hash) for each in credentials),
        ]
        await self._records.update(refs, change, answer=bool, timeout_s=write_s())
