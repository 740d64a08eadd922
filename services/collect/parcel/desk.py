"""What staff ask of parcels and do to them: those of their own locations alone."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from functools import partial

from chassis import deadline
from chassis.clock import Clock, utc_now
from chassis.records import Records
from chassis.requests import Request
from services.collect.parcel import domain
from services.collect.parcel.store import PARCELS, at_location
from services.collect.parcel.values import INCOMING, OUTGOING, Parcel
from services.collect.parcel.workflow import ParcelChange, Parcels

WRITE_S_MAX = 2.0
# What the answer needs of the caller's time once the parcel is driven.
ANSWER_S = 0.1


class Desk:
    """`theirs` are the locations where the caller works."""

    def __init__(self, records: Records, parcels: Parcels, *, clock: Clock = utc_now) -> None:
        self._records = records
        self._parcels = parcels
        self._clock = clock

    async def outgoing(self, location_id: str, *, after_id: str, limit: int) -> Sequence[Parcel]:
        return await at_location(
            self._records,
            "source_location_id",
            location_id,
            states=OUTGOING,
            after_id=after_id,
            limit=limit,
        )

    async def incoming(self, location_id: str, *, after_id: str, limit: int) -> Sequence[Parcel]:
        return await at_location(
            self._records,
            "target_location_id",
            location_id,
            states=INCOMING,
            after_id=after_id,
            limit=limit,
        )

    async def pack(
        self,
        parcel_id: str,
        quantities: Mapping[str, int],
        bin_label: str,
        *,
        request: Request,
        theirs: Collection[str],
    ) -> Parcel:
        """Raises UnknownParcelError, ParcelNotHeldError, InvalidParcelError."""
        await self._sender(parcel_id, theirs)
        change = partial(
            domain.packed, quantities=quantities, bin_label=bin_label, now=self._clock()
        )
        return await self._written(parcel_id, change, request)

    async def send(self, parcel_id: str, *, request: Request, theirs: Collection[str]) -> Parcel:
        """Raises UnknownParcelError, ParcelNotPackedError."""
        await self._sender(parcel_id, theirs)
        return await self._written(parcel_id, partial(domain.sent, now=self._clock()), request)

    async def receive(
        self,
        parcel_id: str,
        quantities: Mapping[str, int],
        bin_label: str,
        *,
        request: Request,
        theirs: Collection[str],
    ) -> Parcel:
        """Raises UnknownParcelError, ParcelNotSentError, InvalidParcelError."""
        parcel = await self._records.find(PARCELS, parcel_id)
        domain.check_there(parcel, parcel.target_location_id if parcel else "", theirs)
        change = partial(
            domain.received, quantities=quantities, bin_label=bin_label, now=self._clock()
        )
        return await self._written(parcel_id, change, request)

    async def _sender(self, parcel_id: str, theirs: Collection[str]) -> None:
        parcel = await self._records.find(PARCELS, parcel_id)
        domain.check_there(parcel, parcel.source_location_id if parcel else "", theirs)

    async def _written(self, parcel_id: str, change: ParcelChange, request: Request) -> Parcel:
        """The parcel once the books know, where they do within the caller's time."""
        timeout_s = deadline.left_s(WRITE_S_MAX)
        await self._parcels.write(parcel_id, change, request=request, timeout_s=timeout_s)
        driven = self._parcels.drive(parcel_id)
        await asyncio.wait({driven}, timeout=max(0.0, deadline.left_s(WRITE_S_MAX) - ANSWER_S))
        found = await self._records.find(PARCELS, parcel_id)
        return domain.check_there(found, "", None)
