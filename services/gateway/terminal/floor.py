"""What else staff look at: locker cabinets, and the customer before them."""

from datetime import datetime
from typing import Annotated

from comptoir.collect.v1 import locker_service_pb2 as locker_pb
from comptoir.customer.v1 import profile_service_pb2 as profile_pb
from msgspec import Meta

from services.gateway.mobile.profile import Profile, profile_from_pb
from services.gateway.routes import FLOOR, STAFF, Call, Route
from services.gateway.wire import (
    NextPageToken,
    Nothing,
    PageSize,
    PageToken,
    Received,
    Sent,
    optional_instant,
)


class ToEmpty(Sent):
    """A compartment whose order was called off or not collected."""

    compartment_id: str
    order_id: str


class Cabinet(Sent):
    """A locker cabinet, and whether it is there."""

    cabinet_id: str
    point_id: str
    online: bool
    seen_time: datetime | None
    free_count: int
    total_count: int
    to_empty: list[ToEmpty]


class Cabinets(Sent):
    """A page of a shop's cabinets, by id."""

    cabinets: list[Cabinet]
    next_page_token: NextPageToken


class CabinetsQuery(Received):
    location_id: Annotated[str, Meta(min_length=1, max_length=64)]
    page_size: PageSize = 0
    page_token: PageToken = ""


async def list_cabinets(call: Call[Nothing, CabinetsQuery]) -> Cabinets:
    query = call.query
    request = locker_pb.ListCabinetsRequest(
        location_id=query.location_id, page_size=query.page_size, page_token=query.page_token
    )
    page = await call.parts.peers.lockers.ListCabinets(request, metadata=call.metadata)
    return Cabinets(
        cabinets=[cabinet_from_pb(cabinet) for cabinet in page.cabinets],
        next_page_token=page.next_page_token,
    )


def cabinet_from_pb(cabinet: locker_pb.Cabinet) -> Cabinet:
    return Cabinet(
        cabinet_id=cabinet.cabinet_id,
        point_id=cabinet.point_id,
        online=cabinet.online,
        seen_time=optional_instant(cabinet, "seen_time"),
        free_count=cabinet.free_count,
        total_count=cabinet.total_count,
        to_empty=[
            ToEmpty(compartment_id=one.compartment_id, order_id=one.order_id)
            for one in cabinet.to_empty
        ],
    )


async def get_customer(call: Call[Nothing, Nothing]) -> Profile:
    request = profile_pb.GetProfileRequest(customer_id=call.path["customer_id"])
    answer = await call.parts.peers.profiles.GetProfile(request, metadata=call.metadata)
    return profile_from_pb(answer.profile)


ROUTES = (
    Route(
        method="GET",
        path="/v1/terminal/cabinets",
        handler=list_cabinets,
        summary="The locker cabinets of a shop",
        tag="Terminal",
        who=STAFF,
        query=CabinetsQuery,
        answer=Cabinets,
        problems=("INVALID_PAGE",),
    ),
    Route(
        method="GET",
        path="/v1/terminal/customers/{customer_id}",
        handler=get_customer,
        summary="The customer before them; that it was read is logged",
        tag="Terminal",
        who=FLOOR,
        answer=Profile,
        problems=("UNKNOWN_CUSTOMER",),
    ),
)
