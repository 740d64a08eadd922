"""The gRPC face of locations: protobuf in, one call, protobuf out. No rules here."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, TypeAlias

import grpc
from comptoir.inventory.v1 import location_service_pb2 as pb
from comptoir.inventory.v1 import location_service_pb2_grpc as pb_grpc

from chassis import paging
from chassis.deadline import left_s
from chassis.importing import Outcome, imported
from chassis.records import Records
from services.inventory.location import domain
from services.inventory.location.domain import Coordinates, Location, LocationKind
from services.inventory.location.messages import KIND_FROM_PB, location_from_pb, location_to_pb
from services.inventory.location.store import (
    LOCATIONS,
    Listing,
    locations_by_id,
    put_locations,
)

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

WRITE_S_MAX = 2.0
ASKED_MAX = 200


class LocationServicer(pb_grpc.LocationServiceServicer):
    def __init__(self, records: Records) -> None:
        self._records = records
        self._listing = Listing(records)

    async def ImportLocations(
        self, requests: AsyncIterator[pb.ImportLocationsRequest], context: Context
    ) -> AsyncIterator[pb.ImportLocationsResponse]:
        async with aclosing(imported(requests, check=checked, write=self._put)) as progress:
            async for step in progress:
                yield pb.ImportLocationsResponse(progress=step)

    async def BatchGetLocations(
        self, request: pb.BatchGetLocationsRequest, context: Context
    ) -> pb.BatchGetLocationsResponse:
        domain.check_location_ids(request.location_ids, count_max=ASKED_MAX)
        found = await self._records.find_many(LOCATIONS, request.location_ids)
        return pb.BatchGetLocationsResponse(locations=map(location_to_pb, found.values()))

    async def ListLocations(
        self, request: pb.ListLocationsRequest, context: Context
    ) -> pb.ListLocationsResponse:
        limit = paging.page_size(request.page_size, default=50, maximum=200)
        kind = KIND_FROM_PB.get(request.kind)
        if request.HasField("near"):
            origin = Coordinates(latitude=request.near.latitude, longitude=request.near.longitude)
            domain.check_coordinates(origin)
            return await self._near(origin, kind, request.page_token, limit)
        return await self._by_id(kind, request.page_token, limit)

    async def _near(
        self, origin: Coordinates, kind: LocationKind | None, token: str, limit: int
    ) -> pb.ListLocationsResponse:
        query = f"near {origin.latitude!r} {origin.longitude!r} {kind}"
        after = after_from(paging.decode_token(token, query=query))
        listed = [at for at in await self._listing.all() if kind in (None, at.kind)]
        # One more than asked for tells whether there is a next page.
        found = domain.nearest(listed, origin, after=after, limit=limit + 1)
        page, more = found[:limit], len(found) > limit
        last = f"{page[-1].metres} {page[-1].location_id}" if more else ""
        return pb.ListLocationsResponse(
            locations=[location_to_pb(found.location) for found in page],
            distances_m=[found.metres for found in page],
            next_page_token=paging.encode_token(last, query=query) if more else "",
        )

    async def _by_id(
        self, kind: LocationKind | None, token: str, limit: int
    ) -> pb.ListLocationsResponse:
        query = f"locations {kind}"
        after_id = paging.decode_token(token, query=query)
        found = await locations_by_id(self._records, kind, after_id=after_id, limit=limit + 1)
        page, more = found[:limit], len(found) > limit
        return pb.ListLocationsResponse(
            locations=[location_to_pb(location) for location in page],
            next_page_token=paging.encode_token(page[-1].location_id, query=query) if more else "",
        )

    async def _put(self, locations: Sequence[Location]) -> list[Outcome]:
        return await put_locations(self._records, locations, timeout_s=left_s(WRITE_S_MAX))


def checked(request: pb.ImportLocationsRequest) -> Location:
    """Raises InvalidLocationError."""
    location = location_from_pb(request.location)
    domain.check_location(location)
    return location


def after_from(key: str) -> tuple[int, str] | None:
    """Metres and id of the last location sent. Raises InvalidPageError."""
    return paging.number_and_rest(key) if key else None
