"""How limits are kept, and how a process knows which there are."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chassis.changes import Changed
from chassis.errors import AppError
from chassis.events import EventLog
from chassis.records import SELECT_MAX, Kind, Records, Ref, State, Updates, Where
from chassis.requests import Request
from chassis.signals import within
from services.inventory.limit.domain import LIMITS_MAX, Limit, Limits, Register, put

LIMITS = Kind(type=Limit, collection="limits", key=lambda limit: limit.sku)
REGISTERS = Kind(
    type=Register, collection="limit_registers", key=lambda register: register.register_id
)
REGISTER_ID = "limits"
EVENT = "limit_changed"
BATCH_MAX = 500
AGAIN_S = 0.2

log = logging.getLogger(__name__)


async def put_limits(
    updates: Updates, limits: Sequence[Limit], *, request: Request, timeout_s: float
) -> tuple[Limit, ...]:
    """As `domain.put`."""

    def change(state: State) -> Changed[tuple[Limit, ...]]:
        before = {limit.sku: limit for limit in state.all(LIMITS)}
        register = state.find(REGISTERS, REGISTER_ID) or Register(register_id=REGISTER_ID)
        return put(before, register, limits)

    refs: list[Ref[Any]] = [Ref(LIMITS, limit.sku) for limit in limits]
    refs.append(Ref(REGISTERS, REGISTER_ID))
    return await updates.update(
        refs, change, answer=tuple[Limit, ...], request=request, timeout_s=timeout_s
    )


async def limits_after(records: Records, sku: str, limit: int) -> list[Limit]:
    """At most `limit` of those that stand with a greater sku, ordered by sku."""
    where = Where(limit=limit, above={"quantity_max": 0}, after=(None, sku))
    return await records.select(LIMITS, where)


class KnownLimits:
    """Which limits there are, in memory: a read in each reservation would cost all of them, as
    few articles as have one, and would make one queue of all who want such an article.

    So a limit that somebody puts at another replica is known some milliseconds later. What a
    buyer has is in a counter that each write reads and writes: that is exact.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._by_sku: dict[str, Limit] = {}

    def of(self, skus: Iterable[str]) -> Limits:
        """Those that stand."""
        if not self._by_sku:
            return {}
        known = self._by_sku
        return {sku: known[sku] for sku in skus if sku in known and known[sku].stands}

    def take(self, limits: Iterable[Limit]) -> None:
        """Know these, unless a later one is known: those that stand no more too, or an older
        one that comes late would stand again."""
        for limit in limits:
            known = self._by_sku.get(limit.sku)
            if limit.revision > (known.revision if known else 0):
                self._by_sku[limit.sku] = limit

    async def load(self) -> None:
        """All that stand. Before anybody is served: until then there is no limit."""
        after_sku = ""
        for _ in range(-(-LIMITS_MAX // SELECT_MAX) + 1):
            page = await limits_after(self._records, after_sku, SELECT_MAX)
            self.take(page)
            if len(page) < SELECT_MAX:
                return
            after_sku = page[-1].sku

    async def follow(self, events: EventLog) -> None:
        """Until cancelled, through every absence of the engine."""
        while True:
            try:
                await self._follow(events)
            except AppError as error:
                log.warning("limits that change are known later: %s", error.reason)
            await asyncio.sleep(AGAIN_S)

    async def _follow(self, events: EventLog) -> None:
        """From here on: what changed before is read, removed ones too."""
        position = (await events.head()).position
        await self._read_again(self._by_sku)
        await self.load()
        while True:
            heard = events.appended.next()
            batch = await events.read(position, BATCH_MAX, (EVENT,))
            await self._read_again(event.key for event in batch.events)
            if batch.position == position:
                await within(heard, events.appended.pause_s)
            position = batch.position

    async def _read_again(self, skus: Iterable[str]) -> None:
        asked = list(skus)
        for first in range(0, len(asked), SELECT_MAX):
            some = asked[first : first + SELECT_MAX]
            found: Mapping[Any, Limit] = await self._records.find_many(LIMITS, some)
            self.take(found.values())
