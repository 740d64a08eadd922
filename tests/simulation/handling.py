"""How a replica does what it is asked for in a simulation.

Between two awaits it may die: see `tests.simulation.world`. What is done here is what the
servicers do with a request once it is decoded, by the same rules and stores.
"""

from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from chassis.records import Records, Ref
from chassis.requests import Request, step_id
from services.inventory.ledger import domain as ledger
from services.inventory.ledger.domain import Fact, Note
from services.inventory.ledger.levels import Level
from services.inventory.ledger.looking import counted_then
from services.inventory.ledger.overclaims import Overclaim
from services.inventory.ledger.recording import record
from services.inventory.ledger.store import LevelWriter, update_rows
from services.inventory.limit.domain import Limit, Limits
from services.inventory.limit.store import put_limits
from services.inventory.limit.taken import TakenKey
from services.inventory.period.workflow import Closing, closed_next
from services.inventory.reservation import domain, reserving
from services.inventory.reservation.counting import Counts
from services.inventory.reservation.domain import Found, Reservation
from services.inventory.reservation.lapsing import MARGIN, announced
from services.inventory.reservation.mending import Mender, Outcome
from services.inventory.reservation.store import (
    RESERVATIONS,
    Rule,
    supersede_reservation,
    update_reservation,
)
from services.inventory.stock.domain import Bucket, Line, Place, StockRow
from services.inventory.stock.store import ROWS
from tests.simulation.operations import Moved, Operation, Verb, stock_lines

TIMEOUT_S = 2.0
MOVEMENTS_MAX = 3
NO_LIMITS: Limits = MappingProxyType({})


async def handled(
    asked: Operation, store: Records, *, now: datetime, task: int, limits: Limits = NO_LIMITS
) -> Any:
    """As a replica does it whose clock says `now`, and that knows of these `limits`; `task` tells
    two deliveries apart."""
    note = Note(write_id=asked.made_id, actor=asked.owner, now=now, occur_time=now)
    match asked.verb:
        case Verb.RESERVE:
            rule = partial(reserving.reserve, wish=asked.wish, owner=asked.owner, note=note)
            return await update_reservation(
                store,
                asked.made_id,
                [place for place, _ in asked.lines],
                rule,
                counts=counts_of(asked, limits),
                request=asked.request,
                timeout_s=TIMEOUT_S,
            )
        case Verb.SUPERSEDE:
            return await superseded(asked, store, note, limits)
        case Verb.RENEW | Verb.RELEASE:
            found = await own(asked, store, asked.about)
            return await on_lines(store, found, rule_of(asked, note), asked.request)
        case Verb.COMMIT:
            return await committed(asked, store, note)
        case Verb.CANCEL:
            return await undone(asked, store, note)
        case Verb.SELL | Verb.MOVE:
            return await recorded(asked, store, note)
        case Verb.IMPORT:
            return await imported(asked, store, now, task)
        case Verb.TELL:
            refs = [Ref(RESERVATIONS, each) for each in asked.lapsed]
            change = partial(announced, by=now - MARGIN)
            return await store.update(refs, change, answer=int, timeout_s=TIMEOUT_S)
        case Verb.MEND:
            [(place, _)] = asked.lines
            noted = Overclaim(
                overclaim_id=asked.about, location_id=place.location_id, sku=place.sku
            )
            return await looked_at(store, noted, now=now)
        case Verb.LIMIT:
            put = [
                Limit(sku=sku, quantity_max=n, period_s=period_s)
                for sku, n, period_s in asked.limits
            ]
            return await put_limits(store, put, request=asked.request, timeout_s=TIMEOUT_S)
        case Verb.CLOSE:
            return await closed_next(closing_of(asked, store, now), asked.about, "")


def closing_of(asked: Operation, store: Records, now: datetime) -> Closing:
    """With archives so small that a row's movements often go into several."""
    return Closing(
        records=store,
        clock=lambda: now,
        before=before_of(asked, now),
        actor=asked.owner,
        movements_max=MOVEMENTS_MAX,
    )


def before_of(asked: Operation, now: datetime) -> datetime:
    return now - timedelta(seconds=asked.open_s)


