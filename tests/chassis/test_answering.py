"""Streams whose requests are answered as they are done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from chassis.answering import answered


class Work:
    """Requests are done when they are told to be."""

    def __init__(self) -> None:
        self.gates: dict[int, asyncio.Event] = {}
        self.cut: list[int] = []
        self.read_count = 0

    async def requests(self, count: int) -> AsyncIterator[int]:
        for number in range(count):
            self.read_count += 1
            yield number

    async def answer(self, number: int) -> int:
        gate = self.gates[number] = asyncio.Event()
        try:
            await gate.wait()
        except asyncio.CancelledError:
            self.cut.append(number)
            raise
        if number == 13:
            raise ValueError("unlucky")
        return number * 10


async def settled() -> None:
    """All that can happen by itself has happened."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_answers_come_as_they_are_there() -> None:
    work = Work()
    async with aclosing(answered(work.requests(3), work.answer, at_once_max=8)) as answers:
        first = asyncio.ensure_future(anext(answers))
        await settled()
        for number in (2, 0, 1):
            work.gates[number].set()
        assert await first == 20
        assert [each async for each in answers] == [0, 10]


async def test_nothing_is_read_beyond_what_may_be_under_way_or_wait_to_be_taken() -> None:
    work = Work()
    async with aclosing(answered(work.requests(9), work.answer, at_once_max=2)) as answers:
        taking = asyncio.ensure_future(anext(answers))
        await settled()
        assert list(work.gates) == [0, 1]
        work.gates[0].set()
        work.gates[1].set()
        assert await taking == 0
        await settled()
        # Two are done, and one of them is taken, but the next was not asked for yet.
        assert list(work.gates) == [0, 1]
        assert await anext(answers) == 10
        await settled()
        assert list(work.gates) == [0, 1, 2]
        assert work.read_count <= 4


async def test_an_empty_stream_ends() -> None:
    work = Work()

    assert [each async for each in answered(work.requests(0), work.answer, at_once_max=2)] == []


async def test_what_one_raises_ends_them_all() -> None:
    work = Work()
    async with aclosing(answered(work.requests(20), work.answer, at_once_max=20)) as answers:
        taking = asyncio.ensure_future(anext(answers))
        await settled()
        work.gates[13].set()
        with pytest.raises(ValueError, match="unlucky"):
            await taking
    assert sorted(work.cut) == [each for each in range(20) if each != 13]


async def test_what_the_stream_itself_raises_ends_them_all() -> None:
    work = Work()

    async def broken() -> AsyncIterator[int]:
        yield 1
        await settled()
        raise ConnectionError("cut")

    with pytest.raises(ConnectionError):
        await anext(answered(broken(), work.answer, at_once_max=4))
    assert work.cut == [1]


async def test_closing_ends_those_under_way() -> None:
    work = Work()
    answers = answered(work.requests(5), work.answer, at_once_max=5)
    taking = asyncio.ensure_future(anext(answers))
    await settled()
    taking.cancel()
    await asyncio.wait([taking])

    await answers.aclose()
    assert sorted(work.cut) == [0, 1, 2, 3, 4]
