"""The gRPC face of points: protobuf in, one call, protobuf out. No rules here."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

from comptoir.collect.v1 import point_service_pb2 as pb
from comptoir.collect.v1 import point_service_pb2_grpc as pb_grpc

from chassis import paging
from chassis.changes import Changed
from chassis.clock import Clock, utc_now
from chassis.deadline import left_s
from chassis.errors import AppError, Kind, Violation
from chassis.importing import Outcome, imported
from chassis.interceptors import Context
from chassis.records import Records, Ref, State
from services.collect.locker.store import CABINETS
from services.collect.point import store
from services.collect.point.definition import ID, ID_WANTED, check_point
from services.collect.point.distance import Coordinates, check_coordinates
from services.collect.point.domain import Point
from services.collect.point.facts import Facts
from services.collect.point.intake import refusal, same, taken_in
from services.collect.point.lines import check_lines
from services.collect.point.store import POINTS, Nearby
from services.collect.point.wire import lines_from_pb, option_to_pb, point_from_pb, point_to_pb
from services.collect.point.workflow import Places

WRITE_S_MAX = 5.0  # A chunk of an import is one write.
LOCATION_IDS_MAX = 20


class InvalidLocationIdsError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_LOCATION_IDS"


class PointServicer(pb_grpc.PointServiceServicer):
    def __init__(
        self, records: Records, *, places: Places, facts: Facts, clock: Clock = utc_now
    ) -> None:
        self._records = records
        self._places = places
        self._facts = facts
        self._clock = clock

    async def ImportPoints(
        self, request_iterator: AsyncIterable[pb.ImportPointsRequest], context: Context
    ) -> AsyncIterator[pb.ImportPointsResponse]:
        answers = imported(request_iterator, check=checked, write=self._write)
        async with aclosing(answers):
            async for progress in answers:
                yield pb.ImportPointsResponse(progress=progress)

    async def ListPoints(
        self, request: pb.ListPointsRequest, context: Context
    ) -> pb.ListPointsResponse:
        query = f"points of {request.location_id}"
        limit = paging.page_size(request.page_size, default=50, maximum=200)
        after_id = paging.decode_token(request.page_token, query=query)
        # One more than asked for tells whether there is a next page.
        found = await store.points_of(
            self._records, request.location_id, after_id=after_id, limit=limit + 1
        )
        page, more = found[:limit], len(found) > limit
        token = paging.encode_token(page[-1].point_id, query=query) if more else ""
        return pb.ListPointsResponse(points=map(point_to_pb, page), next_page_token=token)

    async def ListPickUpOptions(
        self, request: pb.ListPickUpOptionsRequest, context: Context
    ) -> pb.ListPickUpOptionsResponse:
        lines = lines_from_pb(request.lines)
        check_lines(lines)
        check_location_ids(request.location_ids)
        limit = paging.page_size(request.page_size, default=10, maximum=50)
        found = await self._found(request, limit)
        options = await self._facts.options(found, lines, self._clock())
        return pb.ListPickUpOptionsResponse(options=map(option_to_pb, options))

    async def _found(self, request: pb.ListPickUpOptionsRequest, limit: int) -> list[Nearby]:
        near = Coordinates(request.latitude, request.longitude)
        only = list(request.location_ids)
        if near == Coordinates(0, 0):
            return await store.by_id(self._records, limit, location_ids=only)
        check_coordinates(near)
        return await store.nearest(self._records, near, limit, location_ids=only)

    async def _write(self, items: Sequence[Point]) -> list[Outcome]:
        places = await self._places.learn([item.location_id for item in items])
        refusals = [refusal(item, places) for item in items]
        welcome = [item for item, error in zip(items, refusals, strict=True) if error is None]
        outcomes = iter(await self._put(welcome))
        return [next(outcomes) if error is None else error for error in refusals]

    async def _put(self, items: Sequence[Point]) -> list[Outcome]:
        before = await self._records.find_many(POINTS, [item.point_id for item in items])
        # This read decides only that nothing need be done: then it stood so when it was read.
        news = {i.point_id for i in items if not same(before.get(i.point_id), i)}
        written = iter(await self._put_news([i for i in items if i.point_id in news]))
        return [next(written) if i.point_id in news else False for i in items]

    async def _put_news(self, items: Sequence[Point]) -> list[Outcome]:
        if not items:
            return []
        return await self._records.update(
            refs_of(items),
            partial(change, items),
            answer=list[Outcome],
            timeout_s=left_s(WRITE_S_MAX),
        )


def checked(item: pb.ImportPointsRequest) -> Point:
    point = point_from_pb(item.point)
    check_point(point)
    return point


def change(items: Sequence[Point], state: State) -> Changed[list[Outcome]]:
    return taken_in(state.all(POINTS), state.all(CABINETS), items)


def refs_of(items: Iterable[Point]) -> list[Ref[Any]]:
    refs: list[Ref[Any]] = []
    for item in items:
        refs.append(Ref(POINTS, item.point_id))
        if item.cabinet_id:
            refs.append(Ref(CABINETS, item.cabinet_id))
    return refs


def check_location_ids(ids: Sequence[str]) -> None:
    """Raises InvalidLocationIdsError."""
    advice = [
        *([f"send at most {LOCATION_IDS_MAX}"] if len(ids) > LOCATION_IDS_MAX else []),
        *(["send each once"] if len(set(ids)) < len(ids) else []),
        *([ID_WANTED] if not all(map(ID.fullmatch, ids)) else []),
    ]
    if advice:
        raise InvalidLocationIdsError(
            "these locations cannot be asked for",
            violations=tuple(Violation("location_ids", text) for text in advice),
        )
