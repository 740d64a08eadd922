"""A stream of requests, each answered as soon as it is done. Knows no request."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from typing import Any, TypeVar

from chassis.background import ended

Q = TypeVar("Q")
A = TypeVar("A")


async def answered(
    requests: AsyncIterable[Q], answer: Callable[[Q], Awaitable[A]], *, at_once_max: int
) -> AsyncGenerator[A, None]:
    """What `answer` makes of each request, in the order in which it is there.

    At most `at_once_max` are under way or wait to be taken; then no more is read. What one
    raises ends them all: refusals that should not are values. Close it
    (`contextlib.aclosing`), or those under way outlive the call.
    """
    done: asyncio.Queue[asyncio.Task[Any]] = asyncio.Queue()
    room, under_way = asyncio.Semaphore(at_once_max), set[asyncio.Task[A]]()

    async def read() -> None:
        async for request in requests:
            await room.acquire()
            under_way.add(begun(answer(request), done))

    reader, is_read = begun(read(), done), False
    try:
        while under_way or not is_read:
            task = await done.get()
            if task is reader:
                task.result()
                is_read = True
                continue
            under_way.discard(task)
            yield task.result()
            # Not before: who takes no answers is not read for ever.
            room.release()
    finally:
        await ended([reader, *under_way])


def begun(work: Awaitable[A], done: asyncio.Queue[asyncio.Task[Any]]) -> asyncio.Task[A]:
    task: asyncio.Task[A] = asyncio.ensure_future(work)
    task.add_done_callback(done.put_nowait)
    return task
