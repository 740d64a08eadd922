"""Breaks the claims that facts leave uncovered: behind the fact, which waits for nobody.

A fact's own write leaves an `Overclaim`. Any replica that finds it looks for the newest
reservations of the row and breaks them, in one write with the row and with the note that
it is done: whoever dies before it leaves the overclaim, whoever comes second finds it mended.
"""

import asyncio
import logging
import random
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import uuid4

from chassis.changes import Changed
from chassis.clock import Clock
from chassis.errors import AppError
from chassis.records import Records, Ref, State
from services.inventory.ledger.domain import Note
from services.inventory.ledger.overclaims import Overclaim
from services.inventory.ledger.store import OVERCLAIMS, overclaimed
from services.inventory.reservation.breaking import broken, held_at
from services.inventory.reservation.domain import Reservation
from services.inventory.reservation.store import RESERVATIONS, standing_at
from services.inventory.stock.domain import StockRow
from services.inventory.stock.store import find_rows, row_refs, rows_in

LOOK_S = 1.0
PAGE_MAX = 100
# Of one write: each is read and written, and whoever sells waits for the row meanwhile.
BROKEN_MAX = 100
# A row that others write all the time is left for the next round, behind the others.
LOOKS_MAX = 20
WRITE_S = 2.0
ACTOR = "inventory"

log = logging.getLogger(__name__)


class Outcome(StrEnum):
    MENDED = "mended"
    AGAIN = "again"
    # Claims are left that no reservation accounts for: the row is not in balance.
    NOBODYS = "nobodys"


class Mender:
    """Any replica runs one. Of several at once one breaks; the others find that it is done."""

    def __init__(self, records: Records, *, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled, through every absence of the engine."""
        while True:
            try:
                await self.mend_all()
            except AppError as error:
                log.warning("claims are broken later: %s", error.reason)
            except Exception:
                # Nobody waits for this task: what it raised would be noticed by its silence.
                log.exception("claims cannot be broken")
            await asyncio.sleep(random.uniform(LOOK_S / 2, LOOK_S))

    async def mend_all(self) -> None:
        """Whatever is found once. Raises AppError where they cannot be looked for."""
        after_id = ""
        while page := await overclaimed(self._records, after_id=after_id, limit=PAGE_MAX):
            for found in page:
                await self._mend_quietly(found)
            after_id = page[-1].overclaim_id

    async def _mend_quietly(self, found: Overclaim) -> None:
        """One that cannot be mended keeps no other from it."""
        try:
            for _ in range(LOOKS_MAX):
                outcome = await self._mend(found)
                if outcome is not Outcome.AGAIN:
                    break
        except AppError as error:
            log.warning("a row's claims are broken later: %s", error.reason)
        except Exception:
            log.exception("claims on a row cannot be broken: overclaim %s", found.overclaim_id)
        else:
            if outcome is Outcome.NOBODYS:
                words = "%s at %s is claimed beyond its reservations: verify its balance"
                log.error(words, found.sku, found.location_id)

    async def _mend(self, found: Overclaim) -> Outcome:
        row = (await find_rows(self._records, [found.place]))[found.place]
        newest = await self._newest(row)
        change = partial(mended, found=found, seen=row, newest=newest, note=self._note())
        refs: list[Ref[Any]] = [Ref(OVERCLAIMS, found.overclaim_id)]
        refs += [Ref(RESERVATIONS, held.reservation_id) for held in newest]
        refs += row_refs([found.place])
        return await self._records.update(refs, change, answer=Outcome, timeout_s=WRITE_S)

    async def _newest(self, row: StockRow) -> list[Reservation]:
        """As many as cover what is missing, BROKEN_MAX at most."""
        newest, now = list[Reservation](), self._clock()
        missing = row.overclaimed(now)
        async with aclosing(standing_at(self._records, row.place)) as standing:
            while missing > 0 and len(newest) < BROKEN_MAX:
                held = await anext(standing, None)
                if held is None:
                    break
                if held.expire_instant > row.time(now).timestamp():
                    newest.append(held)
                    missing -= held_at(held, row.place)
        return newest

    def _note(self) -> Note:
        now = self._clock()
        return Note(write_id=str(uuid4()), actor=ACTOR, now=now, occur_time=now)


def mended(
    state: State, *, found: Overclaim, seen: StockRow, newest: Sequence[Reservation], note: Note
) -> Changed[Outcome]:
    """Break what is missing of the `newest`, where they are still that."""
    overclaim = state.find(OVERCLAIMS, found.overclaim_id)
    if overclaim is None:
        return Changed(answer=Outcome.MENDED)
    row = rows_in(state, [found.place])[found.place]
    # Whoever makes, replaces or ends a claim writes the row: at this revision the newest are those
    # that were found. They were found by a query, which by itself would decide nothing.
    if row.revision != seen.revision:
        return Changed(answer=Outcome.AGAIN)
    left = broken(row, state.all(RESERVATIONS), note=note)
    if left.answer and len(newest) == BROKEN_MAX:
        return Changed(answer=Outcome.AGAIN, records=left.records, events=left.events)
    return Changed(
        answer=Outcome.NOBODYS if left.answer else Outcome.MENDED,
        records=(replace(overclaim, mended=True), *left.records),
        events=left.events,
    )
