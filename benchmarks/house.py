"""The suite under measurement: started as `make run` starts it, in a folder of its own."""

import json
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from deploy.local.child_stack import ChildStack
from deploy.local.engines import Engines
from deploy.local.ports import answers
from deploy.local.processes import Command, running
from deploy.local.stack import answers_http
from deploy.local.suite import GRPC_SERVICES, Suite

READY_S = 20.0
SERVICES = (*GRPC_SERVICES, "gateway")


@dataclass(frozen=True, slots=True)
class House:
    """A running suite, seen from outside."""

    folder: Path
    stack: ChildStack

    @property
    def suite(self) -> Suite:
        panel = self.stack.panel
        engines = Engines(mongo_uri=panel["mongo_uri"], redis_url=panel["redis_url"])
        gateway_port = panel["ports"]["gateway"]
        return Suite(folder=self.stack.folder, gateway_port=gateway_port, engines=engines)

    @property
    def pids(self) -> dict[str, int]:
        return {name: self.stack.pid(name) for name in SERVICES}

    @property
    def mongod_pids(self) -> list[int]:
        """Empty where the engine is not the suite's own child."""
        file = self.stack.folder / "mongod.pid"
        return [int(json.loads(file.read_text())["pid"])] if file.exists() else []

    @property
    def pss_mb(self) -> float:
        """Of all services: what they would free if they ended, shared pages by their shares."""
        shares = [psutil.Process(pid).memory_full_info().pss for pid in self.pids.values()]
        return float(sum(shares)) / 1e6

    @asynccontextmanager
    async def second_gateway(
        self, port: int, *, name: str = "gateway-2", **settings: str
    ) -> AsyncIterator[int]:
        """Another gateway before the same services; yields its pid."""
        command = self.suite.command("gateway")
        changed = {f"GATEWAY_{setting}": value for setting, value in settings.items()}
        changed["GATEWAY_ADDRESS"] = f"127.0.0.1:{port}"
        env = {**(command.env or {}), **changed}
        second = Command(name=name, argv=command.argv, env=env)
        async with running(second, self.folder) as child:
            await child.ready(partial(answers_http, port, "/readyz"), timeout_s=READY_S)
            yield child.pid

    @asynccontextmanager
    async def second_inventory(self, port: int) -> AsyncIterator[int]:
        """Another inventory on the same database, which nobody knows of; yields its pid."""
        command = self.suite.command("inventory")
        changed = {
            "INVENTORY_ADDRESS": f"127.0.0.1:{port}",
            "INVENTORY_HEALTH_ADDRESS": "127.0.0.1:0",
            "INVENTORY_METRICS_PORT": "0",
        }
        env = {**(command.env or {}), **changed}
        second = Command(name="inventory-2", argv=command.argv, env=env)
        async with running(second, self.folder) as child:
            await child.ready(partial(answers, port), timeout_s=READY_S)
            yield child.pid


@asynccontextmanager
async def bare(
    folder: Path, name: str, port: int, arguments: Iterable[Any], *, http: bool = True
) -> AsyncIterator[int]:
    """A baseline of `benchmarks.bare` that listens; yields its pid."""
    argv = (sys.executable, "-m", f"benchmarks.bare.{name}", str(port), *map(str, arguments))
    async with running(Command(name=f"bare-{name}", argv=argv), folder) as child:
        path = "/v1/products/any"
        ask = partial(answers_http, port, path) if http else partial(answers, port)
        await child.ready(ask, timeout_s=READY_S)
        yield child.pid
