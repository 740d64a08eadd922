"""Starts processes by `deploy.local.forker`, and hears from it how they end."""

import asyncio
import json
import os
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.processes import Command, Process, spawned

FORKER = "deploy.local.forker"


@dataclass
class Forked:
    """A process that another one has forked for us."""

    pid: int
    returncode: int | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self) -> int:
        await self.over.wait()
        assert self.returncode is not None
        return self.returncode

    def end(self, code: int) -> None:
        self.returncode = code
        self.over.set()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


class Forker:
    """Forks for commands of the kind `python -m module`. Used by one loop."""

    def __init__(self, server: asyncio.subprocess.Process) -> None:
        self._server = server
        self._asked: deque[asyncio.Future[Forked]] = deque()
        self._running: dict[int, Forked] = {}
        self._over = False
        self.has_asked = False

    @property
    def running_count(self) -> int:
        """Processes that have not ended yet, whether anybody has heard of them or not."""
        return len(self._running)

    async def start(self, command: Command, log: Path) -> Process:
        """As `spawned`, which it leaves it to where the server has ended. Raises ProcessError."""
        try:
            return await self._ask(command, log)
        except ServerEndedError:
            return await spawned(command, log)

    async def _ask(self, command: Command, log: Path) -> Forked:
        if self._over:
            raise ServerEndedError
        self.has_asked = True
        answer: asyncio.Future[Forked] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        module, *arguments = command.argv[2:]
        env = os.environ if command.env is None else command.env
        asked = {"name": command.name, "module": module, "arguments": arguments}
        line = json.dumps({**asked, "env": {**env}, "log": str(log)})
        assert self._server.stdin is not None
        self._server.stdin.write(f"{line}\n".encode())
        try:
            return await answer
        except asyncio.CancelledError:
            # It came as we were called off, and nobody else knows of it.
            if not answer.cancelled() and answer.exception() is None:
                answer.result().kill()
            raise

    async def listen(self) -> None:
        """Hear what the server says, to its end."""
        assert self._server.stdout is not None
        async for line in self._server.stdout:
            told = json.loads(line)
            if "code" in told:
                self._running.pop(told["pid"]).end(told["code"])
            else:
                self._take(Forked(told["pid"]))
        self._give_up()

    def _take(self, forked: Forked) -> None:
        self._running[forked.pid] = forked
        answer = self._asked.popleft()
        if answer.cancelled():
            forked.kill()  # Whoever wanted it is gone, and would never stop it.
        else:
            answer.set_result(forked)

    def _give_up(self) -> None:
        """Nobody would hear any more how they end."""
        self._over = True
        for forked in self._running.values():
            forked.kill()
            forked.end(-signal.SIGKILL)
        for answer in self._asked:
            if not answer.done():
                answer.set_exception(ServerEndedError)


class ServerEndedError(Exception):
    """What it was to import does not import, or somebody killed it."""


@asynccontextmanager
async def forking(*modules: str) -> AsyncIterator[Forker]:
    """A server that imports `modules` while the block begins, and ends with it."""
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", FORKER, *modules),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    forker = Forker(server)
    listening = asyncio.create_task(forker.listen())
    try:
        yield forker
    finally:
        assert server.stdin is not None
        server.stdin.close()
        if not forker.has_asked and server.returncode is None:
            # It forked nobody, so it need not come to its stdin: whoever is told that a port is
            # taken, or presses Ctrl-C, would wait for all that it imports.
            with suppress(ProcessLookupError):
                os.kill(server.pid, signal.SIGKILL)
        await server.wait()
        await listening
