"""Taking the chain's list of staff in: PINs are hashed, members put, those who left signed out."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from chassis.clock import Clock
from chassis.deadline import left_s
from chassis.importing import Outcome, put_all
from chassis.passwords import Passwords
from chassis.records import Records
from services.associate.staff import domain
from services.associate.staff.domain import Staff
from services.associate.staff.store import STAFF
from services.associate.terminal import store as terminals

WRITE_S_MAX = 5.0  # For a chunk, not for one member.


class Listed(NamedTuple):
    """A member as the list has it. An empty PIN leaves the one there is."""

    member: Staff
    pin: str


class StaffList:
    def __init__(self, records: Records, passwords: Passwords, clock: Clock) -> None:
        self._records = records
        self._passwords = passwords
        self._clock = clock
        # PINs have two threads. Imports take one at most, however many run, so that whoever
        # signs in waits for a colleague's PIN and never for a list.
        self._looking = asyncio.Semaphore(1)

    async def put(self, listed: Sequence[Listed]) -> list[Outcome]:
        """Whether each changed something.

        Members are put first: from then on nobody inactive signs in, so none of their
        sessions escapes. It is done for the unchanged too, so a list cut off between
        the two steps is mended by sending it again.
        """
        kept = await self._records.find_many(STAFF, {m.staff_id for m, _ in listed})
        members = [await self._with_pin_hash(one, kept.get(one.member.staff_id)) for one in listed]
        outcomes = await put_all(
            self._records,
            STAFF,
            members,
            key=STAFF.key,
            put=domain.put,
            event=domain.staff_changed,
            timeout_s=left_s(WRITE_S_MAX),
        )
        gone = {member.staff_id for member in members if not member.active}
        await terminals.end_sessions(self._records, gone, now=self._clock())
        return outcomes

    async def _with_pin_hash(self, listed: Listed, kept: Staff | None) -> Staff:
        """With the hash there is where it is of this PIN: a new one would look like a change."""
        member, pin = listed
        if not pin:
            return member
        async with self._looking:
            return replace(member, pin_hash=await self._pin_hash(pin, kept))

    async def _pin_hash(self, pin: str, kept: Staff | None) -> str:
        if kept is not None and await self._passwords.verify(pin, kept.pin_hash):
            renewed = await self._passwords.renewed(pin, kept.pin_hash)
            return renewed or kept.pin_hash
        return await self._passwords.hash(pin)
