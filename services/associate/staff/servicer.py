"""The gRPC face of staff: protobuf in, one call, protobuf out. No rules here."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from comptoir.associate.v1 import staff_service_pb2 as pb
from comptoir.associate.v1 import staff_service_pb2_grpc as pb_grpc

from chassis import paging
from chassis.access import caller
from chassis.clock import Clock, utc_now
from chassis.importing import imported
from chassis.interceptors import Context
from chassis.passwords import Passwords
from chassis.records import Records
from services.associate.staff import domain
from services.associate.staff.domain import Role, Staff
from services.associate.staff.store import STAFF, staff_at
from services.associate.staff.workflow import Listed, StaffList

PAGE_DEFAULT, PAGE_MAX = 50, 500
ROLE_TO_PB = {
    Role.ASSOCIATE: pb.STAFF_ROLE_ASSOCIATE,
    Role.MANAGER: pb.STAFF_ROLE_MANAGER,
    Role.OPERATOR: pb.STAFF_ROLE_OPERATOR,
}
ROLE_FROM_PB = {to_pb: role for role, to_pb in ROLE_TO_PB.items()}


class StaffServicer(pb_grpc.StaffServiceServicer):
    def __init__(self, records: Records, passwords: Passwords, clock: Clock = utc_now) -> None:
        self._records = records
        self._list = StaffList(records, passwords, clock)

    async def ImportStaff(
        self, requests: AsyncIterator[pb.ImportStaffRequest], context: Context
    ) -> AsyncIterator[pb.ImportStaffResponse]:
        progresses = imported(requests, check=listed_from_pb, write=self._list.put)
        async with aclosing(progresses):
            async for progress in progresses:
                yield pb.ImportStaffResponse(progress=progress)

    async def ListStaff(
        self, request: pb.ListStaffRequest, context: Context
    ) -> pb.ListStaffResponse:
        query = f"staff {caller().subject} {request.location_id}"
        limit = paging.page_size(request.page_size, default=PAGE_DEFAULT, maximum=PAGE_MAX)
        after_id = paging.decode_token(request.page_token, query=query)
        # One more than asked for tells whether there is a next page.
        found = await staff_at(
            self._records, request.location_id, after_id=after_id, limit=limit + 1
        )
        page, token = paging.page_of(found, limit, query, lambda member: member.staff_id)
        return pb.ListStaffResponse(members=map(entry_to_pb, page), next_page_token=token)

    async def GetSelf(self, request: pb.GetSelfRequest, context: Context) -> pb.GetSelfResponse:
        member = await self._records.find(STAFF, caller().subject)
        if member is None:  # Known to another issuer alone, e.g. the retailer's own.
            raise domain.unknown_staff()
        return pb.GetSelfResponse(member=staff_to_pb(member))


def listed_from_pb(request: pb.ImportStaffRequest) -> Listed:
    """Raises InvalidStaffError."""
    message = request.member
    # One that we do not know is one too few, never one that is left out in silence.
    known = all(role in ROLE_FROM_PB for role in message.roles)
    roles = {ROLE_FROM_PB[role] for role in message.roles} if known else set()
    member = Staff(
        staff_id=domain.staff_id_of(message.badge),
        badge=message.badge,
        display_name=message.display_name,
        roles=tuple(role for role in Role if role in roles),
        location_ids=tuple(sorted(set(message.location_ids))),
        active=message.active,
    )
    domain.check(member, pin=request.pin)
    return Listed(member, request.pin)


def staff_to_pb(member: Staff) -> pb.StaffMember:
    return pb.StaffMember(
        staff_id=member.staff_id,
        badge=member.badge,
        display_name=member.display_name,
        roles=[ROLE_TO_PB[role] for role in member.roles],
        location_ids=member.location_ids,
        active=member.active,
        revision=member.revision,
    )


def entry_to_pb(member: Staff) -> pb.StaffEntry:
    """Without their name: whoever runs the systems knows them by their badge."""
    return pb.StaffEntry(
        staff_id=member.staff_id,
        badge=member.badge,
        roles=[ROLE_TO_PB[role] for role in member.roles],
        location_ids=member.location_ids,
        active=member.active,
        has_pin=bool(member.pin_hash),
        revision=member.revision,
    )