def counts_of(asked: Operation, limits: Limits, keys: tuple[TakenKey, ...] = ()) -> Counts:
    return Counts(keys=keys, limits=limits, owner=asked.owner, buyer_id=asked.buyer_id)


class LookedAt(NamedTuple):
    """What a mender says of a row, and whether anybody wrote that since before it looked."""

    outcome: Outcome
    is_written_since: bool


async def looked_at(store: Records, noted: Overclaim, *, now: datetime) -> LookedAt:
    before = await store.find(ROWS, noted.place)
    outcome = await Mender(store, clock=lambda: now).mend([noted])
    return LookedAt(outcome, await store.find(ROWS, noted.place) != before)


def rule_of(asked: Operation, note: Note) -> Rule:
    if asked.verb is Verb.RELEASE:
        return partial(domain.release, owner=asked.owner, note=note)
    hold = timedelta(seconds=asked.hold_s)
    return partial(domain.renew, hold=hold, owner=asked.owner, note=note)


async def committed(asked: Operation, store: Records, note: Note) -> Reservation:
    found = await own(asked, store, asked.about)
    rule = partial(
        domain.commit,
        picked=[Found(place=place, found=n, not_found=lost) for place, n, lost in asked.picked],
        target=Bucket.STAGED,
        owner=asked.owner,
        note=note,
        counted_then=await counted_then(store, dict(asked.looked)),
    )
    return await on_lines(store, found, rule, asked.request)


async def own(asked: Operation, store: Records, reservation_id: str) -> Reservation:
    found = await store.find(RESERVATIONS, reservation_id)
    return domain.owned(found, owner=asked.owner)


async def on_lines(
    store: Records, found: Reservation, rule: Rule, request: Request | None
) -> Reservation:
    return await update_reservation(
        store,
        found.reservation_id,
        found.places,
        rule,
        counts=Counts(keys=found.taken_keys),
        request=request,
        timeout_s=TIMEOUT_S,
    )


async def superseded(asked: Operation, store: Records, note: Note, limits: Limits) -> Reservation:
    old = await own(asked, store, asked.about)
    return await supersede_reservation(
        store,
        old,
        asked.made_id,
        [place for place, _ in asked.lines],
        partial(reserving.supersede, wish=asked.wish, owner=asked.owner, note=note),
        counts=counts_of(asked, limits, old.taken_keys),
        request=asked.request,
        timeout_s=TIMEOUT_S,
    )


async def undone(asked: Operation, store: Records, note: Note) -> Reservation | None:
    await store.cancel(asked.request, timeout_s=TIMEOUT_S)
    found = await store.find(RESERVATIONS, asked.made_id)
    if found is None:
        return None
    rule = partial(domain.undo, owner=asked.owner, note=note)
    return await on_lines(store, domain.owned(found, owner=asked.owner), rule, None)


async def recorded(asked: Operation, store: Records, note: Note) -> tuple[StockRow, ...]:
    facts = (
        ledger.sold(stock_lines(asked), "receipt")
        if asked.verb is Verb.SELL
        else [fact_of(moved) for moved in asked.moved]
    )
    counted = await counted_then(store, dict(asked.looked))
    return await update_rows(
        store,
        list(dict.fromkeys(fact.line.place for fact in facts)),
        partial(record, facts=facts, note=note, counted_then=counted),
        answer=tuple[StockRow, ...],
        request=asked.request,
        timeout_s=TIMEOUT_S,
    )


def fact_of(moved: Moved) -> Fact:
    line = Line(location_id=moved.place.location_id, sku=moved.place.sku, quantity=moved.quantity)
    return Fact(line=line, source=moved.source, target=moved.target, cause=moved.cause)


async def imported(asked: Operation, store: Records, now: datetime, task: int) -> set[Place]:
    levels = [
        Level(place=place, sellable=sellable, safety=asked.safety)
        for place, sellable in asked.lines
    ]
    # An import has no request id: a level that came already is so already.
    write_id = step_id(asked.request_id, str(task))
    note = Note(write_id=write_id, actor=asked.owner, now=now, occur_time=now)
    return await LevelWriter(store).put(levels, note=note, timeout_s=TIMEOUT_S)
