"""Runs `python -m deploy.local.stack` as a child, as a new user would, and reads its panel."""

import asyncio
import json
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.local.errors import FolderInUseError, LocalError
from deploy.local.leftovers import alone, stop_leftovers
from deploy.local.suite import REPLICA_OFFSET, ROOT

READY_S = 180.0
STOP_S = 60.0
# Below those that engines choose from, which begin at 20,000.
FIRST_PORTS = range(10_020, 19_960, 20)
PORTS_COUNT = 17  # Of a suite, with the ports of health and metrics.
CLAIM_OFFSET = 19  # Somebody listens there: whoever looks for ports meanwhile goes on.


class NotStartedError(LocalError):
    """The stack ended, or its time was over, before it said what was waited for."""


@dataclass(frozen=True, slots=True)
class ChildStack:
    """A suite: its panel, the process that started it, and what that said so far."""

    folder: Path
    process: asyncio.subprocess.Process
    said: list[str] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def panel(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "panel.json").read_text())
        return content

    @property
    def url(self) -> str:
        return str(self.panel["url"])

    @property
    def accounts(self) -> dict[str, Any]:
        return {name: self.panel[name] for name in ("customers", "staff", "terminal_code")}

    @property
    def words(self) -> str:
        """All that it has said."""
        return "".join(self.said)

    def address(self, service: str) -> str:
        return f"127.0.0.1:{self.panel['ports'][service]}"

    def pid(self, service: str) -> int:
        """The one that runs now: the stack may have started it again."""
        return int(json.loads((self.folder / f"{service}.pid").read_text())["pid"])

    async def ready(self) -> None:
        """Raises NotStartedError, with its words, if it ends first or takes too long."""
        await self.says("\nready: ")

    async def says(self, part: str, *, after: int = 0) -> None:
        """Wait until `part` stands in its words from character `after` on.

        Raises NotStartedError, with its words, if it ends first or takes too long.
        """
        try:
            async with asyncio.timeout(READY_S):
                while part not in self.words[after:]:
                    assert self.process.stdout is not None
                    if self.process.stdout.at_eof():
                        raise NotStartedError(f"the stack ended with:\n{self.words}")
                    self.more.clear()
                    await self.more.wait()
        except TimeoutError:
            raise NotStartedError(f"the stack does not say {part!r} but:\n{self.words}") from None

    async def stop(self, signum: int = signal.SIGINT) -> int:
        """End it as Ctrl-C does, or by another signal; its exit code."""
        if self.process.returncode is None:
            # Not by its own method, which takes the exit code of one that has ended.
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signum)
        return await self.ended()

    async def ended(self) -> int:
        return await asyncio.wait_for(self.process.wait(), STOP_S)

    async def listen(self) -> None:
        """Take down what it says, to its end: unread, it would wait for us."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.said.append(line.decode())
            self.more.set()
        self.more.set()


@asynccontextmanager
async def started(folder: Path, *, port: int = 0, **settings: str) -> AsyncIterator[ChildStack]:
    """The suite, ready, inside the block; stopped with it. Raises NotStartedError.

    `settings` are those of the local stack, e.g. `mongo_uri`.
    """
    async with launched(folder, port=port, **settings) as stack:
        await stack.ready()
        yield stack


@asynccontextmanager
async def launched(folder: Path, *, port: int = 0, **settings: str) -> AsyncIterator[ChildStack]:
    """The suite from its very start on; nothing of it is left after the block."""
    with nullcontext(port) if port else claimed_ports() as first_port:
        async with launched_at(folder, first_port, **settings) as stack:
            yield stack


@asynccontextmanager
async def launched_at(folder: Path, port: int, **settings: str) -> AsyncIterator[ChildStack]:
    environment = {
        **os.environ,
        "COMPTOIR_FOLDER": str(folder),
        "COMPTOIR_PORT": str(port),
        "COMPTOIR_MONGO_URI": "",
        "COMPTOIR_REDIS_URL": "",
        **{f"COMPTOIR_{name.upper()}": value for name, value in settings.items()},
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "deploy.local.stack"),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    stack = ChildStack(folder, process)
    listening = asyncio.create_task(stack.listen())
    try:
        yield stack
    finally:
        try:
            await stack.stop()
        finally:
            if process.returncode is None:
                process.kill()
            await listening
            await swept(folder)


async def swept(folder: Path) -> None:
    """Stop what a killed suite left in its folder; another that runs there goes on."""
    with suppress(FolderInUseError), alone(folder):
        await stop_leftovers(folder)


@contextmanager
def claimed_ports() -> Iterator[int]:
    """As `free_ports`, and nobody else's as long as the block lasts: a suite starts its engines
    before it takes them."""
    with socket.socket() as claim:
        yield taken(claim)


def taken(claim: socket.socket) -> int:
    while True:
        first = free_ports()
        try:
            claim.bind(("127.0.0.1", first + CLAIM_OFFSET))
        except OSError:  # Somebody claimed it just now.
            continue
        claim.listen()
        return first


def free_ports(*, replicas_count: int = 1) -> int:
    """A first port with a suite's number of free ones behind it. Raises NotStartedError."""
    ports_count = PORTS_COUNT + REPLICA_OFFSET * (replicas_count - 1)
    for first in random.sample(FIRST_PORTS, len(FIRST_PORTS)):
        if all(is_free(first + number) for number in (*range(ports_count), CLAIM_OFFSET)):
            return first
    raise NotStartedError(f"no {ports_count} ports in a row are free")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0
