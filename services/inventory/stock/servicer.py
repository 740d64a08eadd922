"""The gRPC face of stock: protobuf in, one call, protobuf out. No rules here."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias
from uuid import uuid4

import grpc
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2_grpc as pb_grpc

from chassis import paging
from chassis.access import Caller, caller
from chassis.deadline import left_s
from chassis.encoded import encoded_as
from chassis.events import EventLog
from chassis.importing import Outcome, imported
from chassis.requests import Request, request_from_pb
from services.inventory.balance.asked import question_of
from services.inventory.balance.messages import balance_to_pb, proven_to_pb, step_to_pb
from services.inventory.balance.proof import TooManyProofsError, proof
from services.inventory.balance.store import Balances
from services.inventory.books import Books
from services.inventory.ledger import domain as ledger
from services.inventory.ledger.domain import Fact, Note
from services.inventory.ledger.levels import Level, check_level
from services.inventory.ledger.looking import counted_then
from services.inventory.ledger.recording import NOT_KNOWN, Counted, record
from services.inventory.ledger.store import LevelWriter, update_rows
from services.inventory.location.store import unknown_location
from services.inventory.period.history import movements_of
from services.inventory.stock import domain
from services.inventory.stock.channel import check_channel
from services.inventory.stock.domain import Place, StockRow
from services.inventory.stock.feed import Feed
from services.inventory.stock.messages import (
    asked_from_pb,
    availabilities_to_pb,
    fact_from_pb,
    level_from_pb,
    levels_of,
    line_from_pb,
    looks_from_pb,
    movement_to_pb,
    reached_from_pb,
    row_to_pb,
    sale_time_from_pb,
)
from services.inventory.stock.rights import check_acts_for, check_theirs
from services.inventory.stock.selection import Selection, check_selection
from services.inventory.stock.store import find_rows
from services.inventory.stock.watch import watch_from
from services.inventory.supply.availability import (
    availability,
    check_min_revisions,
    check_reached,
)
from services.inventory.supply.domain import came_of
from services.inventory.supply.store import find_expectations, settling

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

WRITE_S_MAX = 2.0
# Stock comes by the hundred thousand: larger chunks cost fewer commits, and the engine writes
# some while we make the next.
LEVELS_MAX = 1000
LEVEL_CHUNKS_AT_ONCE = 4
PROOFS_MAX = 2
PROOF_S = 10.0  # What some hundred thousand rows take.


class StockServicer(pb_grpc.StockServiceServicer):
    def __init__(self, books: Books, *, log: EventLog, balances: Balances) -> None:
        self._books = books
        self._log = log
        self._feed = Feed(books.records, log)
        self._balances = balances
        self._proofs_count = 0

    async def RecordSale(
        self, request: pb.RecordSaleRequest, context: Context
    ) -> pb.RecordSaleResponse:
        sale = request_from_pb(request, subject=caller().subject, method="RecordSale")
        facts = ledger.sold([line_from_pb(line) for line in request.lines], request.receipt_id)
        now = self._books.clock()
        sale_time = ledger.check_sale_time(sale_time_from_pb(request, now), now)
        rows = await self._record(sale, facts, now=now, occur_time=sale_time)
        return pb.RecordSaleResponse(rows=[row_to_pb(row) for row in rows])

    async def RecordDamage(
        self, request: pb.RecordDamageRequest, context: Context
    ) -> pb.RecordDamageResponse:
        damage = request_from_pb(request, subject=caller().subject, method="RecordDamage")
        facts = ledger.broke([line_from_pb(line) for line in request.lines], request.document_id)
        now = self._books.clock()
        rows = await self._record(damage, facts, now=now, occur_time=now)
        return pb.RecordDamageResponse(rows=[row_to_pb(row) for row in rows])

    async def RecordMovements(
        self, request: pb.RecordMovementsRequest, context: Context
    ) -> pb.RecordMovementsResponse:
        movements = request_from_pb(request, subject=caller().subject, method="RecordMovements")
        facts = [fact_from_pb(m, f"movements[{n}]") for n, m in enumerate(request.movements)]
        ledger.check_facts(facts)
        check_acts_for(caller(), [fact.document_id for fact in facts])
        missed = (each for each in request.movements if each.cause == pb.CAUSE_NOT_FOUND)
        now, looks = self._books.clock(), looks_from_pb(missed)
        counted = await counted_then(self._books.records, looks)
        rows = await self._record(movements, facts, now=now, occur_time=now, counted_then=counted)
        return pb.RecordMovementsResponse(rows=[row_to_pb(row) for row in rows])

    async def ImportStock(
        self, requests: AsyncIterator[pb.ImportStockRequest], context: Context
    ) -> AsyncIterator[pb.ImportStockResponse]:
        steps = imported(
            requests,
            unfold=levels_of,
            check=checked_level,
            write=partial(self._put_levels, LevelWriter(self._books.records)),
            key=level_place,
            count_max=LEVELS_MAX,
            at_once=LEVEL_CHUNKS_AT_ONCE,
        )
        async with aclosing(steps) as progress:
            async for step in progress:
                yield pb.ImportStockResponse(progress=step)

    async def BatchGetAvailability(
        self, request: pb.BatchGetAvailabilityRequest, context: Context
    ) -> pb.BatchGetAvailabilityResponse:
        domain.check_pairs(request.skus, request.location_ids)
        check_channel(request.channel)
        asked = asked_from_pb(request, self._books.clock())
        places = [Place(where, sku) for sku in request.skus for where in request.location_ids]
        reached = reached_from_pb(request)
        check_min_revisions(reached, places)
        unknown = await self._books.locations.check_any(request.location_ids)
        rows = await find_rows(self._books.records, places)
        check_reached(rows, reached)
        looks_ahead = asked.at is not None
        expected = await find_expectations(self._books.records, places) if looks_ahead else {}
        shown = (availability(rows[place], asked, expected.get(place)) for place in places)
        # What a chain buys by is not for its customers, nor for the staff of other shops.
        is_person = caller().is_customer or caller().is_staff
        response = availabilities_to_pb(shown, tells_documents=not is_person)
        response.unknown_location_ids.extend(unknown)
        return response

    async def WatchStock(
        self, request: pb.WatchStockRequest, context: Context
    ) -> AsyncIterator[pb.WatchStockResponse]:
        check_selection(request.location_ids, request.skus)
        check_theirs(request.location_ids)
        await self._books.locations.check(request.location_ids)
        selection = selection_of(request, caller())
        watch = await watch_from(
            self._books.records, self._log, self._feed, selection=selection, cursor=request.cursor
        )
        async with aclosing(watch.seen()) as steps:
            async for seen in steps:
                rest = pb.WatchStockResponse(
                    cursor=seen.cursor, snapshot_complete=seen.snapshot_complete
                )
                yield encoded_as(pb.WatchStockResponse, seen.rows, rest)

    async def ExplainQuantity(
        self, request: pb.ExplainQuantityRequest, context: Context
    ) -> pb.ExplainQuantityResponse:
        check_theirs([request.location_id])
        limit = paging.page_size(request.page_size, default=50, maximum=500)
        place = Place(request.location_id, request.sku)
        query = f"explain {place.location_id} {place.sku}"
        after = after_from(paging.decode_token(request.page_token, query=query))
        # One more than asked for tells whether there is a next page.
        found = await movements_of(self._books.records, place, after=after, limit=limit + 1)
        page, more = found[:limit], len(found) > limit
        last = f"{page[-1].revision} {page[-1].movement_id}" if more else ""
        return pb.ExplainQuantityResponse(
            movements=[movement_to_pb(movement) for movement in page],
            next_page_token=paging.encode_token(last, query=query) if more else "",
        )

    async def VerifyBalance(
        self, request: pb.VerifyBalanceRequest, context: Context
    ) -> pb.VerifyBalanceResponse:
        check_theirs([request.location_id])
        found = await self._balances.of(Place(request.location_id, request.sku))
        return balance_to_pb(found)

    async def VerifyBalances(
        self, request: pb.VerifyBalancesRequest, context: Context
    ) -> AsyncIterator[pb.VerifyBalancesResponse]:
        domain.check_sku(request.sku)
        question = await question_of(
            "verify",
            request.location_id,
            sku=request.sku,
            balances=self._balances,
            locations=self._books.locations,
        )
        behind = question.behind(request.cursor)
        if self._proofs_count >= PROOFS_MAX:
            raise TooManyProofsError("others are proven here: try again", retry_after_s=PROOF_S)
        self._proofs_count += 1
        try:
            async with aclosing(proof(self._balances, question, behind)) as steps:
                async for step in steps:
                    behind = step.behind
                    yield step_to_pb(step, question)
        finally:
            self._proofs_count -= 1
        yield proven_to_pb(question, behind)

    async def _record(
        self,
        request: Request,
        facts: Sequence[Fact],
        *,
        now: datetime,
        occur_time: datetime,
        counted_then: Counted = NOT_KNOWN,
    ) -> tuple[StockRow, ...]:
        places = list(dict.fromkeys(fact.line.place for fact in facts))
        await self._books.locations.check(place.location_id for place in places)
        note = Note(write_id=request.made_id, actor=request.subject, now=now, occur_time=occur_time)
        return await update_rows(
            settling(self._books.updates, came_of(facts), now=now),
            places,
            partial(record, facts=facts, note=note, counted_then=counted_then),
            answer=tuple[StockRow, ...],
            request=request,
            timeout_s=left_s(WRITE_S_MAX),
        )

    async def _put_levels(self, writer: LevelWriter, levels: Sequence[Level]) -> list[Outcome]:
        unknown = set(await self._books.locations.unknown(x.place.location_id for x in levels))
        known = [level for level in levels if level.place.location_id not in unknown]
        now = self._books.clock()
        # No request id: a level that came already is so already.
        note = Note(write_id=str(uuid4()), actor=caller().subject, now=now, occur_time=now)
        changed = await writer.put(known, note=note, timeout_s=left_s(WRITE_S_MAX))
        return [
            unknown_location(level.place.location_id)
            if level.place.location_id in unknown
            else level.place in changed
            for level in levels
        ]


def selection_of(request: pb.WatchStockRequest, who: Caller) -> Selection:
    """To staff every location is every one of theirs."""
    is_of_caller = who.is_staff and not request.location_ids
    location_ids = frozenset(who.location_ids if is_of_caller else request.location_ids)
    return Selection(
        location_ids=location_ids if location_ids or is_of_caller else None,
        skus=frozenset(request.skus) or None,
        is_of_caller=is_of_caller,
    )


def checked_level(sent: pb.StockLevel | pb.ImportStockRequest) -> Level:
    """Raises InvalidLevelError."""
    level = level_from_pb(sent)
    check_level(level)
    return level


def level_place(level: Level) -> Place:
    return level.place


def after_from(key: str) -> tuple[int, str] | None:
    """Revision and id of the last movement sent. Raises InvalidPageError."""
    return paging.number_and_rest(key) if key else None
