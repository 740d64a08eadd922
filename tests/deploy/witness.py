"""What becomes of a suite: pid files, ports (proc_pid_net(5)), the order of ends, its events."""

import asyncio
import json
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient

from deploy.local import leftovers
from deploy.local.suite import GRPC_SERVICES
from tests.suite import Stack

SERVICES = (*GRPC_SERVICES, "gateway")
ENGINES = ("mongod", "redis")
LISTENING = "0A"
LOADED = ("comptoir_catalog", "comptoir_inventory", "comptoir_customer")
LOOK_AGAIN_S = 0.02


@dataclass(frozen=True, slots=True)
class Ended:
    """A start that is over, and whom it had started."""

    code: int
    words: str
    pids: dict[str, int]
    # Services that still ran when an engine had ended already.
    outlived_by: list[str]
    # Whoever was killed, not stopped, leaves its pid file.
    left: list[str]


async def ended_by(stack: Stack, signum: int) -> Ended:
    """Stop it, looking all the while whether an engine ends before a service."""
    pids, early = pids_of(stack), set()
    ending = asyncio.create_task(stack.stop(signum))
    while not ending.done():
        if any(not is_alive(pids[name]) for name in ENGINES):
            early |= {name for name in SERVICES if is_alive(pids[name])}
        await asyncio.sleep(LOOK_AGAIN_S)
    code = await ending
    left = sorted(file.name for file in stack.folder.glob("*.pid"))
    return Ended(code, stack.words, pids, sorted(early), left)


def pids_of(stack: Stack) -> dict[str, int]:
    """Of all that runs now, by name."""
    return {file.stem: stack.pid(file.stem) for file in stack.folder.glob("*.pid")}


async def events_in(stack: Stack) -> dict[str, int]:
    """The position of the newest, of each that loads any."""
    found = {}
    async with AsyncMongoClient[dict[str, Any]](stack.panel["mongo_uri"]) as client:
        for name in LOADED:
            newest = await client[name]["log"].find_one({}, {"_id": 1}, sort=[("_id", -1)])
            found[name] = newest["_id"] if newest else 0
    return found


async def counted(stack: Stack, database: str, collection: str) -> int:
    async with AsyncMongoClient[dict[str, Any]](stack.panel["mongo_uri"]) as client:
        return await client[database][collection].count_documents({})


async def has_begun(folder: Path, name: str, stack: Stack) -> bool:
    assert stack.process.returncode is None, stack.words
    return (folder / f"{name}.pid").exists()


async def killed_again(stack: Stack, name: str) -> bool:
    """Kill the service if it runs; whether the stack has given up."""
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(stack.pid(name), signal.SIGKILL)
    return stack.process.returncode is not None


def is_alive(pid: int) -> bool:
    return leftovers.identify(pid) is not None


def listens(pid: int, port: int) -> bool:
    """Whether one of the process's own sockets is what listens on `port`."""
    sockets = {f"socket:[{inode}]" for inode in inodes_on(port)}
    return bool(sockets & set(links_of(pid)))


def inodes_on(port: int) -> list[str]:
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                found.append(fields[9])
    return found


def links_of(pid: int) -> list[str]:
    found = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.append(os.readlink(descriptor))
        except FileNotFoundError:
            continue  # Closed while we looked.
    return found


def kept_ports(folder: Path) -> dict[str, int]:
    ports: dict[str, int] = json.loads((folder / "engines.json").read_text())
    return ports
