"""How many plans are made at once, whoever waits for them."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from chassis.errors import Kind
from services.inventory.sourcing.plans import Plans, TooManyPlansError


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


class Piece:
    """Of work, which says that it has begun and ends when it may."""

    def __init__(self) -> None:
        self.has_begun, self.may_end = Event(), Event()

    def __call__(self) -> None:
        self.has_begun.set()
        self.may_end.wait()


async def planned(plans: Plans, piece: Piece) -> None:
    with plans.place() as thread:
        await thread.run(piece)


async def gone(call: "asyncio.Task[None]") -> None:
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


def is_full(plans: Plans) -> bool:
    try:
        with plans.place():
            return False
    except TooManyPlansError:
        return True


async def test_who_goes_while_a_thread_works_keeps_the_place_until_it_has_ended(
    threads: ThreadPoolExecutor,
) -> None:
    plans, piece = Plans(threads, plans_max=1), Piece()
    call = asyncio.create_task(planned(plans, piece))
    await asyncio.to_thread(piece.has_begun.wait)
    await gone(call)
    full_while_it_works = is_full(plans)
    piece.may_end.set()
    await asyncio.wrap_future(threads.submit(Event().set))

    assert full_while_it_works
    assert not is_full(plans)


async def test_what_nobody_waits_for_any_more_is_not_begun(threads: ThreadPoolExecutor) -> None:
    plans, first, second = Plans(threads, plans_max=2), Piece(), Piece()
    working = asyncio.create_task(planned(plans, first))
    await asyncio.to_thread(first.has_begun.wait)
    waiting = asyncio.create_task(planned(plans, second))
    await asyncio.sleep(0)
    await gone(waiting)
    full_once_it_has_gone = is_full(plans)
    first.may_end.set()
    await working
    await asyncio.wrap_future(threads.submit(Event().set))

    assert not full_once_it_has_gone
    assert not second.has_begun.is_set()


async def test_one_plan_too_many_is_told_when_to_come_again(threads: ThreadPoolExecutor) -> None:
    plans = Plans(threads, plans_max=1)
    with plans.place(), pytest.raises(TooManyPlansError) as raised, plans.place():
        pass
    assert raised.value.kind is Kind.RESOURCE_EXHAUSTED
    assert raised.value.retry_after_s


async def test_a_place_is_free_again_whatever_became_of_the_plan(
    threads: ThreadPoolExecutor,
) -> None:
    plans = Plans(threads, plans_max=1)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), plans.place() as thread:
            await thread.run(lambda: 1 // 0)
    assert not is_full(plans)
