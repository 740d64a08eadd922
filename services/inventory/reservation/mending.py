"""Breaks the claims that facts leave uncovered: behind the fact, which waits for nobody.

A fact's own write leaves an `Overclaim`. Any replica that finds it looks for the newest
reservations of the row and breaks them, in one write with the row and with the note that
it is done: whoever dies before it leaves the overclaim, whoever comes second finds it mended.
What cannot be mended yet keeps its note, and its row comes up again in the next round.
"""

import asyncio
import logging
import random
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import uuid4

from prometheus_client import CollectorRegistry, Gauge

from chassis.changes import Changed
from chassis.clock import Clock
from chassis.errors import AppError
from chassis.records import Records, Ref, State
from services.inventory.ledger.domain import Note
from services.inventory.ledger.overclaims import Overclaim
from services.inventory.ledger.store import OVERCLAIMS, overclaimed
from services.inventory.limit.counters import taken_refs, takens_in
from services.inventory.limit.taken import TakenKey
from services.inventory.reservation.breaking import broken, held_at
from services.inventory.reservation.counting import with_counts
from services.inventory.reservation.domain import Reservation, Status
from services.inventory.reservation.store import RESERVATIONS, are_told_lapsed, standing_at
from services.inventory.stock.domain import Place, StockRow
from services.inventory.stock.store import find_rows, row_refs, rows_in

LOOK_S = 1.0
PAGE_MAX = 100
# Of one write: each is read and written, and whoever sells waits for the row meanwhile.
BROKEN_MAX = 100
# A row that others write all the time is looked at so often, behind the others each time.
LOOKS_MAX = 20
WRITE_S = 2.0
ACTOR = "inventory"

log = logging.getLogger(__name__)


class Outcome(StrEnum):
    MENDED = "mended"
    # It was written meanwhile.
    AGAIN = "again"
    # In the next round.
    LATER = "later"
    # Claims are left that no reservation accounts for: the row is not in balance.
    NOBODYS = "nobodys"


