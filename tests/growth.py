"""Whether what was taken is given back: tasks, descriptors and objects of this process."""

import asyncio
import gc
from collections.abc import Awaitable, Callable

import psutil

from tests.waiting import until

ROUNDS_MAX = 6
# Half of one for each attempt; the house itself has some more or less of them.
OBJECTS_MAX = 50
# Far more than others wait: asyncio drops the cancelled when they are also the most.
TIMERS_COUNT, FAR_S = 1000, 3600.0
SLACK = 8  # Tasks and descriptors of the house's own that come and go.


async def assert_given_back(abuse: Callable[[], Awaitable[object]]) -> None:
    """Run `abuse`, which tries a hundred times or more, again and again, until nothing is left.

    What is made once is made by the first runs, and not counted.

    Raises TimeoutError where tasks or descriptors do not return to where they were, and
    AssertionError where every attempt leaves something.
    """
    tasks_before, descriptors_before = tasks_and_descriptors()
    await abuse()
    gc.collect()
    gc.freeze()  # Else each collection looks at all that the session has made.
    left = list[int]()
    for _ in range(ROUNDS_MAX):
        await abuse()
        await until(lambda: is_back(tasks_before, descriptors_before))
        await drop_cancelled_timers()
        gc.collect()
        left.append(len(gc.get_objects()))
        if len(left) > 1 and left[-1] - left[-2] < OBJECTS_MAX:
            return
    raise AssertionError(f"left each time, in all: {left}")


async def drop_cancelled_timers() -> None:
    """They stay with asyncio, and what they hold, until there are a hundred: then all go."""
    loop = asyncio.get_running_loop()
    for _ in range(TIMERS_COUNT):
        loop.call_later(FAR_S, print).cancel()
    await asyncio.sleep(0)


def tasks_and_descriptors() -> tuple[int, int]:
    return len(asyncio.all_tasks()), psutil.Process().num_fds()


async def is_back(tasks_before: int, descriptors_before: int) -> bool:
    tasks, descriptors = tasks_and_descriptors()
    return tasks <= tasks_before + SLACK and descriptors <= descriptors_before + SLACK
