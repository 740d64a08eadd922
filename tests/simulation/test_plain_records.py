"""Records as plain values do what `MemoryRecords` does, whose place they take in a simulation."""

import random
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from chassis.errors import AppError
from chassis.memory_records import MemoryRecords
from chassis.records import Kind, Records, Where
from services.inventory.kinds import KINDS
from services.inventory.ledger.store import MOVEMENTS
from services.inventory.limit.counters import TAKEN
from services.inventory.limit.store import LIMITS
from services.inventory.reservation.store import RESERVATIONS
from services.inventory.stock.store import ROWS
from tests.simulation.chance import Chance
from tests.simulation.handling import handled
from tests.simulation.world import EPOCH, Happening, World


def ended(work: Coroutine[Any, Any, Any]) -> object:
    """Its answer or the reason that it was refused for, at once."""
    while True:
        try:
            work.send(None)
        except StopIteration as end:
            return end.value
        except AppError as error:
            return error.reason


def everything(records: MemoryRecords, kind: Kind[Any]) -> list[object]:
    found = ended(records.select(kind, Where(limit=1000)))
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("seed", range(5))
def test_what_is_asked_of_both_comes_to_the_same(seed: int) -> None:
    world, chance = World(), Chance(random.Random(seed))
    in_memory = MemoryRecords(KINDS, clock=lambda: time_of(world))
    for number in range(400):
        step = chance.next(world)
        if step.what is Happening.PASS:
            world.happen(step)
        if (asked := step.operation) is not None:
            buyers, now = world.auditor.account.buyers, time_of(world)
            world.ears[0].hear(buyers.rules)
            limits, buyers.heard = world.ears[0].of(asked)
            world.auditor.asked, world.auditor.now_ms = asked, world.now_ms
            outcomes = [
                ended(handled(asked, cast(Records, store), now=now, task=number, limits=limits))
                for store in (world.store, in_memory)
            ]
            assert outcomes[0] == outcomes[1]
    for kind in (ROWS, RESERVATIONS, MOVEMENTS, LIMITS, TAKEN):
        plain = [record for ref, record in world.store.records.items() if ref.kind is kind]
        assert plain and sorted(plain, key=repr) == sorted(everything(in_memory, kind), key=repr)


def time_of(world: World) -> datetime:
    return EPOCH + timedelta(milliseconds=world.now_ms)
