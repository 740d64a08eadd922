"""Codes at the counter, doors of cabinets, and what a cabinet's journal makes of an order."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from chassis.changes import Changed
from chassis.clock import Clock, utc_now
from chassis.lockout import Allowance, Attempts, WrongGuesses
from chassis.records import Records, Ref, State
from chassis.requests import Request
from services.collect.guessing.store import ATTEMPTS, WRONG_CODES
from services.collect.locker import domain as locker
from services.collect.locker.cabinet import Cabinet, DoorPurpose, EntryKind, JournalEntry
from services.collect.locker.capability import CAPABILITY_LIFE
from services.collect.locker.store import CABINETS
from services.collect.order import domain as orders
from services.collect.order.codebook import Codebook
from services.collect.order.store import ORDERS, unknown
from services.collect.order.values import Order
from services.collect.order.values import State as Life
from services.collect.picking import domain

WRITE_S = 2.0


# Of one member of staff, at whatever orders. Codes are scanned; few are typed, fewer wrong.
WRONG_BY_STAFF = Allowance(count_max=30, window=timedelta(hours=1))


class CodeCheck:
    """Counts wrong codes by order and by who types them, so that guessing one takes years."""

    def __init__(self, records: Records, codebook: Codebook, *, clock: Clock = utc_now) -> None:
        self._records = records
        self._codebook = codebook
        self._clock = clock

    async def opens(self, order: Order, code: str, *, staff_id: str) -> bool:
        """Whether the code is right; False for what no counter hands over now.

        Raises WrongCodeError, TooManyAttemptsError.
        """
        if order.state is not Life.READY or order.in_locker:
            return False  # The write says why, or answers a repeat as it did the first time.
        now = self._clock()
        found = await self._records.find(WRONG_CODES, staff_id)
        (found or none_by(staff_id, now)).checked(WRONG_BY_STAFF, now)
        await self._count(order, lambda attempts: attempts.checked(now).failed(now))
        if not self._codebook.opens(order, code, now=now):
            await self._count_by(staff_id, now)
            raise domain.WrongCodeError("this is not the order's code now: ask for a new one")
        await self._count(order, Attempts.succeeded)
        return True

    async def _count(self, order: Order, change: Callable[[Attempts], Attempts]) -> None:
        def counted(state: State) -> Changed[Attempts]:
            before = state.find(ATTEMPTS, order.order_id) or Attempts(key=order.order_id)
            after = change(before)
            return Changed(answer=after, records=(after,))

        refs = [Ref(ATTEMPTS, order.order_id)]
        await self._records.update(refs, counted, answer=Attempts, timeout_s=WRITE_S)

    async def _count_by(self, staff_id: str, now: datetime) -> None:
        def counted(state: State) -> Changed[bool]:
            before = state.find(WRONG_CODES, staff_id) or none_by(staff_id, now)
            return Changed(answer=True, records=(before.wrong(WRONG_BY_STAFF, now),))

        refs = [Ref(WRONG_CODES, staff_id)]
        await self._records.update(refs, counted, answer=bool, timeout_s=WRITE_S)


def none_by(staff_id: str, now: datetime) -> WrongGuesses:
    return WrongGuesses(key=staff_id, begin_time=now)


class Doors:
    """Asks cabinets to open for staff."""

    def __init__(self, records: Records, *, clock: Clock = utc_now) -> None:
        self._records = records
        self._clock = clock

    async def load(self, order: Order, request: Request, *, timeout_s: float) -> Order:
        """Raises OrderNotStagedError, CabinetOfflineError."""
        domain.check_in_locker(order)
        change = partial(self._asked, DoorPurpose.LOADING, domain.door_asked, request)
        return await self._write(order, change, request, timeout_s)

    async def take_back(self, order: Order, request: Request, *, timeout_s: float) -> Order:
        """Raises NotInCabinetError, IllegalUseError, CabinetOfflineError."""
        if not order.in_locker:
            raise locker.NotInCabinetError("the order is at a counter", order_id=order.order_id)
        change = partial(self._asked, DoorPurpose.TAKING_BACK, lambda order: order, request)
        return await self._write(order, change, request, timeout_s)

    async def _write(
        self,
        order: Order,
        change: Callable[[Order, State], Changed[Order]],
        request: Request,
        timeout_s: float,
    ) -> Order:
        refs: list[Ref[Any]] = [Ref(ORDERS, order.order_id), Ref(CABINETS, order.cabinet_id)]
        return await self._records.update(
            refs, partial(change, order), answer=Order, request=request, timeout_s=timeout_s
        )

    def _asked(
        self,
        purpose: DoorPurpose,
        asked: Callable[[Order], Order],
        request: Request,
        seen: Order,
        state: State,
    ) -> Changed[Order]:
        order = state.find(ORDERS, seen.order_id)
        cabinet = state.find(CABINETS, seen.cabinet_id)
        if order is None or cabinet is None:
            raise unknown(seen.order_id)
        after = asked(order)
        opening = locker.door_asked(
            cabinet,
            order.order_id,
            command_id=request.request_id,
            purpose=purpose,
            now=self._clock(),
        )
        heard = locker.event_of(opening)
        if after == order:
            return Changed(answer=order, records=(opening,), events=(heard,))
        return orders.changed(order, after, records=(opening,), events=(heard,))


def refs_for(cabinet_id: str, entry: JournalEntry) -> list[Ref[Any]]:
    """What `journal_change` reads."""
    refs: list[Ref[Any]] = [Ref(CABINETS, cabinet_id)]
    return refs + [Ref(ORDERS, entry.order_id)] * bool(entry.order_id)


def journal_change(state: State, entry: JournalEntry, now: datetime) -> Changed[Cabinet]:
    """What an entry makes of its cabinet and of the order it names, in one write.

    Raises what `locker.applied` does.
    """
    before = state.find(CABINETS, entry.cabinet_id)
    if before is None:
        raise locker.UnknownCabinetError("no such cabinet", cabinet_id=entry.cabinet_id)
    cabinet = locker.applied(before, entry)
    order = state.find(ORDERS, entry.order_id) if entry.order_id else None
    if order is None or order.cabinet_id != entry.cabinet_id:
        return told(before, cabinet)
    if locker.use_in(before, entry) is None:
        return told(before, cabinet)  # Of a use that is past: the order lies there no more.
    after = order_after(order, entry, now)
    if entry.kind is EntryKind.LOADED and after.state is Life.READY and after != order:
        until = min(order.collect_by_time, now + CAPABILITY_LIFE)
        cabinet = locker.made_ready(cabinet, order.order_id, not_before=now, not_after=until)
        # Kept for the customer as long as the door would open, and no longer.
        after = replace(after, collect_by_time=until)
    if after == order:
        return told(before, cabinet)
    changed = orders.changed(order, after)
    return told(before, cabinet, records=changed.records, events=changed.events)


def told(
    before: Cabinet, after: Cabinet, *, records: tuple[object, ...] = (), events: Any = ()
) -> Changed[Cabinet]:
    """The cabinet's stream hears of what changed for it."""
    heard = (locker.event_of(after),) if after.revision != before.revision else ()
    return Changed(answer=after, records=(after, *records), events=(*events, *heard))


def order_after(order: Order, entry: JournalEntry, now: datetime) -> Order:
    match entry.kind:
        case EntryKind.LOADED:
            return domain.loaded(order, compartment_id=entry.compartment_id, now=now)
        case EntryKind.OPENED:
            return domain.opened(order, now=now)
        case EntryKind.REVOKED:
            return domain.revoked(order, now=now)
        case EntryKind.TAKEN_BACK:
            return domain.taken_back(order, now=now)
        case _:
            return order
