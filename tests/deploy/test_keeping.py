"""Processes that are kept running, and die: the smallest ones there are."""

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.local import keeping, leftovers
from deploy.local.errors import LocalError
from deploy.local.processes import Child, Command

BOUND_S = 10.0
SLEEPER = Command(name="sleeper", argv=("sleep", "600"))
BRIEF = Command(name="brief", argv=(sys.executable, "-c", "import sys; sys.exit('no disk left')"))


class Told(logging.Handler):
    """What the terminal shows."""

    def __init__(self) -> None:
        super().__init__()
        self._said: list[str] = []
        self._more = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self._said.append(record.getMessage())
        self._more.set()

    async def message(self, part: str) -> str:
        """The first one that holds `part`, which may be yet to come."""
        async with asyncio.timeout(BOUND_S):
            while not (found := [said for said in self._said if part in said]):
                self._more.clear()
                await self._more.wait()
        return found[0]


@pytest.fixture
def told() -> Iterator[Told]:
    handler = Told()
    keeping.log.addHandler(handler)
    keeping.log.setLevel(logging.INFO)
    yield handler
    keeping.log.removeHandler(handler)


async def test_one_that_dies_is_started_again_and_its_pid_file_names_the_new_one(
    tmp_path: Path, told: Told
) -> None:
    async with kept(SLEEPER, tmp_path):
        first = pid_in(tmp_path)
        os.kill(first, signal.SIGKILL)

        assert await told.message("sleeper ended") == "sleeper ended with -9, and is started again"
        await told.message("sleeper serves again")
        assert pid_in(tmp_path) != first
        assert leftovers.identify(pid_in(tmp_path)) is not None


async def test_one_that_dies_again_and_again_is_told_with_the_end_of_its_log(
    tmp_path: Path, told: Told
) -> None:
    async with kept(BRIEF, tmp_path):
        words = await told.message("in a row")

    assert "no disk left" in words
    assert "brief has died 3 times in a row" in words


async def test_one_that_cannot_start_is_an_error_that_ends_with_its_log(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"brief ended with 1; .*\n?no disk left"):
        async with kept(BRIEF, tmp_path, serves=when_asked):
            pass


async def test_one_that_cannot_start_stops_those_beside_it(tmp_path: Path) -> None:
    keepers = (
        keeping.Keeper(SLEEPER, tmp_path, at_once),
        keeping.Keeper(BRIEF, tmp_path, when_asked),
    )
    with pytest.raises(LocalError):
        async with keeping.keeping(*keepers):
            pass
    assert not pid_files(tmp_path)


async def test_one_that_does_not_come_back_is_told_and_tried_again(
    tmp_path: Path, told: Told
) -> None:
    again = Command(name="sleeper", argv=BRIEF.argv)
    keeper = keeping.Keeper(SLEEPER, tmp_path, sleepers_serve, again=again)
    async with keeping.keeping(keeper):
        os.kill(pid_in(tmp_path), signal.SIGKILL)
        assert "no disk left" in await told.message("sleeper has died 3 times in a row")


async def test_all_are_stopped_with_the_block(tmp_path: Path) -> None:
    async with kept(SLEEPER, tmp_path):
        pid = pid_in(tmp_path)
    assert leftovers.identify(pid) is None
    assert not pid_files(tmp_path)


@asynccontextmanager
async def kept(
    command: Command, folder: Path, *, serves: keeping.Serves | None = None
) -> AsyncIterator[None]:
    async with keeping.keeping(keeping.Keeper(command, folder, serves or at_once)):
        yield


async def at_once(child: Child) -> None:
    """Whatever has started serves."""


async def when_asked(child: Child) -> None:
    await child.ready(never, timeout_s=BOUND_S)


async def sleepers_serve(child: Child) -> None:
    """What sleeps serves; another never does."""
    if child.command is not SLEEPER:
        await when_asked(child)


async def never() -> bool:
    return False


def pid_in(folder: Path) -> int:
    return int(json.loads((folder / "sleeper.pid").read_text())["pid"])


def pid_files(folder: Path) -> list[Path]:
    return list(folder.glob("*.pid"))
