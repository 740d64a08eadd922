"""Programs as people run them, each a process of its own, but for what they all import.

A server that has imported that already forks for each (multiprocessing's forkserver): a start of
the command line is otherwise half a second of imports, some hundred and fifty times.
"""

import asyncio
import multiprocessing
import os
import runpy
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RUN_S_MAX = 120.0
FORKING = multiprocessing.get_context("forkserver")
# Each program's `__main__` imports what it needs, and does nothing unless it is the one run.
FORKING.set_forkserver_preload(["clients.cli.__main__"])


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What a program left behind; the code is the signal's number below zero if one ended it."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Program:
    """One that runs: the ends of its three pipes that are ours."""

    process: ForkServerProcess
    stdin: int
    stdout: int
    stderr: int

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    async def ended(self, *, stdin: bytes = b"", timeout_s: float = RUN_S_MAX) -> Ended:
        """Wait for its end. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            _, out, err = await asyncio.gather(
                asyncio.to_thread(write, self.stdin, stdin),
                asyncio.to_thread(read, self.stdout),
                asyncio.to_thread(read, self.stderr),
            )
            await asyncio.to_thread(self.process.join)
        assert self.process.exitcode is not None
        return Ended(code=self.process.exitcode, out=out.decode(), err=err.decode())


async def run(module: str, *arguments: str | Path, stdin: bytes = b"") -> Ended:
    """`python -m module`, to its end."""
    return await (await begun(module, *arguments)).ended(stdin=stdin)


async def begun(module: str, *arguments: str | Path) -> Program:
    (stdin, our_stdin), (our_stdout, stdout), (our_stderr, stderr) = (os.pipe() for _ in range(3))
    environment = {**os.environ, "COLUMNS": "100"}
    theirs = (stdin, stdout, stderr)

    def started() -> ForkServerProcess:
        process = FORKING.Process(
            target=play,
            args=(module, list(map(str, arguments)), environment, _Fds(theirs)),
        )
        process.start()
        return process

    try:
        process = await asyncio.to_thread(started)
    finally:
        for fd in theirs:
            os.close(fd)
    return Program(process, our_stdin, our_stdout, our_stderr)


class _Fds:
    """File descriptors that go along to a process while it is started."""

    def __init__(self, fds: tuple[int, ...]) -> None:
        self._fds = fds

    def __reduce__(self) -> Any:
        return _fds_of, (tuple(map(DupFd, self._fds)),)


def _fds_of(sent: tuple[Any, ...]) -> tuple[int, ...]:
    return tuple(each.detach() for each in sent)


def play(module: str, arguments: list[str], environment: Mapping[str, str], fds: Any) -> None:
    """In the process: be that program."""
    for number, fd in enumerate(fds):
        os.dup2(fd, number)
        os.close(fd)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.argv = [module, *arguments]
    sys.modules.pop(f"{module}.__main__", None)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def read(fd: int) -> bytes:
    with open(fd, "rb") as file:
        return file.read()


def write(fd: int, content: bytes) -> None:
    """A program that ends before it has read all is none of our business."""
    with suppress(BrokenPipeError), open(fd, "wb") as file:
        file.write(content)
