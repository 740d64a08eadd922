"""Tells of holds that have lapsed. It only tells: at its instant a hold counts no more."""

import asyncio
import logging
import random
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from chassis.changes import Changed
from chassis.clock import Clock
from chassis.errors import AppError
from chassis.records import Records, Ref, State
from services.inventory.reservation.domain import Status, told
from services.inventory.reservation.store import RESERVATIONS, lapsed_by

# A lapse is told of within 30 s. Not at once: a replica whose clock is a little behind may still
# be serving the hold, and would then be told that it has ended before its time.
MARGIN = timedelta(seconds=5)
LOOK_S = 5.0
BATCH_MAX = 100
# Between batches: whoever sells goes first, and of several replicas the others see what is told.
PAUSE_S = 0.2
WRITE_S = 2.0

log = logging.getLogger(__name__)


class Announcer:
    """Any replica runs one. Of several at once one tells; the others find that it is told."""

    def __init__(self, records: Records, *, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled, through every absence of the engine."""
        while True:
            pause_s = random.uniform(LOOK_S / 2, LOOK_S)
            try:
                if await self.announce() == BATCH_MAX:
                    pause_s = random.uniform(0, PAUSE_S)
            except AppError as error:
                log.warning("lapsed holds are told of later: %s", error.reason)
            await asyncio.sleep(pause_s)

    async def announce(self) -> int:
        """Tell of those that lapsed MARGIN ago or longer, at most BATCH_MAX; answers how many."""
        by = self._clock() - MARGIN
        lapsed = await lapsed_by(self._records, int(by.timestamp()), limit=BATCH_MAX)
        if lapsed:
            refs = [Ref(RESERVATIONS, each.reservation_id) for each in lapsed]
            write = partial(self._records.update, answer=int, timeout_s=WRITE_S)
            await write(refs, partial(announced, by=by))
        return len(lapsed)


def announced(state: State, *, by: datetime) -> Changed[int]:
    """Those still active whose hold was over by then, marked and told of; how many."""
    ended = [
        replace(found, status=Status.LAPSED, revision=found.revision + 1)
        for found in state.all(RESERVATIONS)
        if found.status is Status.ACTIVE and found.at(by).status is Status.LAPSED
    ]
    events = tuple(told("lapsed", each) for each in ended)
    return Changed(answer=len(ended), records=tuple(ended), events=events)
