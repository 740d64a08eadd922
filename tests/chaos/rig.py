"""The suite as `make run` starts it, two of each service, and a hand on every process of it."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from deploy.local import engines, panel, ports
from deploy.local.demo.load import loaded
from deploy.local.keeping import Keeper, keeping
from deploy.local.leftovers import Identity, identify
from deploy.local.panel import Accounts
from deploy.local.processes import Child, Command
from deploy.local.stack import fronted, is_ready, until_ready
from deploy.local.suite import Replica, Suite, inherited
from deploy.local.whole import until_whole
from tests.chaos import mongo_set
from tests.waiting import until

CABINET = "cab-bastille"
NOBODY = Accounts(customers=(), staff=(), terminal_code="", clients={}, cabinets={})
SERVES_S_MAX, LOOK_S = 60.0, 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """Attributes:
    control_port: Where people act at the cabinet.
    """

    folder: Path
    suite: Suite
    accounts: Accounts
    members_count: int
    control_port: int
    kept: dict[str, AsyncExitStack] = field(default_factory=dict)

    @property
    def mongods(self) -> list[str]:
        return mongo_set.names(self.members_count)

    def mongod_port(self, name: str) -> int:
        hosts = self.suite.engines.mongo_uri.partition("://")[2].partition("/")[0].split(",")
        return int(hosts[self.mongods.index(name)].rpartition(":")[2])

    def replicas(self, service: str) -> list[Replica]:
        return [replica for replica in self.suite.replicas if replica.service == service]

    def identity(self, name: str) -> Identity | None:
        """Who runs under this name now; None while nobody does."""
        folder = self.folder / "mongo" if name in self.mongods else self.folder
        try:
            said = Identity(**json.loads((folder / f"{name}.pid").read_text()))
        except (FileNotFoundError, ValueError):
            return None
        return said if identify(said.pid) == said else None

    def signal(self, name: str, signum: int) -> Identity | None:
        """Who got it."""
        identity = self.identity(name)
        if identity is not None:
            os.kill(identity.pid, signum)
        return identity

    async def replaced(self, name: str, before: Identity | None) -> None:
        """Wait until another process than `before` runs under this name, and serves."""

        async def is_another() -> bool:
            now = self.identity(name)
            return now is not None and now != before

        await until(is_another, timeout_s=SERVES_S_MAX, again_s=LOOK_S)
        for replica in self.suite.replicas:
            if replica.name == name:
                await until(
                    partial(is_ready, self.suite, replica), timeout_s=SERVES_S_MAX, again_s=LOOK_S
                )

    async def run_instead(self, program: str, module: str, *arguments: str) -> None:
        """A service, or the cabinet, by another main module from now on."""
        if program == "cabinet":
            await self.kept.pop("cabinet").aclose()
            command = by_module(cabinet_command(self), module, *arguments)
            self.kept["cabinet"] = await opened(cabinet_keeper(self, command))
        for replica in self.replicas(program):
            await self.kept.pop(replica.name).aclose()
            command = self.suite.command(program, replica.number)
            await self.keep(replica, by_module(command, module, *arguments))

    async def keep(self, replica: Replica, command: Command) -> None:
        """Keep it running until its stack is closed. Raises LocalError."""
        keeper = Keeper(command, self.folder, partial(until_ready, self.suite, replica))
        self.kept[replica.name] = await opened(keeper)


def by_module(command: Command, module: str, *arguments: str) -> Command:
    """The same, told the same, but run by another module, whose own arguments come first."""
    return replace(command, argv=(sys.executable, "-m", module, *arguments, *command.argv[3:]))


async def opened(keeper: Keeper) -> AsyncExitStack:
    stack = AsyncExitStack()
    await stack.enter_async_context(keeping(keeper))
    return stack


@asynccontextmanager
async def rigged(
    folder: Path, port: int, *, members_count: int, alone: Iterable[str] = ()
) -> AsyncIterator[Rig]:
    """All of it running and with the demo chain in it; services `alone` without a second replica.

    Raises LocalError.
    """
    async with AsyncExitStack() as stack:
        uri = await stack.enter_async_context(
            mongo_set.running(folder / "mongo", members_count=members_count)
        )
        started = await stack.enter_async_context(engines.running(folder, mongo_uri=uri))
        suite = Suite(
            folder=folder,
            gateway_port=port,
            engines=started,
            replicas_count=2,
            alone=frozenset(alone),
        )
        await stack.enter_async_context(fronted(suite))
        rig = Rig(
            folder=folder,
            suite=suite,
            accounts=NOBODY,
            members_count=members_count,
            control_port=ports.claim(folder, "cabinet").port,
        )
        stack.push_async_callback(all_closed, rig.kept)
        yield await moved_in(rig)


async def moved_in(rig: Rig) -> Rig:
    """With its processes running, and the demo chain in it."""
    commands = zip(rig.suite.replicas, rig.suite.commands(), strict=True)
    await asyncio.gather(*(rig.keep(replica, command) for replica, command in commands))
    full = replace(rig, accounts=await loaded(rig.suite))
    await until_whole(full.suite)
    panel.write(full.suite, full.accounts)
    full.kept["cabinet"] = await opened(cabinet_keeper(full, cabinet_command(full)))
    return full


def cabinet_command(rig: Rig) -> Command:
    """The simulator, which shares nothing with the suite but its stream."""
    arguments = {
        "--cabinet": CABINET,
        "--server": rig.suite.target("collect"),
        "--state": str(rig.folder / f"{CABINET}.json"),
        "--code": rig.accounts.cabinets[CABINET],
        "--control": f"{ports.HOST}:{rig.control_port}",
        "--heartbeat-s": "1",
        "--pause-max-s": "0.5",
    }
    words = (word for pair in arguments.items() for word in pair)
    return Command(
        name="cabinet", argv=(sys.executable, "-m", "clients.locker", *words), env=inherited()
    )


def cabinet_keeper(rig: Rig, command: Command) -> Keeper:
    async def is_there(child: Child) -> None:
        await child.ready(partial(ports.answers, rig.control_port), timeout_s=SERVES_S_MAX)

    return Keeper(command, rig.folder, is_there)


async def all_closed(kept: dict[str, AsyncExitStack]) -> None:
    await asyncio.gather(*(stack.aclose() for stack in kept.values()), return_exceptions=True)
