"""How many plans are made at once, and on which threads. Knows nothing of what a plan is."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from chassis.errors import AppError, Kind

T = TypeVar("T")

# Of hard ones a second of processor time: whoever reserves must not wait behind more.
PLANS_MAX = 8
PLAN_S = 0.5
# Two, so that a hard one keeps no easy one behind it. More would share the same processor.
THREADS = 2


class TooManyPlansError(AppError):
    kind, reason = Kind.RESOURCE_EXHAUSTED, "TOO_MANY_PLANS"


class Thread:
    """Works for one plan, a piece at a time."""

    def __init__(self, threads: Executor) -> None:
        self._threads = threads
        self._work: Future[Any] | None = None

    async def run(self, work: Callable[[], T]) -> T:
        """What is cancelled before it begins is not begun; after that nothing stops it."""
        self._work = self._threads.submit(work)
        return await asyncio.wrap_future(self._work)

    def when_idle(self, call: Callable[[], None]) -> None:
        if self._work is None or self._work.done():
            call()
        else:
            loop = asyncio.get_running_loop()
            self._work.add_done_callback(lambda _: loop.call_soon_threadsafe(call))


class Plans:
    """Make one with `open_plans`."""

    def __init__(self, threads: Executor, *, plans_max: int = PLANS_MAX) -> None:
        self._threads = threads
        self._plans_max = plans_max
        self._count = 0

    @contextmanager
    def place(self) -> Iterator[Thread]:
        """For one plan, inside the block. Raises TooManyPlansError, at once.

        A caller who goes leaves the place to its thread until that has ended: else who asks
        and hangs up, again and again, has any number of them work.
        """
        if self._count >= self._plans_max:
            raise TooManyPlansError("others are planned here: try again", retry_after_s=PLAN_S)
        self._count += 1
        thread = Thread(self._threads)
        try:
            yield thread
        finally:
            thread.when_idle(self._give_back)

    def _give_back(self) -> None:
        self._count -= 1


@contextmanager
def open_plans(*, plans_max: int = PLANS_MAX) -> Iterator[Plans]:
    """On threads that are gone after the block."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="plans") as threads:
        yield Plans(threads, plans_max=plans_max)
