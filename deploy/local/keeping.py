"""Keeps child processes running: one that dies is started again, after a pause that grows."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

from deploy.local.errors import LocalError
from deploy.local.processes import Child, Command, Start, running, spawned

log = logging.getLogger("stack")

PAUSE_FIRST_S, PAUSE_MAX_S = 0.2, 5.0
# One that served this long did not die of its start.
STEADY_S = 10.0
# A death may be a mishap; from this one in a row on, the log says more than we do.
DEATHS_TOLD = 3

# Returns once the child serves; raises LocalError, with the end of its log, if it never does.
Serves: TypeAlias = Callable[[Child], Awaitable[None]]


class Keeper:
    """Runs one command until cancelled.

    Args:
        again: The command of later starts, where it differs from that of the first.
        start: How the first is done, if not as those that follow.
    """

    def __init__(
        self,
        command: Command,
        folder: Path,
        serves: Serves,
        *,
        again: Command | None = None,
        start: Start = spawned,
    ) -> None:
        self._command = command
        self._start = start
        self._again = again or command
        self._folder = folder
        self._serves = serves
        self._deaths = 0
        self.served = asyncio.Event()

    async def run(self) -> None:
        """Raises LocalError for one that never served: then its start is what is wrong."""
        pause_s = PAUSE_FIRST_S
        while True:
            epitaph, lived_s = await self._live()
            steady = lived_s > STEADY_S
            self._deaths = 1 if steady else self._deaths + 1
            pause_s = PAUSE_FIRST_S if steady else min(2 * pause_s, PAUSE_MAX_S)
            self._tell(epitaph)
            await asyncio.sleep(pause_s)

    async def _live(self) -> tuple[str, float]:
        """Start it, see it serve, and see it end: what its log says then, how long it served."""
        has_served = self.served.is_set()
        command = self._again if has_served else self._command
        start = spawned if has_served else self._start
        try:
            async with running(command, self._folder, start) as child:
                await self._serves(child)
                if self.served.is_set():
                    log.info("%s serves again", command.name)
                self.served.set()
                since_s = time.monotonic()
                await child.wait()
                return child.epitaph, time.monotonic() - since_s
        except LocalError as error:
            if not self.served.is_set():
                raise
            return str(error), 0.0

    def _tell(self, epitaph: str) -> None:
        if self._deaths >= DEATHS_TOLD:
            told = f"{epitaph}\n{self._command.name} has died {self._deaths} times in a row"
        else:
            told = epitaph.partition(";")[0]
        log.warning("%s, and is started again", told)


@asynccontextmanager
async def keeping(*keepers: Keeper) -> AsyncIterator[None]:
    """All of them serving inside the block, and stopped with it, all at once.

    Raises LocalError for the first that cannot start.
    """
    tasks = [asyncio.create_task(keeper.run()) for keeper in keepers]
    try:
        await _all_serve(keepers, tasks)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _all_serve(keepers: tuple[Keeper, ...], tasks: list[asyncio.Task[None]]) -> None:
    async def wait() -> None:
        for keeper in keepers:
            await keeper.served.wait()

    waiting = asyncio.create_task(wait())
    try:
        await asyncio.wait({waiting, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    for task in tasks:
        if task.done():
            task.result()
