"""A sequencer in a process of its own, to be killed. Arguments: MongoDB's URI, a database."""

import asyncio
import sys

from chassis.sequencer import Sequencer
from chassis.signals import Signal
from tests.driver import connect


async def main(uri: str, name: str) -> None:
    async with connect(uri, name) as database:
        sequencer = Sequencer(database, outbox=Signal(pause_s=0.002), appended=Signal())
        print("ready", flush=True)
        await sequencer.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
