"""How a product is written in JSON, in one language, with price, rating and stock."""

from collections import OrderedDict
from copy import copy
from datetime import datetime
from typing import Annotated

from comptoir.catalog.v1 import price_service_pb2 as price_pb
from comptoir.catalog.v1 import product_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from msgspec import Meta

from services.gateway.wire import (
    Money,
    Sent,
    Whole,
    locale_in,
    money_from_pb,
    name_in,
    names_of,
    optional_instant,
    text_in,
    whole,
)

PRICE_KINDS = names_of(price_pb.PriceKind, "PRICE_KIND_")
PARCEL_SIZES = {**names_of(pb.ParcelSize, "PARCEL_SIZE_"), pb.PARCEL_SIZE_UNSPECIFIED: ""}

# Some 10 KB each in one language.
DESCRIBED_MAX = 4_000
# Anybody may ask in any; there are texts in few.
LOCALES_MAX = 4


class Fact(Sent):
    """One fact, as somebody stated it. One that is not here is unknown, never zero."""

    key: str
    name: str
    value: float | str | bool
    unit: str
    source: str
    as_of_time: datetime | None


class StockUnit(Sent):
    """The smallest amount in which stock is counted, and how people read it."""

    unit: Annotated[str, Meta(description="`piece`, `millimetre`, `gram` or `millilitre`.")]
    step: Annotated[int, Meta(description="Quantities are multiples of it.")]
    decimals: Annotated[int, Meta(description="3 shows 2500 mm as 2.5 m.")]


class Price(Sent):
    """Of one stock unit shown (a piece, a metre, a kilo), VAT included."""

    amount: Money
    kind: Annotated[str, Meta(description="`regular` or `reduced`.")]
    vat_basis_points: int
    revision: Whole
    valid_until_time: datetime | None


class Rating(Sent):
    """How buyers rate it; zero stars where nobody has."""

    average_stars: float
    review_count: int
    revision: Whole


class Availability(Sent):
    """What can be promised at one location now, and why."""

    location_id: str
    available_quantity: int
    on_hand_quantity: int
    held_quantity: int
    safety_quantity: int
    short_quantity: int
    revision: Whole
    valid_until_time: datetime | None


class ProductView(Sent):
    """A product as its page shows it. `revision` is that of its facts."""

    sku: str
    gtin: str
    family: str
    category_path: list[str]
    brand: str
    title: str
    description: str
    picture_urls: list[str]
    facts: list[Fact]
    stock_unit: StockUnit
    parcel_size: Annotated[str, Meta(description="`s`, `m`, `l`; empty if not known.")]
    price: Price | None
    rating: Rating | None
    availability: Annotated[
        Availability | None, Meta(description="At the location asked for; null without one.")
    ]
    locale: Annotated[
        str, Meta(description="Of the title: the retailer's own where it is in no other.")
    ]
    revision: Whole
    valid_until_time: Annotated[
        datetime | None, Meta(description="When it changes by itself; null if it does not.")
    ]


class Described:
    """What the catalogue says of one product, and how it is written in each language.

    Attributes:
        view: As it came.
    """

    def __init__(self, view: pb.ProductView) -> None:
        self.view = view
        self.sku = view.product.sku
        self._written: dict[str, ProductView] = {}

    def __len__(self) -> int:
        return len(self._written)

    def shown(self, availability: stock_pb.Availability | None, locale: str) -> ProductView:
        """In `locale`, with what is in stock."""
        written = self._in(locale)
        if availability is None:
            return written
        shown = copy(written)
        shown.availability = availability_from_pb(availability)
        shown.valid_until_time = earliest(
            written.valid_until_time, shown.availability.valid_until_time
        )
        return shown

    def _in(self, locale: str) -> ProductView:
        found = self._written.get(locale)
        if found is None:
            if len(self._written) >= LOCALES_MAX:
                self._written.clear()
            found = self._written[locale] = described(self.view, locale)
        return found


class Descriptions:
    """What the catalogue says of products, read and written once for each content.

    That is most of a page and most of the work of making it, and it hardly changes. Found
    by content, never by revision: after a restore, a revision may name another content.
    """

    def __init__(self, *, kept_max: int = DESCRIBED_MAX) -> None:
        # A plain dict walks over all that was deleted to find its first.
        self._kept: OrderedDict[bytes, Described] = OrderedDict()
        self._kept_max = kept_max

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, encoded: bytes) -> Described:
        """`encoded` is a ProductView."""
        found = self._kept.get(encoded)
        if found is None:
            if len(self._kept) >= self._kept_max:
                self._kept.popitem(last=False)
            found = self._kept[encoded] = Described(pb.ProductView.FromString(encoded))
        return found


def described(view: pb.ProductView, locale: str) -> ProductView:
    """Without stock, which is not the catalogue's to say."""
    product = view.product
    return ProductView(
        sku=product.sku,
        gtin=product.gtin,
        family=product.family,
        category_path=list(product.category_path),
        brand=product.brand,
        title=text_in(product.title, locale),
        description=text_in(product.description, locale),
        picture_urls=list(product.picture_urls),
        facts=[fact_from_pb(fact, locale) for fact in product.facts],
        stock_unit=stock_unit_from_pb(product),
        parcel_size=name_in(PARCEL_SIZES, product.parcel_size),
        price=price_from_pb(view.price) if view.HasField("price") else None,
        rating=rating_from_pb(view.rating) if view.HasField("rating") else None,
        availability=None,
        locale=locale_in(product.title, locale),
        revision=whole(product.revision),
        valid_until_time=optional_instant(view, "valid_until_time"),
    )


def fact_from_pb(fact: pb.Fact, locale: str) -> Fact:
    kind = fact.WhichOneof("value")
    value = text_in(fact.text, locale) if kind == "text" else getattr(fact, kind or "number")
    return Fact(
        key=fact.key,
        name=text_in(fact.name, locale),
        value=value,
        unit=fact.unit,
        source=fact.source,
        as_of_time=optional_instant(fact, "as_of_time"),
    )


def stock_unit_from_pb(product: pb.Product) -> StockUnit:
    if not product.HasField("stock_unit"):
        return StockUnit(unit="piece", step=1, decimals=0)
    unit = product.stock_unit
    return StockUnit(unit=unit.unit, step=unit.step, decimals=unit.decimals)


def price_from_pb(price: price_pb.Price) -> Price:
    return Price(
        amount=money_from_pb(price.amount),
        kind=name_in(PRICE_KINDS, price.kind),
        vat_basis_points=price.vat_basis_points,
        revision=whole(price.revision),
        valid_until_time=optional_instant(price, "valid_until_time"),
    )


def rating_from_pb(rating: pb.Rating) -> Rating:
    return Rating(
        average_stars=rating.average_stars,
        review_count=rating.review_count,
        revision=whole(rating.revision),
    )


def availability_from_pb(availability: stock_pb.Availability) -> Availability:
    return Availability(
        location_id=availability.location_id,
        available_quantity=availability.available_quantity,
        on_hand_quantity=availability.on_hand_quantity,
        held_quantity=availability.held_quantity,
        safety_quantity=availability.safety_quantity,
        short_quantity=availability.short_quantity,
        revision=whole(availability.revision),
        valid_until_time=optional_instant(availability, "valid_until_time"),
    )


def earliest(*times: datetime | None) -> datetime | None:
    return min((time for time in times if time is not None), default=None)
