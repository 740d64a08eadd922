"""A Redis that a test may kill, or stop without killing it."""

import asyncio
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.local import ports, redis_server
from deploy.local.binaries import Sources, find
from tests.waiting import until


class Mortal:
    """A Redis of its own that can be killed, on a port it keeps."""

    def __init__(self, binary: Path, port: int, folder: Path) -> None:
        self._argv = [str(binary), "--port", str(port), "--bind", ports.HOST, "--save", ""]
        self._folder = folder
        self._process: Process | None = None
        self.url = f"redis://{ports.HOST}:{port}/0"

    async def start(self) -> None:
        quiet = asyncio.subprocess.DEVNULL
        self._process = await asyncio.create_subprocess_exec(
            *self._argv, cwd=self._folder, stdout=quiet
        )

        async def answers() -> bool:
            return await ports.answers(int(self._argv[2]))

        await until(answers)

    def stall(self) -> None:
        """Connections stay and new ones are accepted, by the kernel; nothing is answered."""
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, signum: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(signum)

    async def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None


@asynccontextmanager
async def mortal_redis(folder: Path) -> AsyncIterator[Mortal]:
    """Running; gone after the block."""
    binary = await find(redis_server.PROGRAM, Sources())
    running = Mortal(binary, ports.claim(folder, "redis").port, folder)
    await running.start()
    try:
        yield running
    finally:
        await running.kill()
