"""The gRPC face of counts: protobuf in, one call, protobuf out. No rules here."""

from collections.abc import Sequence
from functools import partial
from typing import Any, TypeAlias

import grpc
from comptoir.inventory.v1 import count_service_pb2 as pb
from comptoir.inventory.v1 import count_service_pb2_grpc as pb_grpc

from chassis.access import caller
from chassis.deadline import left_s
from chassis.requests import request_from_pb
from services.inventory.books import Books
from services.inventory.count import domain
from services.inventory.count.domain import Count, CountLine, Seen
from services.inventory.count.messages import count_to_pb, seen_from_pb
from services.inventory.count.store import COUNTS, keep, update_count
from services.inventory.period.history import moved_between
from services.inventory.stock.domain import Place, StockRow
from services.inventory.stock.store import find_rows

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

WRITE_S_MAX = 2.0


class CountServicer(pb_grpc.CountServiceServicer):
    def __init__(self, books: Books) -> None:
        self._books = books

    async def BeginCount(
        self, request: pb.BeginCountRequest, context: Context
    ) -> pb.BeginCountResponse:
        begin = request_from_pb(request, subject=caller().subject, method="BeginCount")
        domain.check_skus(request.skus)
        await self._books.locations.check([request.location_id])
        places = [Place(request.location_id, sku) for sku in request.skus]
        # Read by itself, so that nobody who sells is held up: whatever a row was at a revision is a
        # position, and decides nothing.
        rows = await find_rows(self._books.records, places)
        count = domain.begun(
            rows.values(), request.location_id, owner=begin.subject, note=self._books.note(begin)
        )
        kept = await keep(self._books.records, count, request=begin, timeout_s=left_s(WRITE_S_MAX))
        return pb.BeginCountResponse(count=count_to_pb(kept))

    async def RecordCount(
        self, request: pb.RecordCountRequest, context: Context
    ) -> pb.RecordCountResponse:
        record = request_from_pb(request, subject=caller().subject, method="RecordCount")
        seen = [seen_from_pb(line) for line in request.lines]
        domain.check_seen(seen)
        found = await self._books.records.find(COUNTS, request.count_id)
        count = domain.owned(found, owner=record.subject)
        looked = await self._looked_at(count, seen)
        rule = partial(
            domain.recorded,
            seen={line.sku: line.quantity for line in seen},
            looked=looked,
            owner=record.subject,
            note=self._books.note(record),
        )
        recorded = await update_count(
            self._books.updates,
            count.count_id,
            [count.place(line.sku) for line in looked],
            rule,
            request=record,
            timeout_s=left_s(WRITE_S_MAX),
        )
        return pb.RecordCountResponse(count=count_to_pb(recorded))

    async def _looked_at(self, count: Count, seen: Sequence[Seen]) -> list[CountLine]:
        """The lines as of where they were looked at: all of it past, so that nothing changes it.

        Raises SkuNotInCountError, UnknownPositionError.
        """
        lines = [(domain.line_of(count, each.sku), each) for each in seen]
        rows = await find_rows(self._books.records, [count.place(each.sku) for each in seen])
        return [await self._as_of(rows[count.place(line.sku)], line, each) for line, each in lines]

    async def _as_of(self, row: StockRow, line: CountLine, seen: Seen) -> CountLine:
        domain.check_position(line, seen, row)
        if seen.position is None:
            return line
        moved = await moved_between(
            self._books.records, row.place, above=line.position, until=seen.position
        )
        return domain.looked_at(line, seen, moved)
