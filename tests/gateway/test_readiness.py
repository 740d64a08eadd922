"""Readiness follows its check, and ends when it is told to."""

import asyncio

from services.gateway.readiness import Readiness

FAR_S = 60.0


async def once(readiness: Readiness, *, fails: bool) -> None:
    """Until one check is over."""
    over = asyncio.Event()

    async def check() -> None:
        asyncio.get_running_loop().call_soon(over.set)
        if fails:
            raise ConnectionError

    following = asyncio.create_task(readiness.follow(check, FAR_S))
    await over.wait()
    following.cancel()
    await asyncio.wait([following])


async def test_it_is_not_ready_before_its_first_check() -> None:
    assert not Readiness().ready


async def test_it_is_ready_once_a_check_has_passed() -> None:
    readiness = Readiness()
    await once(readiness, fails=False)

    assert readiness.ready


async def test_it_is_not_ready_once_a_check_fails() -> None:
    readiness = Readiness()
    await once(readiness, fails=False)
    await once(readiness, fails=True)

    assert not readiness.ready


async def test_while_it_drains_no_check_makes_it_ready() -> None:
    readiness = Readiness()
    readiness.drain()
    await once(readiness, fails=False)

    assert not readiness.ready


async def test_a_check_that_ends_as_it_is_cancelled_ends_the_following() -> None:
    tasks: list[asyncio.Task[None]] = []

    async def check() -> None:
        tasks[0].cancel()

    tasks.append(asyncio.create_task(Readiness().follow(check, FAR_S)))
    await asyncio.wait(tasks, timeout=5)

    assert tasks[0].cancelled()
