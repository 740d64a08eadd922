"""Child processes: started with a log and a pid file, awaited until ready, stopped in bounds.

Knows no engine and no service. What a killed parent leaves is `deploy.local.leftovers`.
"""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from deploy.local.errors import ProcessError
from deploy.local.leftovers import forget, write_pid_file

ASK_AGAIN_S = 0.01
TAIL_LINES = 15
TAIL_BYTES_MAX = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    name: str  # Of the log and the pid file; one process a name in a folder.
    argv: tuple[str, ...]
    env: Mapping[str, str] | None = None  # None: as the parent's.
    patience_s: float = 10.0  # From SIGTERM to SIGKILL.


class Process(Protocol):
    """What asyncio says of one it has started."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    async def wait(self) -> int: ...


class Child:
    """A process that this one started."""

    def __init__(self, command: Command, process: Process, log: Path) -> None:
        self.command = command
        self.log = log
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number if a signal ended it."""
        return self._process.returncode

    @property
    def epitaph(self) -> str:
        """How it ended, and the end of its log."""
        return self._said(f"ended with {self.exit_code}")

    async def wait(self) -> int:
        """Return its exit code once it has ended."""
        return await self._process.wait()

    async def ready(self, ask: Callable[[], Awaitable[bool]], *, timeout_s: float) -> None:
        """Ask until the answer is yes.

        Raises ProcessError, with the end of the log, if the child ends first or
        `timeout_s` pass; and whatever `ask` raises.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not await ask():
                    if self.exit_code is not None:
                        raise ProcessError(self.epitaph)
                    await asyncio.sleep(ASK_AGAIN_S)
        except TimeoutError as error:
            raise ProcessError(self._said(f"is not ready after {timeout_s:g} s")) from error

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL when its patience is over or the caller is cancelled."""
        try:
            if self.exit_code is None:
                self._signal(signal.SIGTERM)
                async with asyncio.timeout(self.command.patience_s):
                    await self._process.wait()
        except (TimeoutError, ProcessLookupError):
            pass
        finally:
            await self._kill()

    async def _kill(self) -> None:
        if self.exit_code is None:
            with suppress(ProcessLookupError):
                self._signal(signal.SIGKILL)
            await self._process.wait()

    def _signal(self, signum: int) -> None:
        # Not by the process's own methods: those look first whether it has ended, and
        # so take its exit code away from the loop, which then makes one up.
        os.kill(self.pid, signum)

    def _said(self, what: str) -> str:
        return f"{self.command.name} {what}; {self.log} ends with:\n{tail(self.log)}"


# What it says goes to the end of a file that is there. Raises ProcessError.
Start: TypeAlias = Callable[[Command, Path], Awaitable[Process]]


async def spawned(command: Command, log: Path) -> Process:
    """A process of its own from its first instruction on. Raises ProcessError."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
    try:
        return await asyncio.create_subprocess_exec(
            *command.argv,
            env=command.env,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            # The terminal's Ctrl-C goes to the parent alone, which stops its
            # children in order: a service without its engine reports errors.
            start_new_session=True,
        )
    except OSError as error:
        raise ProcessError(f"{command.argv[0]} cannot be run: {error.strerror}") from error
    finally:
        os.close(descriptor)


@asynccontextmanager
async def running(command: Command, folder: Path, start: Start = spawned) -> AsyncIterator[Child]:
    """Run a child for as long as the block lasts; its output goes to `folder`/name.log.

    The log of the run before is kept as name.log.1. Call it within
    `alone(folder)` and after `stop_leftovers(folder)`, or two may run under one name.
    """
    pid_file = folder / f"{command.name}.pid"
    log = folder / f"{command.name}.log"
    _begin(log)
    child = Child(command, await start(command, log), log)
    try:
        write_pid_file(pid_file, child.pid)
        yield child
    finally:
        await child.stop()
        forget(pid_file)


def _begin(log: Path) -> None:
    """Keep the log before; readable by its owner alone, for queries show in it."""
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))
    os.close(os.open(log, os.O_WRONLY | os.O_CREAT, 0o600))


def tail(log: Path, *, lines: int = TAIL_LINES) -> str:
    """The last `lines` of a log, of its last 64 KiB at most."""
    with open(log, "rb") as file:
        file.seek(max(0, log.stat().st_size - TAIL_BYTES_MAX))
        text = file.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:])
