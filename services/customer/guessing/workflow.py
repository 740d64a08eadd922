"""Around the look at a password: counted before it, and by source after it if it was wrong.

A crash in between costs whoever tried one try.
"""

from typing import Any

from chassis.changes import Changed
from chassis.clock import Clock
from chassis.lockout import WrongGuesses
from chassis.records import Records, Ref, State
from services.customer.guessing import domain
from services.customer.guessing.domain import WRONG_FROM_SOURCE, Try
from services.customer.guessing.store import ATTEMPTS, KNOWN_SOURCES, WRONG_GUESSES
from services.customer.limits import write_s


class Guesses:
    def __init__(self, records: Records, *, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    async def admit(self, attempt: Try) -> bool:
        """Whether the try comes from a known source. Raises TooManyAttemptsError."""
        await self._check_source(attempt)
        now = self._clock()
        return await self._records.update(
            refs_of(attempt),
            lambda state: domain.attempted(
                state.find(ATTEMPTS, attempt.address_hash),
                state.find(KNOWN_SOURCES, attempt.pair_hash),
                attempt=attempt,
                now=now,
            ),
            answer=bool,
            timeout_s=write_s(),
        )

    async def was_wrong(self, attempt: Try) -> None:
        """Count it against its source too, where the account's owner has not come from before."""
        source_hash, now = attempt.source_hash, self._clock()
        if not source_hash:
            return

        def change(state: State) -> Changed[bool]:
            before = state.find(WRONG_GUESSES, source_hash)
            before = before or WrongGuesses(key=source_hash, begin_time=now)
            return Changed(answer=True, records=(before.wrong(WRONG_FROM_SOURCE, now),))

        await self._records.update(
            [Ref(WRONG_GUESSES, source_hash)], change, answer=bool, timeout_s=write_s()
        )

    async def _check_source(self, attempt: Try) -> None:
        """By a plain read: in the write, all who sign in from one source would wait in line."""
        now = self._clock()
        guesses = await self._records.find(WRONG_GUESSES, attempt.source_hash)
        if guesses is None:
            return
        known = await self._records.find(KNOWN_SOURCES, attempt.pair_hash)
        if known is None or not known.is_known(now):
            guesses.checked(WRONG_FROM_SOURCE, now)


def refs_of(attempt: Try) -> list[Ref[Any]]:
    """What `domain.attempted` and `domain.succeeded` read."""
    return [Ref(ATTEMPTS, attempt.address_hash), Ref(KNOWN_SOURCES, attempt.pair_hash)]
