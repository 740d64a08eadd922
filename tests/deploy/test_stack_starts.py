"""Starts of `make run` that come to nothing: called off, or refused in words."""

import signal
import subprocess
from pathlib import Path

import pytest

from tests.deploy.lone import free_port, standalone
from tests.deploy.witness import has_begun, is_alive, pids_of
from tests.suite import ROOT, launched
from tests.waiting import until

START_S = 120.0


@pytest.mark.parametrize(
    ("begun", "signum"),
    [("mongod", signal.SIGHUP), ("gateway", signal.SIGINT)],
    ids=["engines, the terminal closed", "services"],
)
async def test_a_start_that_is_called_off_leaves_nothing(
    tmp_path: Path, begun: str, signum: int
) -> None:
    async with launched(tmp_path) as stack:
        await until(lambda: has_begun(tmp_path, begun, stack), timeout_s=START_S)
        pids = pids_of(stack)
        assert await stack.stop(signum) == 0
    assert not [name for name, pid in pids.items() if is_alive(pid)]
    assert "Traceback" not in stack.words


async def test_a_mongodb_that_is_not_there_is_said(tmp_path: Path) -> None:
    uri = f"mongodb://127.0.0.1:{free_port(tmp_path)}/"
    async with launched(tmp_path, mongo_uri=uri) as stack:
        assert await stack.ended() == 1
    assert "has no primary that answers" in stack.words
    assert "Traceback" not in stack.words


async def test_a_mongodb_that_is_not_fit_is_said(tmp_path: Path) -> None:
    async with standalone(tmp_path) as port:
        uri = f"mongodb://127.0.0.1:{port}/"
        async with launched(tmp_path / "suite", mongo_uri=uri) as stack:
            assert await stack.ended() == 1
    assert "is no replica set" in stack.words
    assert "Traceback" not in stack.words


def test_make_clean_removes_the_data_alone(tmp_path: Path) -> None:
    (tmp_path / ".comptoir" / "secrets").mkdir(parents=True)
    (tmp_path / "kept").write_text("ours")
    makefile = ROOT / "Makefile"
    subprocess.run(["make", "-s", "-f", makefile, "clean"], cwd=tmp_path, check=True)
    assert [file.name for file in tmp_path.iterdir()] == ["kept"]
