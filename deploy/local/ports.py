"""Loopback ports, kept from one start to the next so that open clients find their engine again."""

import asyncio
import json
import random
import socket
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import EngineError
from deploy.local.leftovers import replace

HOST = "127.0.0.1"
# Below Linux's ephemeral range, which begins at 32768: a port in it is now and
# then taken by some outgoing connection while the engine is down.
CHOICES = range(20_000, 32_768)
TRIES_MAX = 100


@dataclass(frozen=True, slots=True)
class Claim:
    port: int
    moved: bool  # Another was kept, and someone else has it now.


def claim(folder: Path, name: str) -> Claim:
    """The port kept for `name` in `folder`/engines.json if it is free, else another, now kept."""
    kept = _read(folder / "engines.json")
    before = kept.get(name)
    if before is not None and _is_free(before):
        return Claim(before, moved=False)
    port = _choose()
    replace(folder / "engines.json", json.dumps(kept | {name: port}))
    return Claim(port, moved=before is not None)


async def answers(port: int) -> bool:
    """Whether something listens there."""
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True


def _read(file: Path) -> dict[str, int]:
    """The ports kept; none where the file is missing or spoilt, since any port will do."""
    try:
        kept = json.loads(file.read_text())
        return {name: int(port) for name, port in kept.items() if 0 < int(port) < 65_536}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}


def _choose() -> int:
    for port in random.sample(CHOICES, TRIES_MAX):
        if _is_free(port):
            return port
    raise EngineError(f"no free port among {TRIES_MAX} of {CHOICES.start} to {CHOICES.stop - 1}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the engines do it: connections closed a moment ago do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
