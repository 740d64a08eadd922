"""The simulator as a process, and a house with real tokens for it to talk to."""

import asyncio
import json
import os
import sys
import urllib.request
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from comptoir.collect.v1 import locker_service_pb2 as pb
from comptoir.collect.v1 import locker_service_pb2_grpc as pb_grpc

from chassis.auth import Verifier, trusted
from chassis.clock import utc_now
from chassis.memory_records import MemoryRecords
from chassis.server import Check, Service, Settings, running
from chassis.tail import Tail
from chassis.tokens import Issuer
from services.collect.locker import domain
from services.collect.locker.cabinet import Cabinet, DoorPurpose, Use, UseState
from services.collect.locker.capability import Secrets, qr_text
from services.collect.locker.enrolment import code_made
from services.collect.locker.servicer import LockerServicer
from services.collect.point.domain import Size
from tests.background import background
from tests.collect.locker.cabinets import (
    CODE_KEY,
    cabinet,
    found,
    issuer,
    plain_change,
    plain_refs,
    put,
)
from tests.collect.locker.house import KINDS
from tests.waiting import until

ROOT = Path(__file__).parents[3]
SETTINGS = Settings(address="127.0.0.1:0", unready_s=0, drain_s=0)
CODE = Secrets(CODE_KEY).enrolment_code("c-paris", "made")
SECRETS = Secrets(CODE_KEY)


@dataclass(frozen=True, slots=True)
class House:
    """Collect as a cabinet meets it, and what the rest of collect does to its record."""

    records: MemoryRecords
    signing: Issuer
    port: int

    async def cabinet(self) -> Cabinet:
        return await found(self.records)

    async def use(self) -> Use:
        return (await self.cabinet()).uses[0]

    async def becomes(self, state: UseState) -> Use:
        async def is_so() -> bool:
            return (await self.use()).state is state

        await until(is_so)
        return await self.use()

    async def keep(self, order_id: str) -> None:
        before = await self.cabinet()
        await put(self.records, domain.kept(before, order_id=order_id, size=Size.S, now=utc_now()))

    async def ask(self, order_id: str, command_id: str, purpose: DoorPurpose) -> None:
        after = domain.door_asked(
            await self.cabinet(), order_id, command_id=command_id, purpose=purpose, now=utc_now()
        )
        await put(self.records, after)

    async def call_off(self, order_id: str) -> None:
        await put(self.records, domain.called_off(await self.cabinet(), order_id))

    async def digits(self) -> str:
        return SECRETS.digits("c-paris", await self.use())

    async def qr_text(self) -> str:
        signing = self.signing.keyring.signing
        use = await self.use()
        return qr_text(SECRETS, signing, cabinet_id="c-paris", use=use, now=utc_now())[0]


@asynccontextmanager
async def open_house() -> AsyncIterator[House]:
    """With one cabinet that waits for CODE."""
    records, signing = MemoryRecords(KINDS), await issuer()
    await records.ensure_indexes()
    hashed = SECRETS.enrolment_hash("c-paris", CODE)
    await put(records, code_made(cabinet(), code_hash=hashed, now=utc_now()))
    tail = Tail(records.log)
    servicer = LockerServicer(
        records,
        issuer=signing,
        tail=tail,
        secrets=SECRETS,
        on_entry=plain_change,
        refs_for=plain_refs,
    )

    @asynccontextmanager
    async def resources(server: grpc.aio.Server) -> AsyncIterator[Check]:
        pb_grpc.add_LockerServiceServicer_to_server(servicer, server)
        yield ready

    service = Service(
        name="collect.comptoir",
        descriptors=list(pb.DESCRIPTOR.services_by_name.values()),
        authenticate=Verifier(
            "collect", trusted({"collect": signing.keyring.public_keys})
        ).authenticate,
        resources=resources,
    )
    async with background(tail.run()), running(service, SETTINGS) as ports:
        yield House(records, signing, ports.port)


async def ready() -> None:
    """Memory is always there."""


class Simulator:
    """`python -m clients.locker`: killed and started again as a test wishes."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port
        self._process: Process | None = None
        self._control = 0

    @property
    def state_file(self) -> Path:
        return self._folder / "state.json"

    @property
    def doors_opened(self) -> list[str]:
        """One for each time that a motor unlocked a door, over all its lives."""
        doors = self._folder / "doors"
        return doors.read_text().split() if doors.exists() else []

    async def start(self) -> None:
        options = {
            "--cabinet": "c-paris",
            "--server": f"127.0.0.1:{self._port}",
            "--code": CODE,
            "--state": str(self.state_file),
            "--doors": str(self._folder / "doors"),
            "--control": "127.0.0.1:0",
            "--heartbeat-s": "0.5",
            "--pause-max-s": "0.05",
        }
        with (self._folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "clients.locker",
                *(word for option in options.items() for word in option),
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}"},
                stdout=PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        line = (await self._process.stdout.readline()).decode()
        self._control = int(line.rpartition(":")[2])

    async def kill(self) -> None:
        """As a loss of power would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._control}{path}"

    async def do(self, path: str, **body: Any) -> Any:
        """POST what somebody does at the panel; its answer."""
        request = urllib.request.Request(
            self.url(path),
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        return await asyncio.to_thread(answer_to, request)

    async def state(self) -> Any:
        return await asyncio.to_thread(answer_to, urllib.request.Request(self.url("/state")))

    async def reaches(self, holds: Callable[[Any], bool]) -> Any:
        """Its state once it `holds`."""

        async def is_so() -> bool:
            return holds(await self.state())

        await until(is_so)
        return await self.state()

    async def attached(self) -> None:
        await self.reaches(lambda state: state["attached"] and not state["unacknowledged"])

    async def wants(self, wanted: str) -> None:
        await self.reaches(lambda s: s["compartments"]["A1"]["wanted"] == wanted)


def answer_to(request: urllib.request.Request) -> Any:
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


@asynccontextmanager
async def open_simulator(folder: Path, house: House) -> AsyncIterator[Simulator]:
    simulator = Simulator(folder, house.port)
    await simulator.start()
    try:
        yield simulator
    finally:
        await simulator.kill()


async def load(house: House, simulator: Simulator, order_id: str = "o1") -> None:
    """An order lies in the cabinet, which waits for its customer."""
    await simulator.attached()
    before_count = len(simulator.doors_opened)
    await house.keep(order_id)
    await house.ask(order_id, f"load {order_id}", DoorPurpose.LOADING)

    async def opened() -> bool:
        return len(simulator.doors_opened) > before_count

    await until(opened)
    await simulator.do("/close", compartment="A1")
    await house.becomes(UseState.READY)
    await simulator.wants("ready")
