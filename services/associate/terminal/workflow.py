"""A sign-in: the proof, the guess counted, the PIN looked at, the session opened.

The steps can fail apart, and each leaves what is right if the next never comes: a guess
that was counted stays counted until the right one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from chassis.changes import Changed
from chassis.clock import Clock
from chassis.deadline import left_s
from chassis.passwords import Passwords
from chassis.records import Records, Ref, State
from chassis.requests import Request
from services.associate.staff.domain import Staff, staff_id_of
from services.associate.staff.store import STAFF
from services.associate.terminal import challenge, device_keys, session
from services.associate.terminal.challenge import Use
from services.associate.terminal.domain import Terminal
from services.associate.terminal.session import StaffSession
from services.associate.terminal.store import (
    ATTEMPTS,
    CHALLENGE_USES,
    SESSIONS,
    TERMINALS,
    WRITE_S_MAX,
)

STRANGERS = ""  # No terminal has this id.


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a terminal sends of itself and of who stands at it. Shows itself in no log."""

    terminal_id: str
    challenge: bytes
    signature: bytes
    badge: str
    pin: str

    def __repr__(self) -> str:
        return f"Credentials(terminal_id={self.terminal_id!r})"


class SignedIn(NamedTuple):
    held: StaffSession
    member: Staff
    terminal: Terminal


class SignIn:
    def __init__(
        self, records: Records, passwords: Passwords, clock: Clock, *, secrets: Sequence[bytes]
    ) -> None:
        self._records = records
        self._passwords = passwords
        self._clock = clock
        self._secrets = secrets

    async def run(self, given: Credentials, request: Request) -> SignedIn:
        """Raises WrongCredentialsError, always the same, TooManyAttemptsError and, before
        anything is counted, TooManyPasswordsError.

        Whatever is wrong, a PIN is looked at, so that all wrong ones take one time; only what
        no terminal has signed is not counted, and so a write quicker. That tells strangers
        nothing, and they can lock no badge.
        """
        now = self._clock()
        terminal = await self._records.find(TERMINALS, given.terminal_id)
        if terminal is not None and terminal.revoked:
            terminal = None  # Whoever has it is a stranger, and locks no badge either.
        is_proved = self._is_proved(given, terminal, now)
        # Whoever proves no terminal may name any: together they take the places of one.
        place = given.terminal_id if is_proved else STRANGERS
        look = partial(self._looked_at, given, request, terminal, now=now, is_proved=is_proved)
        member, at = await self._passwords.in_place(place, look)
        held = await self._open(member, at, request, now)
        return SignedIn(held, member, at)

    async def _looked_at(
        self,
        given: Credentials,
        request: Request,
        terminal: Terminal | None,
        *,
        now: datetime,
        is_proved: bool,
    ) -> tuple[Staff, Terminal]:
        """Whose badge it is, and where. Raises WrongCredentialsError, TooManyAttemptsError."""
        admitted = is_proved and await self._admit(given, request, now)
        member = await self._records.find(STAFF, staff_id_of(given.badge))
        right = await self._passwords.verify(given.pin, member.pin_hash if member else None)
        if not admitted or not right or member is None:
            raise session.wrong_credentials()
        # Decided again by `_open`. Here it keeps the right PIN at the wrong place from taking
        # longer.
        if terminal is None or not member.may_work_at(terminal.location_id):
            raise session.wrong_credentials()
        return await self._with_todays_pepper(member, given.pin), terminal

    async def _with_todays_pepper(self, member: Staff, pin: str) -> Staff:
        """The member as kept by now, their PIN hashed anew while it is at hand.

        Left as it is where somebody changed the member meanwhile: then it is decided again.
        """
        renewed = await self._passwords.renewed(pin, member.pin_hash)
        if renewed is None:
            return member
        after = replace(member, pin_hash=renewed)

        def change(state: State) -> Changed[Staff]:
            if state.find(STAFF, member.staff_id) != member:
                return Changed(answer=member)
            return Changed(answer=after, records=(after,))

        refs = [Ref(STAFF, member.staff_id)]
        return await self._records.update(refs, change, answer=Staff, timeout_s=left_s(WRITE_S_MAX))

    def _is_proved(self, given: Credentials, terminal: Terminal | None, now: datetime) -> bool:
        key = terminal.public_key if terminal else None
        signed = device_keys.is_signed(key, given.challenge, given.signature)
        good = [
            challenge.is_good(secret, given.terminal_id, given.challenge, now=now)
            for secret in self._secrets
        ]
        return signed and any(good)

    async def _admit(self, given: Credentials, request: Request, now: datetime) -> bool:
        staff_id, terminal_id = staff_id_of(given.badge), given.terminal_id
        use = Use(
            challenge=given.challenge,
            request_id=request.request_id,
            body_hash=request.body_hash,
            time=now,
        )

        def change(state: State) -> Changed[bool]:
            return session.admit(
                state.find(ATTEMPTS, staff_id),
                state.find(CHALLENGE_USES, terminal_id),
                staff_id=staff_id,
                terminal_id=terminal_id,
                use=use,
            )

        refs: list[Ref[Any]] = [Ref(ATTEMPTS, staff_id), Ref(CHALLENGE_USES, terminal_id)]
        return await self._records.update(refs, change, answer=bool, timeout_s=left_s(WRITE_S_MAX))

    async def _open(
        self, member: Staff, terminal: Terminal, request: Request, now: datetime
    ) -> StaffSession:
        staff_id, terminal_id = member.staff_id, terminal.terminal_id

        def change(state: State) -> Changed[StaffSession]:
            return session.sign_in(
                state.find(STAFF, staff_id),
                state.find(TERMINALS, terminal_id),
                state.find(ATTEMPTS, staff_id),
                session_id=request.made_id,
                pin_hash=member.pin_hash,
                now=now,
            )

        refs: list[Ref[Any]] = [
            Ref(STAFF, staff_id),
            Ref(TERMINALS, terminal_id),
            Ref(ATTEMPTS, staff_id),
            Ref(SESSIONS, request.made_id),
        ]
        return await self._records.update(
            refs, change, answer=StaffSession, request=request, timeout_s=left_s(WRITE_S_MAX)
        )
