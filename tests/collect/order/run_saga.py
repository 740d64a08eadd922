"""Replicas of the saga that are killed at a step, forked from one process that has imported all.

Arguments: MongoDB's URI, database, inventory's address. Each line that comes in is where
one replica is struck: `KILL before reserve`, `STOP after capture`. Its answer, when the
replica is dead or stopped: `<pid> <signal>`. What a replica is told by whom it sends a
step to, it says itself: `<step> <reason>`.
"""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from functools import partial

from chassis.errors import AppError
from chassis.mongo_records import MongoRecords
from services.collect.kinds import KINDS
from services.collect.order.values import Order, Step
from services.collect.order.workflow import Effect, Saga
from services.collect.payment.store import Simulator
from tests.collect.order.inventory import open_effects
from tests.driver import connect

LEASE = timedelta(milliseconds=200)


async def replica(uri: str, name: str, address: str, struck: str) -> None:
    """Drive what is due, for ever, or until struck."""
    async with connect(uri, name) as database:
        records = MongoRecords(database, KINDS)
        async with open_effects(address, Simulator(records)) as effects:
            blows = [struck]
            steps = {
                name: partial(sent, blows, effect) for name, effect in effects.by_step().items()
            }
            await Saga(records, steps, lease=LEASE).run()


async def sent(blows: list[str], effect: Effect, order: Order, step: Step) -> str:
    strike(blows, f"before {step.name.value}")
    try:
        result = await effect(order, step)
        print(step.name.value, "done", flush=True)
    except AppError as error:
        print(step.name.value, error.reason, flush=True)
        strike(blows, f"after {step.name.value}")
        raise
    strike(blows, f"after {step.name.value}")
    return result


def strike(blows: list[str], here: str) -> None:
    """Each blow falls once: who is only stopped goes on."""
    for blow in [blow for blow in blows if blow.endswith(f" {here}")]:
        blows.remove(blow)
        os.kill(os.getpid(), signal.Signals[f"SIG{blow.partition(' ')[0]}"])


def main(uri: str, name: str, address: str) -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        # No loop, thread or connection is open here: nothing that a fork would break.
        pid = os.fork()
        if pid == 0:
            asyncio.run(replica(uri, name, address, line.strip()))
        _, status = os.waitpid(pid, os.WUNTRACED)
        blow = os.WSTOPSIG(status) if os.WIFSTOPPED(status) else os.WTERMSIG(status)
        print(pid, signal.Signals(blow).name, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
