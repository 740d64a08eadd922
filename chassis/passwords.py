"""Hashes of what people remember: argon2id, off the event loop. Knows no account."""

import asyncio
import hashlib
import hmac
import math
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from prometheus_client import CollectorRegistry

from chassis.deadline import left_s
from chassis.errors import AppError, Kind
from chassis.places import Places

T = TypeVar("T")

THREADS = 2


class PasswordTimeoutError(AppError):
    kind, reason = Kind.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one hash, on one lane."""

    memory_kib: int
    passes: int


# OWASP, Password Storage Cheat Sheet: some 20 ms each.
COST = Cost(memory_kib=19 * 1024, passes=2)


class Passwords:
    """Hashes and verifies on threads of its own. Make one with `open_passwords`.

    Args:
        peppers: Keys kept outside the database, or none. Short secrets such as PINs need
            one, or a copy of the database gives them all away. The first is of new hashes;
            those of the others are right too.
        registry: Where it is told how many wait.
    """

    def __init__(
        self,
        threads: ThreadPoolExecutor,
        *peppers: bytes,
        registry: CollectorRegistry | None = None,
    ) -> None:
        self._threads = threads
        self._peppers = peppers or (b"",)
        self._places = Places(registry or CollectorRegistry())
        self._under_way: set[asyncio.Task[Any]] = set()
        self._hasher = PasswordHasher(
            time_cost=COST.passes, memory_cost=COST.memory_kib, parallelism=1
        )
        # Looked at where there is no account, so that its absence takes the same time.
        self._nobodys = self._hasher.hash("nobody")

    async def in_place(self, source: str, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` comes to, as one of those from `source` who are looked at or wait.

        All that is written for them belongs inside. Whoever hangs up leaves it to its end and
        keeps the place: a write that was begun waits for the engine all the same. Raises
        TooManyPasswordsError, and then nothing was begun.
        """

        async def placed() -> T:
            with self._places.taken(source):
                return await work()

        task = asyncio.create_task(placed())
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # Its caller may have gone: asyncio would complain that no one looked.

    async def hash(self, password: str) -> str:
        return await self._run(partial(self._hasher.hash, peppered(password, self._peppers[0])))

    async def verify(self, password: str, kept: str | None) -> bool:
        """Whether `kept` is its hash. False for None or "", no sooner than for a wrong one."""
        matches = False
        for pepper in self._peppers:
            if not matches:  # A wrong one is tried with all of them, known account or not.
                matches = await self._verify(peppered(password, pepper), kept or self._nobodys)
        return matches and bool(kept)

    async def renewed(self, password: str, kept: str) -> str | None:
        """A hash of today's pepper for a password that is right, where `kept` is not of it."""
        if len(self._peppers) == 1:
            return None
        of_today = await self._verify(peppered(password, self._peppers[0]), kept)
        return None if of_today else await self.hash(password)

    async def _verify(self, secret: bytes, kept: str) -> bool:
        return await self._run(partial(self._matches, secret, kept))

    def _matches(self, peppered: bytes, kept: str) -> bool:
        try:
            return self._hasher.verify(kept, peppered)
        except VerifyMismatchError:
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        """Raises PasswordTimeoutError."""
        ends_s = time.monotonic() + left_s(math.inf)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(in_time, work, ends_s))


@contextmanager
def open_passwords(
    *peppers: bytes, registry: CollectorRegistry | None = None
) -> Iterator[Passwords]:
    """Two threads, which are gone after the block: more would only take memory from others."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="passwords") as threads:
        yield Passwords(threads, *peppers, registry=registry)


def in_time(work: Callable[[], T], ends_s: float) -> T:
    """Not done for whoever has gone while it waited: those behind it still want theirs.

    Raises PasswordTimeoutError.
    """
    if time.monotonic() >= ends_s:
        raise PasswordTimeoutError("no thread was free before the caller's time was up")
    return work()


def peppered(password: str, pepper: bytes) -> bytes:
    secret = password.encode()
    return hmac.digest(pepper, secret, hashlib.sha256) if pepper else secret
