"""Programs as people run them, each a process of its own, but for what they all import.

A server that has imported that already forks for each (multiprocessing's forkserver): a start of
the command line is otherwise half a second of imports, some hundred and fifty times. What the
README and the guides say is typed as it stands there, in a shell, by tests of their own.
"""

import asyncio
import multiprocessing
import os
import runpy
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.context import ForkServerProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any, BinaryIO

ROOT = Path(__file__).parents[2]
RUN_S_MAX = 120.0
ONE_AT_A_TIME = threading.Lock()
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
    stdin: BinaryIO
    stdout: BinaryIO
    stderr: BinaryIO

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    async def ended(self, *, stdin: bytes = b"", timeout_s: float = RUN_S_MAX) -> Ended:
        """Wait for its end. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            try:
                _, out, err = await asyncio.gather(
                    asyncio.to_thread(written, self.stdin, stdin),
                    asyncio.to_thread(self.stdout.read),
                    asyncio.to_thread(self.stderr.read),
                )
                await asyncio.to_thread(joined, self.process)
            except asyncio.CancelledError:
                self.process.kill()  # Or threads would wait for what it says, for ever.
                raise
        assert self.process.exitcode is not None
        return Ended(code=self.process.exitcode, out=out.decode(), err=err.decode())


async def run(module: str, *arguments: str | Path, stdin: bytes = b"") -> Ended:
    """`python -m module`, to its end."""
    async with begun(module, *arguments) as program:
        return await program.ended(stdin=stdin)


@asynccontextmanager
async def begun(module: str, *arguments: str | Path) -> AsyncIterator[Program]:
    """Killed at the end of the block, if it still runs."""
    (stdin, our_stdin), (our_stdout, stdout), (our_stderr, stderr) = (os.pipe() for _ in range(3))
    environment = {**os.environ, "COLUMNS": "100"}
    theirs = (stdin, stdout, stderr)
    process = FORKING.Process(
        target=play,
        args=(module, list(map(str, arguments)), environment, _Fds(theirs)),
        daemon=True,
    )
    with (
        os.fdopen(our_stdin, "wb") as given,
        os.fdopen(our_stdout, "rb") as out,
        os.fdopen(our_stderr, "rb") as err,
    ):
        try:
            await asyncio.to_thread(started, process)
        finally:
            for fd in theirs:
                os.close(fd)
        try:
            yield Program(process, given, out, err)
        finally:
            process.kill()
            await asyncio.to_thread(joined, process)


def started(process: ForkServerProcess) -> None:
    with ONE_AT_A_TIME:
        process.start()


def joined(process: ForkServerProcess) -> None:
    """multiprocessing asks after all of its children at each start, and of two who ask after
    one only the first is told how it ended."""
    connection.wait([process.sentinel])
    with ONE_AT_A_TIME:
        process.join()


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
    sys.stdin, sys.stdout = open(0), open(1, "w")
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace")
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.argv = [module, *arguments]
    sys.modules.pop(f"{module}.__main__", None)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def written(file: BinaryIO, content: bytes) -> None:
    """A program that ends before it has read all is none of our business."""
    with suppress(BrokenPipeError), file:
        file.write(content)
