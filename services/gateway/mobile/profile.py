"""The customer's own profile and purchases, as JSON."""

from datetime import datetime
from typing import Annotated

from comptoir.customer.v1 import history_service_pb2 as history_pb
from comptoir.customer.v1 import profile_service_pb2 as pb
from msgspec import Meta

from services.gateway.routes import CUSTOMERS, Answer, Call, Route
from services.gateway.wire import (
    Id,
    Money,
    NextPageToken,
    Nothing,
    PageSize,
    PageToken,
    Received,
    Sent,
    Whole,
    instant,
    name_in,
    names_of,
    optional_money,
    whole,
)

CHANNELS = names_of(history_pb.PurchaseChannel, "PURCHASE_CHANNEL_")

Name = Annotated[str, Meta(max_length=100)]


class Profile(Sent):
    """A customer. The e-mail address is shown to themselves alone."""

    customer_id: str
    email: str
    given_name: str
    family_name: str
    locale: str
    home_location_id: str
    revision: Whole


class ProfileChange(Received):
    """What a customer may change of their profile; what is left out becomes empty."""

    given_name: Name
    locale: Annotated[str, Meta(max_length=16, description="`fr` or `en`.")]
    family_name: Name = ""
    home_location_id: Id = ""
    revision: Annotated[
        int,
        Meta(ge=0, le=2**53, description="The one this was made on; zero to change any."),
    ] = 0


class PurchaseLine(Sent):
    sku: str
    quantity: int
    total: Money | None


class Purchase(Sent):
    """Goods a customer took home. Of an order, its id."""

    purchase_id: str
    location_id: str
    channel: Annotated[str, Meta(description="`order` or `till`.")]
    purchase_time: datetime
    lines: list[PurchaseLine]
    total: Money | None


class Purchases(Sent):
    """A page of purchases, newest first."""

    purchases: list[Purchase]
    next_page_token: NextPageToken


class Page(Received):
    page_size: PageSize = 0
    page_token: PageToken = ""


def profile_from_pb(profile: pb.Profile) -> Profile:
    return Profile(
        customer_id=profile.customer_id,
        email=profile.email,
        given_name=profile.given_name,
        family_name=profile.family_name,
        locale=profile.locale,
        home_location_id=profile.home_location_id,
        revision=whole(profile.revision),
    )


def purchase_from_pb(purchase: history_pb.Purchase) -> Purchase:
    return Purchase(
        purchase_id=purchase.purchase_id,
        location_id=purchase.location_id,
        channel=name_in(CHANNELS, purchase.channel),
        purchase_time=instant(purchase.purchase_time),
        lines=[
            PurchaseLine(sku=line.sku, quantity=line.quantity, total=optional_money(line, "total"))
            for line in purchase.lines
        ],
        total=optional_money(purchase, "total"),
    )


async def get_me(call: Call[Nothing, Nothing]) -> Profile:
    answer = await call.parts.peers.profiles.GetProfile(
        pb.GetProfileRequest(), metadata=call.metadata
    )
    return profile_from_pb(answer.profile)


async def put_me(call: Call[ProfileChange, Nothing]) -> Profile:
    change = call.body
    request = pb.UpdateProfileRequest(
        request_id=call.request_id,
        given_name=change.given_name,
        family_name=change.family_name,
        locale=change.locale,
        home_location_id=change.home_location_id,
        revision=change.revision,
    )
    answer = await call.parts.peers.profiles.UpdateProfile(request, metadata=call.metadata)
    return profile_from_pb(answer.profile)


async def list_purchases(call: Call[Nothing, Page]) -> Answer:
    request = history_pb.ListPurchasesRequest(
        page_size=call.query.page_size, page_token=call.query.page_token
    )
    page = await call.parts.peers.history.ListPurchases(request, metadata=call.metadata)
    return Answer(
        content=Purchases(
            purchases=[purchase_from_pb(purchase) for purchase in page.purchases],
            next_page_token=page.next_page_token,
        )
    )


ROUTES = (
    Route(
        method="GET",
        path="/v1/me",
        handler=get_me,
        summary="Who is signed in",
        tag="Account",
        who=CUSTOMERS,
        answer=Profile,
        problems=("UNKNOWN_CUSTOMER",),
    ),
    Route(
        method="PUT",
        path="/v1/me",
        handler=put_me,
        summary="Change the profile",
        tag="Account",
        who=CUSTOMERS,
        body=ProfileChange,
        answer=Profile,
        is_write=True,
        problems=("INVALID_PROFILE", "UNKNOWN_CUSTOMER", "REVISION_CHANGED"),
    ),
    Route(
        method="GET",
        path="/v1/me/purchases",
        handler=list_purchases,
        summary="What the customer bought, in any channel",
        tag="Account",
        who=CUSTOMERS,
        query=Page,
        answer=Purchases,
        problems=("INVALID_PAGE",),
    ),
)
