"""Products and categories to protobuf and back. No rules here."""

from typing import Any

from comptoir.catalog.v1 import product_service_pb2 as pb

from services.catalog.category.domain import Category, category_of
from services.catalog.product.domain import PIECES, Fact, ParcelSize, Product, StockUnit
from services.catalog.wire import texts_from_pb, texts_to_pb, time_from_pb, time_to_pb

PARCEL_SIZE_TO_PB = {
    ParcelSize.UNKNOWN: pb.PARCEL_SIZE_UNSPECIFIED,
    ParcelSize.S: pb.PARCEL_SIZE_S,
    ParcelSize.M: pb.PARCEL_SIZE_M,
    ParcelSize.L: pb.PARCEL_SIZE_L,
}
PARCEL_SIZE_FROM_PB = {sent: size for size, sent in PARCEL_SIZE_TO_PB.items()}


def product_from_pb(message: pb.Product) -> Product:
    """A size of a later contract is one we do not know."""
    return Product(
        sku=message.sku,
        gtin=message.gtin,
        family=message.family,
        category_path=tuple(message.category_path),
        brand=message.brand,
        title=texts_from_pb(message.title),
        description=texts_from_pb(message.description),
        picture_urls=tuple(message.picture_urls),
        facts=tuple(fact_from_pb(fact) for fact in message.facts),
        stock_unit=stock_unit_from_pb(message),
        parcel_size=PARCEL_SIZE_FROM_PB.get(message.parcel_size, ParcelSize.UNKNOWN),
    )


def product_to_pb(product: Product) -> pb.Product:
    return pb.Product(
        sku=product.sku,
        gtin=product.gtin,
        family=product.family,
        category_path=product.category_path,
        brand=product.brand,
        title=texts_to_pb(product.title),
        description=texts_to_pb(product.description),
        picture_urls=product.picture_urls,
        facts=[fact_to_pb(fact) for fact in product.facts],
        stock_unit=pb.StockUnit(
            unit=product.stock_unit.unit,
            step=product.stock_unit.step,
            decimals=product.stock_unit.decimals,
        ),
        parcel_size=PARCEL_SIZE_TO_PB[product.parcel_size],
        revision=product.revision,
    )


def stock_unit_from_pb(message: pb.Product) -> StockUnit:
    if not message.HasField("stock_unit"):
        return PIECES
    sent = message.stock_unit
    return StockUnit(unit=sent.unit, step=sent.step, decimals=sent.decimals)


def fact_from_pb(fact: pb.Fact) -> Fact:
    return Fact(
        key=fact.key,
        name=texts_from_pb(fact.name),
        value=value_from_pb(fact),
        unit=fact.unit,
        source=fact.source,
        as_of_time=time_from_pb(fact, "as_of_time"),
    )


def value_from_pb(fact: pb.Fact) -> Any:
    which = fact.WhichOneof("value")
    if which is None:
        return None
    return texts_from_pb(fact.text) if which == "text" else getattr(fact, which)


def fact_to_pb(fact: Fact) -> pb.Fact:
    message = pb.Fact(key=fact.key, name=texts_to_pb(fact.name), unit=fact.unit, source=fact.source)
    if isinstance(fact.value, bool):
        message.flag = fact.value
    elif isinstance(fact.value, float):
        message.number = fact.value
    elif fact.value is not None:
        message.text.by_locale.update(fact.value)
    if fact.as_of_time is not None:
        message.as_of_time.CopyFrom(time_to_pb(fact.as_of_time))
    return message


def category_from_pb(message: pb.Category) -> Category:
    return category_of(
        message.category_id,
        path=tuple(message.path),
        name=texts_from_pb(message.name),
        picture_url=message.picture_url,
    )


def category_to_pb(category: Category, *, product_count: int) -> pb.Category:
    return pb.Category(
        category_id=category.category_id,
        path=category.path,
        name=texts_to_pb(category.name),
        picture_url=category.picture_url,
        product_count=product_count,
    )