class Mender:
    """Any replica runs one. Of several at once one breaks; the others find that it is done."""

    def __init__(
        self, records: Records, *, clock: Clock, registry: CollectorRegistry | None = None
    ) -> None:
        self._records = records
        self._clock = clock
        self._nobodys: set[Place] = set()
        self._unreadable: dict[str, Exception] = {}
        self._unreadable_told: set[str] = set()
        gauge = Gauge(
            "rows_claimed_by_nobody",
            "Rows of which more is claimed than there is, by no reservation that can be read.",
            registry=registry or CollectorRegistry(),
        )
        gauge.set_function(lambda: len(self._nobodys))

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
        after_id, came_to = "", dict[Place, Outcome]()
        self._unreadable.clear()
        while page := await overclaimed(self._records, after_id=after_id, limit=PAGE_MAX):
            after_id = page[-1].overclaim_id
            noted = by_place(page)
            # A row may be noted on many pages: what put it off once puts off no other again.
            put_off = {p for p, outcome in came_to.items() if outcome is not Outcome.MENDED}
            left = {place: notes for place, notes in noted.items() if place not in put_off}
            await self._mend_in_turns(left, came_to)
        self._tell({place for place, outcome in came_to.items() if outcome is Outcome.NOBODYS})

    async def _mend_in_turns(
        self, noted: Mapping[Place, Sequence[Overclaim]], came_to: dict[Place, Outcome]
    ) -> None:
        for _ in range(LOOKS_MAX):
            for place, notes in noted.items():
                came_to[place] = await self._mend_quietly(notes)
            noted = {p: notes for p, notes in noted.items() if came_to[p] is Outcome.AGAIN}

    async def _mend_quietly(self, notes: Sequence[Overclaim]) -> Outcome:
        """One row that cannot be mended keeps no other from it."""
        try:
            return await self.mend(notes)
        except AppError as error:
            log.warning("a row's claims are broken later: %s", error.reason)
        except Exception:
            words = "claims on a row cannot be broken: overclaim %s"
            log.exception(words, notes[0].overclaim_id)
        return Outcome.LATER

    async def mend(self, notes: Sequence[Overclaim]) -> Outcome:
        """The row that all of the `notes` are of, as far as one write goes."""
        place, note = notes[0].place, self._note()
        row = (await find_rows(self._records, [place]))[place]
        newest = await self._newest(row, note.now)
        if row.overclaimed(note.now):
            # Over by the clock of whoever told of it: those claims go by themselves, and what is
            # broken in their place would be somebody's who is still to come for it.
            if await are_told_lapsed(self._records, place, behind=row.time(note.now)):
                return Outcome.LATER
            if not newest:  # Unless it ended between our two looks.
                return Outcome.NOBODYS if await self._is_as(row) else Outcome.AGAIN
        change = partial(mended, seen=row, newest=newest, note=note)
        refs: list[Ref[Any]] = [Ref(OVERCLAIMS, each.overclaim_id) for each in notes]
        refs += [Ref(RESERVATIONS, held.reservation_id) for held in newest]
        refs += [*row_refs([place]), *taken_refs(keys_at(row, newest))]
        return await self._records.update(refs, change, answer=Outcome, timeout_s=WRITE_S)

    async def _is_as(self, seen: StockRow) -> bool:
        return (await find_rows(self._records, [seen.place]))[seen.place].revision == seen.revision

    async def _newest(self, row: StockRow, now: datetime) -> list[Reservation]:
        """As many as cover what is missing, BROKEN_MAX at most."""
        newest, missing = list[Reservation](), row.overclaimed(now)
        found = standing_at(self._records, row.place, unreadable=self._unreadable.__setitem__)
        async with aclosing(found) as standing:
            while missing > 0 and len(newest) < BROKEN_MAX:
                held = await anext(standing, None)
                if held is None:
                    break
                if held.expire_instant > row.time(now).timestamp():
                    newest.append(held)
                    missing -= held_at(held, row.place)
        return newest

    def _tell(self, nobodys: set[Place]) -> None:
        """Whoever reads the log, of each once as long as it is so."""
        for place in nobodys - self._nobodys:
            words = "%s at %s is claimed beyond its reservations: verify its balance"
            log.error(words, place.sku, place.location_id)
        for reservation_id in self._unreadable.keys() - self._unreadable_told:
            words = "reservation %s cannot be read: no claim of it is broken"
            log.error(words, reservation_id, exc_info=self._unreadable[reservation_id])
        self._nobodys, self._unreadable_told = nobodys, set(self._unreadable)

    def _note(self) -> Note:
        now = self._clock()
        return Note(write_id=str(uuid4()), actor=ACTOR, now=now, occur_time=now)


def by_place(found: Iterable[Overclaim]) -> dict[Place, list[Overclaim]]:
    noted: dict[Place, list[Overclaim]] = {}
    for each in found:
        noted.setdefault(each.place, []).append(each)
    return noted


def keys_at(row: StockRow, newest: Iterable[Reservation]) -> list[TakenKey]:
    """The counters of what may be broken, each once: of the row's article alone."""
    keys = (key for held in newest for key in held.taken_keys if key.sku == row.sku)
    return list(dict.fromkeys(keys))


def mended(
    state: State,
    *,
    seen: StockRow,
    newest: Sequence[Reservation],
    note: Note,
) -> Changed[Outcome]:
    """Break what is missing of the `newest`, where they are still that."""
    left_to_do, read = state.all(OVERCLAIMS), state.all(RESERVATIONS)
    if not left_to_do:
        return Changed(answer=Outcome.MENDED)
    row = rows_in(state, [seen.place])[seen.place]
    # Whoever makes, replaces or ends a claim writes the row: at this revision the newest are those
    # that were found. They were found by a query, which by itself would decide nothing.
    is_as_seen = row.revision == seen.revision
    if not is_as_seen or any(held.status is not Status.ACTIVE for held in read):
        return Changed(answer=Outcome.AGAIN)
    left = with_counts(broken(row, read, note=note), read, takens_in(state, keys_at(seen, newest)))
    if left.answer:
        outcome = Outcome.AGAIN if len(newest) == BROKEN_MAX else Outcome.NOBODYS
        return Changed(answer=outcome, records=left.records, events=left.events)
    done = (replace(each, mended=True) for each in left_to_do)
    return Changed(answer=Outcome.MENDED, records=(*done, *left.records), events=left.events)
