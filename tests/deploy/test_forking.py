"""Processes forked from one that has imported what they run, and those it could not fork."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from deploy.local import leftovers, processes
from deploy.local.forking import FORKER, Forker, forking
from deploy.local.suite import SERVICES, inherited, module_of
from tests.waiting import until

FORKED = "tests.deploy.forked"


@pytest.fixture
async def forker() -> AsyncIterator[Forker]:
    async with forking(FORKED) as opened:
        yield opened


async def test_it_is_what_the_same_command_is_by_itself(forker: Forker, tmp_path: Path) -> None:
    told = []
    for start in (forker.start, processes.spawned):
        async with processes.running(program("on", "no", "disk"), tmp_path, start) as child:
            assert await child.wait() == 1
            said, *rest = child.log.read_text().splitlines()
            said = json.loads(said)
            assert said.pop("session") == child.pid
            told.append((said, sorted(rest)))

    assert told[0] == told[1]
    assert told[0][0]["arguments"] == ["on", "no", "disk"]
    assert told[0][1] == ["at the end", "complained", "no disk left"]


async def test_of_several_asked_at_once_each_runs_and_is_told_of(
    forker: Forker, tmp_path: Path
) -> None:
    async def run(number: int) -> int:
        command = program(str(number), name=f"number-{number}")
        async with processes.running(command, tmp_path, forker.start) as child:
            return await child.wait()

    assert await asyncio.gather(*map(run, range(8))) == [1] * 8
    for number in range(8):
        log = (tmp_path / f"number-{number}.log").read_text()
        assert json.loads(log.splitlines()[0])["arguments"] == [str(number)]


async def test_one_that_a_signal_ends_is_told_of_by_its_number(
    forker: Forker, tmp_path: Path
) -> None:
    async with processes.running(program("stay"), tmp_path, forker.start) as child:
        os.kill(child.pid, signal.SIGKILL)
        assert await child.wait() == -signal.SIGKILL


async def test_one_that_is_stopped_ends_with_its_block(forker: Forker, tmp_path: Path) -> None:
    async with processes.running(program("stay"), tmp_path, forker.start) as child:
        assert child.exit_code is None
    assert child.exit_code == -signal.SIGTERM
    assert leftovers.identify(child.pid) is None


@pytest.mark.parametrize("is_forked", [False, True])
async def test_a_start_that_is_called_off_leaves_nobody(
    forker: Forker, tmp_path: Path, is_forked: bool
) -> None:
    log = tmp_path / "forked.log"
    log.touch()
    starting = asyncio.create_task(forker.start(program("stay"), log))
    await asyncio.sleep(0)  # Asked, and not answered yet.
    # Answered, and not heard yet.
    while is_forked and not forker.running_count:  # noqa: ASYNC110
        await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting

    async with processes.running(program(name="next"), tmp_path, forker.start) as child:
        assert await child.wait() == 1
    await until(partial(is_held_by_nobody, log))


async def test_when_its_server_is_killed_what_it_forked_ends_and_the_next_start_is_its_own(
    forker: Forker, tmp_path: Path
) -> None:
    async with processes.running(program("stay"), tmp_path, forker.start) as child:
        os.kill(parent_of(child.pid), signal.SIGKILL)
        assert await child.wait() == -signal.SIGKILL
        await until(partial(has_ended, child.pid))
    async with processes.running(program("stay"), tmp_path, forker.start) as child:
        assert parent_of(child.pid) == os.getpid()


async def test_whom_it_is_to_fork_for_one_that_was_killed_it_does_not_leave_behind(
    tmp_path: Path,
) -> None:
    """Asked while it imported, it comes to that when nobody could ever stop the process."""
    log = tmp_path / "forked.log"
    log.touch()
    wanted = {"name": "forked", "module": FORKED, "arguments": ["stay"], "env": {**inherited()}}
    nobody, replies = os.pipe()
    os.close(nobody)
    argv = (sys.executable, "-m", FORKER, FORKED)
    server = await asyncio.create_subprocess_exec(*argv, stdin=subprocess.PIPE, stdout=replies)
    os.close(replies)
    await server.communicate(f"{json.dumps({**wanted, 'log': str(log)})}\n".encode())

    assert server.returncode == 0
    await until(partial(is_held_by_nobody, log))


async def test_a_module_that_does_not_import_is_told_of_by_the_process_itself(
    tmp_path: Path,
) -> None:
    async with forking("tests.deploy.nowhere") as forker:
        command = processes.Command(
            name="lost", argv=(sys.executable, "-m", "tests.deploy.nowhere")
        )
        async with processes.running(command, tmp_path, forker.start) as child:
            assert await child.wait() == 1
            assert "No module named tests.deploy.nowhere" in child.epitaph


async def test_whoever_asks_for_nothing_does_not_wait_for_its_imports() -> None:
    async with asyncio.timeout(10), forking("tests.deploy.unending"):
        pass


def test_no_service_begins_a_thread_when_it_is_imported() -> None:
    """Of threads a fork has one, and whatever locks the others held."""
    imports = ", ".join(map(module_of, SERVICES))
    script = f"import os, {imports}; print(len(os.listdir('/proc/self/task')))"
    ran = subprocess.run(
        [sys.executable, "-c", script], env=inherited(), capture_output=True, check=True, text=True
    )
    assert ran.stdout == "1\n"


def program(*arguments: str, name: str = "forked") -> processes.Command:
    argv = (sys.executable, "-m", FORKED, *arguments)
    return processes.Command(name=name, argv=argv, env=inherited())


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


async def has_ended(pid: int) -> bool:
    return leftovers.identify(pid) is None


async def is_held_by_nobody(file: Path) -> bool:
    """No process has it open (proc_pid_fd(5))."""
    return str(file) not in links()


def links() -> Iterator[str]:
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):  # Ended while we looked.
            yield os.readlink(link)
