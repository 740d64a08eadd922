"""Turns at records: first come, first served, and nobody waits for another's other row."""

import asyncio

import pytest

from chassis.queues import Queues


async def test_writers_of_one_key_come_one_after_the_other_in_order() -> None:
    queues, inside, order = Queues(), 0, []

    async def write(number: int) -> None:
        nonlocal inside
        async with queues.turn(["row"]):
            inside += 1
            assert inside == 1
            order.append(number)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(write(number) for number in range(20)))

    assert order == list(range(20))


async def test_other_keys_are_not_waited_for() -> None:
    queues = Queues()
    async with queues.turn(["a"]), queues.turn(["b"]):
        pass


async def test_two_keys_in_either_order_do_not_wait_for_each_other() -> None:
    queues = Queues()

    async def write(*keys: str) -> None:
        async with queues.turn(keys):
            await asyncio.sleep(0)

    async with asyncio.timeout(5):
        await asyncio.gather(*(write(*("ab" if n % 2 else "ba")) for n in range(50)))


async def test_who_gives_up_leaves_the_queue_as_it_was() -> None:
    queues = Queues()
    async with queues.turn(["row"]):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), queues.turn(["row"]):
                pass
    async with queues.turn(["row"]):
        pass

    assert queues.waiting_count == 0


async def test_who_gives_up_does_not_let_those_behind_it_in() -> None:
    queues, inside = Queues(), asyncio.Event()

    async def behind() -> None:
        async with queues.turn(["row"]):
            inside.set()

    async with queues.turn(["row"]):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), queues.turn(["row", "other"]):
                pass
        following = asyncio.create_task(behind())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not inside.is_set()
    await following

    assert inside.is_set()
