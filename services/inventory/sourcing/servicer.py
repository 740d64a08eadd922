"""The gRPC face of sourcing: protobuf in, one call, protobuf out. No rules here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

import grpc
from comptoir.inventory.v1 import sourcing_service_pb2 as pb
from comptoir.inventory.v1 import sourcing_service_pb2_grpc as pb_grpc

from chassis import paging
from chassis.access import caller
from chassis.clock import Clock, utc_now
from chassis.deadline import left_s
from chassis.records import Records
from services.inventory.location.domain import Location, check_location_ids
from services.inventory.location.store import KnownLocations, Listing, unknown_location
from services.inventory.sourcing import domain
from services.inventory.sourcing.domain import TransferRule, Way
from services.inventory.sourcing.explaining import Plan, planned
from services.inventory.sourcing.messages import (
    at_time_from_pb,
    plan_to_pb,
    rule_from_pb,
    rule_to_pb,
    wanted_from_pb,
)
from services.inventory.sourcing.planning import Question, Weights, check_wanted
from services.inventory.sourcing.plans import Plans, Thread
from services.inventory.sourcing.reaching import Candidates, candidates, reached
from services.inventory.sourcing.store import (
    put_rules,
    rows_at,
    rules_after,
    rules_between,
    sources_named,
)
from services.inventory.stock.channel import check_channel
from services.inventory.stock.domain import Place, StockRow

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

WRITE_S_MAX = 2.0
SOURCES_MAX = 199


class SourcingServicer(pb_grpc.SourcingServiceServicer):
    def __init__(
        self,
        records: Records,
        *,
        locations: KnownLocations,
        listing: Listing,
        plans: Plans,
        weights: Weights,
        clock: Clock = utc_now,
    ) -> None:
        self._records = records
        self._locations = locations
        self._listing = listing
        self._plans = plans
        self._weights = weights
        self._clock = clock

    async def Source(self, request: pb.SourceRequest, context: Context) -> pb.SourceResponse:
        with self._plans.place() as thread:
            return await self._source(request, thread)

    async def _source(self, request: pb.SourceRequest, thread: Thread) -> pb.SourceResponse:
        now = self._clock()
        wanted = tuple(wanted_from_pb(line) for line in request.lines)
        check_wanted(wanted)
        check_channel(request.channel)
        at = at_time_from_pb(request, now)
        found = await self._candidates(request, thread)
        ids = [candidate.location.location_id for candidate in found.considered]
        rules = await rules_between(self._records, ids, request.pick_up_location_id)
        reaches = reached(found.considered, rules)
        # The pick-up location is the first: whose rows are not read has nothing.
        serving = reaches[1:] if request.without_pick_up_location else reaches
        places = [Place(reach.location_id, line.sku) for reach in serving for line in wanted]
        rows = await rows_at(self._records, places)
        question = Question(wanted=wanted, at=at, weights=self._weights)

        def plan() -> Plan:
            return planned(question, found.considered, reaches, free(rows, at, request.channel))

        # On a thread: a hard question takes a third of a second, and others wait to be served.
        response = plan_to_pb(await thread.run(plan), wanted)
        response.considered_location_count = len(found.considered)
        response.left_out_location_count = found.left_out_count
        return response

    async def PutTransferRules(
        self, request: pb.PutTransferRulesRequest, context: Context
    ) -> pb.PutTransferRulesResponse:
        rules = [rule_from_pb(rule, actor=caller().subject) for rule in request.rules]
        domain.check_rules(rules)
        await self._locations.check(each for rule in rules for each in rule.way if each)
        outcomes = await put_rules(self._records, rules, timeout_s=left_s(WRITE_S_MAX))
        return pb.PutTransferRulesResponse(written_count=outcomes.count(True))

    async def ListTransferRules(
        self, request: pb.ListTransferRulesRequest, context: Context
    ) -> pb.ListTransferRulesResponse:
        limit = paging.page_size(request.page_size, default=50, maximum=200)
        query = "transfer rules"
        after = way_from(paging.decode_token(request.page_token, query=query))
        # One more than asked for tells whether there is a next page.
        found = await rules_after(self._records, after, limit + 1)
        page, token = paging.page_of(found, limit, query, key=key_of)
        return pb.ListTransferRulesResponse(rules=map(rule_to_pb, page), next_page_token=token)

    async def _candidates(self, request: pb.SourceRequest, thread: Thread) -> Candidates:
        """Raises UnknownLocationError, InvalidLocationIdsError."""
        target_id, asked = request.pick_up_location_id, request.source_location_ids
        if asked:
            check_location_ids(asked, count_max=SOURCES_MAX)
        by_id = {each.location_id: each for each in await self._listing.all()}
        for location_id in (target_id, *asked):
            if location_id not in by_id:
                raise unknown_location(location_id)
        others: Sequence[Location] = [by_id[each] for each in asked] or list(by_id.values())
        named = [] if asked else await sources_named(self._records, target_id)
        target, count = by_id[target_id], len(request.lines)
        # On a thread: a chain has thousands of locations to be measured and put in order.
        measured = partial(candidates, target, others, named=named, lines_count=count)
        return await thread.run(measured)


def free(rows: Mapping[Place, StockRow], at: datetime, channel: str) -> dict[Place, int]:
    """What may be promised there: of thousands of rows it takes some hundredths of a second."""
    return {place: row.available(at, channel) for place, row in rows.items()}


def key_of(rule: TransferRule) -> str:
    return " ".join(rule.way)


def way_from(key: str) -> Way | None:
    """The last rule sent. Raises InvalidPageError."""
    if not key:
        return None
    source_id, separator, target_id = key.partition(" ")
    if not separator:
        raise paging.InvalidPageError("page_token did not come from this query")
    return Way(source_id, target_id)
