"""Asks inventory whether a location is there. The one call to another service."""

import grpc
from comptoir.inventory.v1 import location_service_pb2 as pb
from comptoir.inventory.v1 import location_service_pb2_grpc as pb_grpc

from services.associate.terminal import domain


class Locations:
    """`channel` goes to inventory, with this service's own token."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = pb_grpc.LocationServiceStub(channel)

    async def check(self, location_id: str) -> None:
        """Raises UnknownLocationError, and what inventory does when it cannot say."""
        answer = await self._stub.BatchGetLocations(
            pb.BatchGetLocationsRequest(location_ids=[location_id])
        )
        if not answer.locations:
            raise domain.unknown_location(location_id)
