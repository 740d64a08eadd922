"""Programs that tests start end with them, and say how."""

import asyncio
import os
import signal

import pytest

from tests.clients.programs import begun, run


async def test_of_several_at_once_each_says_how_it_ended() -> None:
    ended = await asyncio.gather(*(run("keyword") for _ in range(12)))
    assert {each.code for each in ended} == {0}


async def test_what_it_is_given_and_says_goes_through_pipes_of_its_own() -> None:
    said = await run("json.tool", "--compact", stdin=b'{"a": 1}')
    assert (said.code, said.out) == (0, '{"a":1}\n')
    wrong = await run("json.tool", stdin=b"no")
    assert (wrong.code, wrong.out) == (1, "") and "Expecting value" in wrong.err


async def test_one_that_does_not_end_is_ended() -> None:
    async with begun("http.server", "0") as program:
        with pytest.raises(TimeoutError):
            await program.ended(timeout_s=0.5)
    assert program.process.exitcode == -signal.SIGKILL


async def test_one_that_a_test_leaves_is_ended() -> None:
    async with begun("http.server", "0") as program:
        os.kill(program.pid, 0)
    assert program.process.exitcode == -signal.SIGKILL
