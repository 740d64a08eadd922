"""What neighbours answer in tests of the gateway: products, stock, orders, sessions."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from comptoir.associate.v1 import staff_service_pb2 as staff_pb
from comptoir.associate.v1 import terminal_service_pb2 as terminal_pb
from comptoir.catalog.v1 import price_service_pb2 as price_pb
from comptoir.catalog.v1 import product_service_pb2 as product_pb
from comptoir.collect.v1 import order_service_pb2 as order_pb
from comptoir.collect.v1 import point_service_pb2 as point_pb
from comptoir.customer.v1 import identity_service_pb2 as identity_pb
from comptoir.customer.v1 import profile_service_pb2 as profile_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.type.v1.money_pb2 import Money
from comptoir.type.v1.text_pb2 import LocalizedText
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.errors import Kind
from tests.gateway.house import RefusedError

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def stamp(time: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(time)
    return made


def soon(seconds: float) -> Timestamp:
    return stamp(datetime.now(UTC) + timedelta(seconds=seconds))


def view(sku: str = "PER-1201", *, revision: int = 1, price_minor: int = 6490) -> Any:
    """A drill as the catalogue shows it."""
    return product_pb.ProductView(
        product=product_pb.Product(
            sku=sku,
            brand="Lurval",
            category_path=["tools", "drills"],
            title=LocalizedText(by_locale={"fr": "Perceuse", "en": "Drill"}),
            facts=[
                product_pb.Fact(key="voltage", number=12, unit="V"),
                product_pb.Fact(key="brushless", flag=False),
                product_pb.Fact(key="chuck", text=LocalizedText(by_locale={"fr": "10 mm"})),
            ],
            picture_urls=["/pictures/drills.svg"],
            revision=revision,
        ),
        price=price_pb.Price(
            sku=sku,
            amount=Money(minor=price_minor, currency="EUR"),
            vat_basis_points=2000,
            kind=price_pb.PRICE_KIND_REGULAR,
            revision=revision,
        ),
        rating=product_pb.Rating(average_stars=4.5, review_count=2, revision=revision),
    )


def availability(
    sku: str = "PER-1201", location_id: str = "paris", *, quantity: int = 3, revision: int = 1
) -> stock_pb.Availability:
    return stock_pb.Availability(
        location_id=location_id,
        sku=sku,
        available_quantity=quantity,
        on_hand_quantity=quantity,
        revision=revision,
    )


def views_answer(**options: Any) -> Callable[[Any], product_pb.BatchGetProductViewsResponse]:
    """Any drill that is asked for; `UNKNOWN` is none."""

    def answer(request: Any) -> product_pb.BatchGetProductViewsResponse:
        known = [sku for sku in request.skus if not sku.startswith("UNKNOWN")]
        return product_pb.BatchGetProductViewsResponse(views=[view(s, **options) for s in known])

    return answer


def stock_answer(**options: Any) -> Callable[[Any], Any]:
    """At any shop that is asked for; `nowhere` is none."""

    def answer(request: Any) -> Any:
        if list(request.location_ids) == ["nowhere"]:
            return RefusedError(Kind.NOT_FOUND, "UNKNOWN_LOCATION")
        return stock_pb.BatchGetAvailabilityResponse(
            availabilities=[
                availability(sku, location_id, **options)
                for sku in request.skus
                for location_id in request.location_ids
            ]
        )

    return answer


def order(state: int = order_pb.ORDER_STATE_CONFIRMED, *, revision: int = 1) -> order_pb.Order:
    return order_pb.Order(
        order_id="order-1",
        label="Q9D4YF",
        customer_id="anna",
        point_id="paris-counter",
        location_id="paris",
        kind=point_pb.POINT_KIND_COUNTER,
        slot=point_pb.Slot(slot_id="s1", start_time=stamp(NOON), end_time=stamp(NOON)),
        lines=[
            order_pb.OrderLine(
                line_number=1,
                sku="PER-1201",
                quantity=2,
                total=Money(minor=12980, currency="EUR"),
                state=order_pb.LINE_STATE_CONFIRMED,
            )
        ],
        state=order_pb.OrderState.ValueType(state),
        total=Money(minor=12980, currency="EUR"),
        payment_method=order_pb.PAYMENT_METHOD_AT_COUNTER,
        payment_state=order_pb.PAYMENT_STATE_DUE,
        create_time=stamp(NOON),
        revision=revision,
    )


def profile(email: str = "anna@example.com") -> profile_pb.Profile:
    return profile_pb.Profile(
        customer_id="anna", email=email, given_name="Anna", locale="fr", revision=1
    )


def tokens(refresh_token: str = "refresh-1") -> identity_pb.Tokens:
    return identity_pb.Tokens(
        access_token="access-1",
        access_expire_time=soon(600),
        refresh_token=refresh_token,
        refresh_expire_time=soon(3600),
    )


def staff_tokens(refresh_token: str = "refresh-1") -> terminal_pb.StaffTokens:
    return terminal_pb.StaffTokens(
        access_token="access-1",
        access_expire_time=soon(600),
        refresh_token=refresh_token,
        refresh_expire_time=soon(3600),
    )


def member() -> staff_pb.StaffMember:
    return staff_pb.StaffMember(
        staff_id="ines",
        badge="B-1",
        display_name="Inès",
        roles=[staff_pb.STAFF_ROLE_ASSOCIATE],
        location_ids=["paris"],
        active=True,
    )


def fill_shelves(house: Any) -> None:
    """They are full of drills."""
    house.neighbours["catalog"].answers["BatchGetProductViews"] = views_answer()
    house.neighbours["inventory"].answers["BatchGetAvailability"] = stock_answer()
