"""Runs `python -m deploy.local.stack` as a child, as a new user would, and reads its panel."""

import asyncio
import json
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.errors import LocalError
from deploy.local.suite import ROOT

READY_S = 90.0
STOP_S = 30.0
FIRST_PORTS = range(10_020, 27_000, 20)
PORTS_COUNT = 17  # Of a suite, health ports and a gap included.


class NotStartedError(LocalError):
    """The stack ended, or its time was over, before it was ready."""


@dataclass(frozen=True, slots=True)
class ChildStack:
    """A running suite: its folder, and the process that started it."""

    folder: Path
    process: asyncio.subprocess.Process

    @property
    def panel(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "panel.json").read_text())
        return content

    @property
    def url(self) -> str:
        return str(self.panel["url"])

    def address(self, service: str) -> str:
        return f"127.0.0.1:{self.panel['ports'][service]}"

    def pid(self, service: str) -> int:
        """The one that runs now: the stack may have started it again."""
        return int(json.loads((self.folder / f"{service}.pid").read_text())["pid"])

    async def stop(self) -> int:
        """End it as Ctrl-C does; its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
        return await asyncio.wait_for(self.process.wait(), STOP_S)


@asynccontextmanager
async def child_stack(
    folder: Path, *, port: int = 0, mongo_uri: str = "", redis_url: str = ""
) -> AsyncIterator[ChildStack]:
    """The suite, ready, inside the block; stopped with it. Raises NotStartedError."""
    environment = {
        **os.environ,
        "COMPTOIR_FOLDER": str(folder),
        "COMPTOIR_PORT": str(port or free_ports()),
        "COMPTOIR_MONGO_URI": mongo_uri,
        "COMPTOIR_REDIS_URL": redis_url,
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
    try:
        await asyncio.wait_for(until_ready(process), READY_S)
        yield stack
    finally:
        await stack.stop()


async def until_ready(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    said = []
    async for line in process.stdout:
        said.append(line.decode())
        if line.startswith(b"ready: "):
            return
    raise NotStartedError("the stack did not start:\n" + "".join(said))


def free_ports() -> int:
    """A first port with a suite's number of free ones behind it. Raises NotStartedError."""
    for first in random.sample(FIRST_PORTS, len(FIRST_PORTS)):
        if all(is_free(first + number) for number in range(PORTS_COUNT)):
            return first
    raise NotStartedError(f"no {PORTS_COUNT} ports in a row are free")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0
