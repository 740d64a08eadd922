"""A database, a real inventory, and replicas of the saga in processes that can be killed."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any
from uuid import uuid4

from chassis.changes import Changed
from chassis.clock import utc_now
from chassis.mongo_records import MongoRecords
from chassis.records import Records, Ref
from services.collect.kinds import KINDS
from services.collect.order import domain
from services.collect.order.bodies import payment_id
from services.collect.order.effects import Effects
from services.collect.order.store import ORDERS, found
from services.collect.order.values import Order, Step, StepName
from services.collect.order.workflow import Saga
from services.collect.payment.domain import SimulatedPayment
from services.collect.payment.store import PAYMENTS, Simulator
from services.collect.point.domain import Slot
from services.collect.point.store import SLOTS
from services.inventory.kinds import KINDS as INVENTORY_KINDS
from tests.chassis.event_house import ROOT
from tests.collect.order.inventory import Inventory, open_effects, open_inventory
from tests.collect.order.orders import line, wanted
from tests.collect.order.run_saga import LEASE
from tests.driver import connect
from tests.waiting import until

NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Replicas:
    """Processes that drive orders until they are struck."""

    process: Process
    told: list[str] = field(default_factory=list)

    async def struck(self, where: str) -> int:
        """Begin one that is struck there, and wait until it is; its process id."""
        self.told.clear()
        assert self.process.stdin is not None
        self.process.stdin.write(f"{where}\n".encode())
        while not (words := await self.line())[0].isdecimal():
            pass
        assert words[1] == f"SIG{where.partition(' ')[0]}"
        return int(words[0])

    async def line(self) -> list[str]:
        """The next thing that it or a replica says."""
        assert self.process.stdout is not None
        async with asyncio.timeout(20):
            said = (await self.process.stdout.readline()).decode().strip()
        assert said, "it has died"
        self.told.append(said)
        return said.split(" ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    records: Records
    inventory: Inventory
    effects: Effects
    saga: Saga
    replicas: Replicas

    async def place(self, **fields: Any) -> Order:
        """An order of 2 of an article of its own, due at once, with its slot taken."""
        order_id, sku = str(uuid4()), f"SKU-{next(NUMBERS)}"
        await self.inventory.put_on_shelf(**{sku: 10})
        now = utc_now()
        order = replace(
            wanted(line(1, sku)),
            order_id=order_id,
            slot_id=order_id,
            create_time=now,
            confirm_by_time=now + domain.CONFIRM_WITHIN,
            **fields,
        )
        slot = Slot(
            slot_id=order_id,
            point_id=order.point_id,
            start_time=order.slot_start,
            end_time=order.slot_end,
            capacity_count=1,
            taken_count=1,
            revision=1,
        )
        placed = replace(domain.placed(order, now=now), wake_time=now)
        refs: list[Ref[Any]] = [Ref(ORDERS, order_id), Ref(SLOTS, order_id)]
        return await self.records.update(
            refs,
            lambda state: Changed(answer=placed, records=(placed, slot)),
            answer=Order,
            timeout_s=5,
        )

    async def write(self, order: Order, change: Callable[[Order], Order]) -> None:
        """As a servicer does that dies before it drives what it wrote."""
        await self.saga.write(order.order_id, change)

    async def finish(self, order: Order) -> Order:
        """Have this replica take the order over when it is due, and finish it."""

        async def driven() -> bool:
            await self.saga.drive(order.order_id)
            return await self.is_done(order)

        await until(driven)
        return await self.now(order)

    async def is_done(self, order: Order) -> bool:
        return not (await self.now(order)).todo

    async def now(self, order: Order) -> Order:
        return await found(self.records, order.order_id)

    async def moves(self, order: Order) -> list[str]:
        return await self.inventory.moves(order.lines[0].sku)

    async def where(self, order: Order) -> dict[str, int]:
        return await self.inventory.where(order.lines[0].sku)

    async def payment(self, order: Order) -> SimulatedPayment | None:
        key = payment_id(order, Step(StepName.AUTHORISE, order.attempt))
        return await self.records.find(PAYMENTS, key)

    async def taken_count(self, order: Order) -> int:
        slot = await self.records.find(SLOTS, order.slot_id)
        assert slot is not None
        return slot.taken_count


@asynccontextmanager
async def open_site(mongo_uri: str) -> AsyncIterator[Site]:
    """Inventory and collect each with a store of its own, in one database."""
    async with connect(mongo_uri, f"comptoir_test_{uuid4().hex}") as database:
        shelves, records = MongoRecords(database, INVENTORY_KINDS), MongoRecords(database, KINDS)
        await shelves.ensure_indexes()
        await records.ensure_indexes()
        async with (
            open_inventory(shelves, clock=utc_now) as inventory,
            open_effects(inventory.address, Simulator(records)) as effects,
            replicas_of(mongo_uri, database.name, inventory.address) as replicas,
        ):
            saga = Saga(records, effects.by_step(), lease=LEASE)
            yield Site(
                records=records,
                inventory=inventory,
                effects=effects,
                saga=saga,
                replicas=replicas,
            )
            await saga.settle()
        await database.settle()
        await database.drop()


@asynccontextmanager
async def replicas_of(*args: str) -> AsyncIterator[Replicas]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.collect.order.run_saga",
        *args,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}"},
        stdin=PIPE,
        stdout=PIPE,
    )
    replicas = Replicas(process)
    try:
        assert await replicas.line() == ["ready"]
        yield replicas
    finally:
        process.kill()
        await process.wait()


def go_on(pid: int) -> None:
    """Let a stopped replica go on as if nothing had happened meanwhile."""
    os.kill(pid, signal.SIGCONT)


def end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
