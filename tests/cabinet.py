"""A cabinet of the running suite: the simulator in a process of its own."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.suite import ROOT, Stack

CABINET = "cab-bastille"


@dataclass(frozen=True, slots=True)
class Cabinet:
    """The simulator's process, and what people do at it."""

    process: asyncio.subprocess.Process
    http: aiohttp.ClientSession

    async def act(self, action: str, **body: Any) -> dict[str, Any]:
        async with self.http.post(f"/{action}", json=body) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def state(self) -> dict[str, Any]:
        async with self.http.get("/state") as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def is_attached(self) -> bool:
        return bool((await self.state())["attached"])

    async def of(self, order: Any) -> tuple[str, dict[str, Any]]:
        """The order's compartment and what it is for; an empty name where it has none."""
        found = (await self.state())["compartments"].items()
        return next(
            ((name, c) for name, c in found if c["order_id"] == order["order_id"]), ("", {})
        )

    async def is_open_for(self, order: Any) -> bool:
        return (await self.of(order))[1].get("door") not in ("shut", None)

    async def wants(self, order: Any, wanted: str) -> bool:
        return (await self.of(order))[1].get("wanted") == wanted


@asynccontextmanager
async def running(stack: Stack, state: Path, *, code: str) -> AsyncIterator[Cabinet]:
    """A cabinet with what it remembers in `state`; killed, not asked, at the end.

    Without a code it goes on with the key it has.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "clients.locker", "--cabinet", CABINET, "--server", stack.address("collect")),
        *("--state", str(state), "--code", code, "--control", "127.0.0.1:0"),
        *("--heartbeat-s", "1", "--pause-max-s", "0.5"),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        stdin=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    said = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
    try:
        async with aiohttp.ClientSession(f"http://{said.split()[-1]}") as http:
            yield Cabinet(process, http)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()
