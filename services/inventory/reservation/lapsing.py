"""Tells of holds that have lapsed. It only tells: at its instant a hold counts no more."""

import asyncio
import logging
import random
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from prometheus_client import CollectorRegistry, Gauge

from chassis.changes import Changed
from chassis.clock import Clock
from chassis.errors import AppError
from chassis.records import SELECT_MAX, Records, Ref, State
from services.inventory.reservation.domain import Reservation, Status, told
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

    def __init__(
        self, records: Records, *, clock: Clock, registry: CollectorRegistry | None = None
    ) -> None:
        self._records = records
        self._clock = clock
        self._unreadable: set[str] = set()
        self._unreadable_count = Gauge(
            "reservations_unreadable",
            "Reservations that have lapsed and cannot be read, so that nobody is told of it.",
            registry=registry or CollectorRegistry(),
        )

    async def run(self) -> None:
        """Until cancelled, through every absence of the engine."""
        while True:
            pause_s = random.uniform(LOOK_S / 2, LOOK_S)
            try:
                if await self.announce() >= BATCH_MAX:
                    pause_s = random.uniform(0, PAUSE_S)
            except AppError as error:
                log.warning("lapsed holds are told of later: %s", error.reason)
            await asyncio.sleep(pause_s)

    async def announce(self) -> int:
        """Tell of those that lapsed MARGIN ago or longer; answers how many were looked at first.

        At most BATCH_MAX are told of. Those that cannot be read stay as they are.
        """
        by = self._clock() - MARGIN
        lapsed, new_count = await self._lapsed(by)
        if lapsed:
            refs = [Ref(RESERVATIONS, each.reservation_id) for each in lapsed]
            write = partial(self._records.update, answer=int, timeout_s=WRITE_S)
            await write(refs, partial(announced, by=by))
        return len(lapsed) + new_count

    async def _lapsed(self, by: datetime) -> tuple[list[Reservation], int]:
        """Those to tell of, and how many were found just now that cannot be read."""
        unreadable: dict[str, Exception] = {}
        # More by those known, which come first again each time: else they would hide the others.
        limit = min(BATCH_MAX + len(self._unreadable), SELECT_MAX)
        found = await lapsed_by(
            self._records,
            int(by.timestamp()),
            limit=limit,
            unreadable=unreadable.__setitem__,
        )
        new = unreadable.keys() - self._unreadable
        for reservation_id in new:
            words = "reservation %s cannot be read: nobody is told that it has lapsed"
            log.error(words, reservation_id, exc_info=unreadable[reservation_id])
        self._unreadable = set(unreadable)
        self._unreadable_count.set(len(unreadable))
        return found[:BATCH_MAX], len(new)


def announced(state: State, *, by: datetime) -> Changed[int]:
    """Those still active whose hold was over by then, marked and told of; how many."""
    ended = [
        replace(found, status=Status.LAPSED, revision=found.revision + 1)
        for found in state.all(RESERVATIONS)
        if found.status is Status.ACTIVE and found.at(by).status is Status.LAPSED
    ]
    events = tuple(told("lapsed", each) for each in ended)
    return Changed(answer=len(ended), records=tuple(ended), events=events)
