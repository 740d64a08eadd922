"""Another team's program that knows stock by `WatchStock` alone: a process with a file."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

import grpc
from comptoir.inventory.v1 import stock_service_pb2 as pb

from comptoir_client import Credentials, Session, StockCopy, stock_changes
from comptoir_client.stock import Key
from tests.suite import ROOT, Stack

PROGRAM = ROOT / "clients/python/examples/watch.py"
SNAPSHOT_S_MAX = 30.0


@dataclass(slots=True)
class Follower:
    folder: Path
    stack: Stack
    credentials: Credentials
    inventory: grpc.aio.Channel
    session: Session
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def live(self, skus: Sequence[str]) -> None:
        """Begin, or go on where it was."""
        secret = self.folder / "secret"
        secret.write_text(self.credentials.secret)
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, PROGRAM, "--copy", self._file),
            *("--associate", self.stack.address("associate")),
            *("--inventory", self.stack.address("inventory")),
            *("--client", self.credentials.client_id, "--secret-file", secret),
            *(word for sku in skus for word in ("--sku", sku)),
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "gen")))},
            stdout=asyncio.subprocess.DEVNULL,
        )

    async def die(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()

    @property
    def rows(self) -> dict[Key, pb.StockRow]:
        """What it has kept."""
        copy = StockCopy()
        if self._file.exists():
            copy.take(pb.WatchStockResponse.FromString(self._file.read_bytes()))
        return copy.rows

    @property
    def _file(self) -> Path:
        return self.folder / "stock.copy"

    async def seen_anew(self, skus: Sequence[str]) -> dict[Key, pb.StockRow]:
        """By a snapshot that somebody takes now."""
        copy = StockCopy(skus=skus)
        changes = stock_changes(self.inventory, self.session, copy)
        async with asyncio.timeout(SNAPSHOT_S_MAX), aclosing(changes):
            while not copy.is_whole:
                await anext(changes)
        return copy.rows
