"""Children and what killed parents leave, with real processes of the smallest kind."""

import json
import os
import sys
from functools import partial
from pathlib import Path

import pytest

from deploy.local import leftovers, processes
from deploy.local.errors import ProcessError

DEAF = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
signal.pause()
"""


async def test_children_do_not_receive_the_terminals_ctrl_c(tmp_path: Path) -> None:
    async with processes.running(sleeper(), tmp_path) as child:
        assert os.getsid(child.pid) == child.pid


async def test_a_recycled_pid_is_spared(tmp_path: Path) -> None:
    async with processes.running(sleeper(), tmp_path) as child:
        file = tmp_path / "sleeper.pid"
        noted = json.loads(file.read_text())
        file.write_text(json.dumps(noted | {"start_ticks": noted["start_ticks"] - 1}))
        await leftovers.stop_leftovers(tmp_path)
        assert is_alive(child.pid)
        assert not file.exists()


async def test_a_leftover_deaf_to_sigterm_is_killed(tmp_path: Path) -> None:
    command = processes.Command(name="deaf", argv=(sys.executable, "-c", DEAF))
    async with processes.running(command, tmp_path) as child:
        await child.ready(partial(has_said, child, "deaf"), timeout_s=10)
        await leftovers.stop_leftovers(tmp_path, patience_s=0.05)
        assert await child.wait() == -9


async def test_a_child_deaf_to_sigterm_is_killed(tmp_path: Path) -> None:
    command = processes.Command(name="deaf", argv=(sys.executable, "-c", DEAF), patience_s=0.05)
    async with processes.running(command, tmp_path) as child:
        await child.ready(partial(has_said, child, "deaf"), timeout_s=10)
    assert child.exit_code == -9


async def test_a_child_that_dies_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    script = "import sys; sys.exit('no disk left')"
    command = processes.Command(name="brief", argv=(sys.executable, "-c", script))
    async with processes.running(command, tmp_path) as child:
        with pytest.raises(ProcessError, match=r"brief ended with 1; .*\n?no disk left"):
            await child.ready(never, timeout_s=10)


async def test_a_child_that_is_never_ready_is_given_up(tmp_path: Path) -> None:
    async with processes.running(sleeper(), tmp_path) as child:
        with pytest.raises(ProcessError, match=r"sleeper is not ready after 0\.05 s"):
            await child.ready(never, timeout_s=0.05)


def sleeper() -> processes.Command:
    return processes.Command(name="sleeper", argv=("sleep", "600"))


async def never() -> bool:
    return False


async def has_said(child: processes.Child, word: str) -> bool:
    return word in processes.tail(child.log)


def is_alive(pid: int) -> bool:
    return leftovers.identify(pid) is not None
