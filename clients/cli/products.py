"""Products and their prices as our own CSV and JSON Lines say them. Columns: docs/import.md."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from comptoir.catalog.v1 import price_service_pb2 as price_pb
from comptoir.catalog.v1 import product_service_pb2 as pb
from comptoir.type.v1.money_pb2 import Money
from comptoir.type.v1.text_pb2 import LocalizedText
from google.protobuf.timestamp_pb2 import Timestamp

from clients.cli.entries import Note, Record
from clients.cli.fields import Fields, decimal_of, invalid, minor_of

NEEDED = ("sku", "category")
COLUMNS = re.compile(
    r"sku|category|(title|description)\.[^.]+|brand|gtin|family|pictures|parcel_size"
    r"|stock_(unit|step|decimals)|fact\.[^.]+(\.name)?(\.[^.]+)?|price|currency|vat_percent"
    r"|price_(from|until)|reduced_(price|from|until)"
)
KNOWN = (
    "sku, category, title.LANG, description.LANG, brand, gtin, family, pictures, "
    "parcel_size, stock_unit, stock_step, stock_decimals, fact.KEY…, price, currency, "
    "vat_percent, price_from, price_until, reduced_price, reduced_from, reduced_until"
)
# A price without a date holds since ever, so that the same file says the same at any time.
SINCE_EVER = datetime(1970, 1, 1, tzinfo=UTC)
SIZES = {
    "S": pb.PARCEL_SIZE_S,
    "M": pb.PARCEL_SIZE_M,
    "L": pb.PARCEL_SIZE_L,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """A product with its prices, and its shelves from the top, named in case they are new."""

    product: pb.Product
    prices: tuple[price_pb.PriceInterval, ...] = ()
    shelves: tuple[pb.Category, ...] = ()


def goods_from(record: Record) -> tuple[Goods, tuple[Note, ...]]:
    """Raises RefusedError."""
    fields = Fields(record)
    path = fields.needed("category").split("/")
    product = pb.Product(
        sku=fields.needed("sku"),
        gtin=fields.text("gtin"),
        family=fields.text("family"),
        category_path=path,
        brand=fields.text("brand"),
        title=texts(fields.below("title")),
        description=texts(fields.below("description")),
        picture_urls=fields.text("pictures").split(),
        facts=facts_from(fields),
        stock_unit=stock_unit_from(fields),
    )
    if size := fields.choice("parcel_size", SIZES):
        product.parcel_size = SIZES[size]
    prices = prices_from(fields, product.sku)
    fields.check_known()
    locale = min(product.title.by_locale, default="en")
    shelves = shelves_of(path, {each: name_of(each) for each in path}, locale)
    return Goods(product=product, prices=prices, shelves=shelves), ()


def texts(by_locale: dict[str, str]) -> LocalizedText | None:
    return LocalizedText(by_locale=by_locale) if by_locale else None


def stock_unit_from(fields: Fields) -> pb.StockUnit | None:
    """`step` and `decimals` belong to a unit."""
    names = ("stock_unit", "stock_step", "stock_decimals")
    if not any([fields.has(name) for name in names]):
        return None
    return pb.StockUnit(
        unit=fields.needed("stock_unit"),
        step=fields.integer("stock_step", 1),
        decimals=fields.small_integer("stock_decimals", 0),
    )


def facts_from(fields: Fields) -> list[pb.Fact]:
    """`fact.KEY` is a number, true or false; `fact.KEY.LANG` is a text."""
    by_key: dict[str, dict[str, str]] = {}
    for name, text in fields.below("fact").items():
        key, _, part = name.partition(".")
        by_key.setdefault(key, {})[part] = text
    return [fact_from(key, parts) for key, parts in by_key.items()]


def fact_from(key: str, parts: dict[str, str]) -> pb.Fact:
    names = {p.removeprefix("name."): parts.pop(p) for p in list(parts) if p.startswith("name.")}
    fact = pb.Fact(
        key=key, name=texts(names), unit=parts.pop("unit", ""), source=parts.pop("source", "")
    )
    value = parts.pop("", "")
    if bool(value) == bool(parts):
        raise invalid(f"fact.{key}", "either a value, or a text for each language")
    if value in ("true", "false"):
        fact.flag = value == "true"
    elif value:
        fact.number = float(decimal_of(f"fact.{key}", value))
    else:
        fact.text.by_locale.update(parts)
    return fact


def prices_from(fields: Fields, sku: str) -> tuple[price_pb.PriceInterval, ...]:
    """The regular price and a reduction, each where it is given; one currency and rate for both."""
    kinds = {"price": price_pb.PRICE_KIND_REGULAR, "reduced": price_pb.PRICE_KIND_REDUCED}
    amounts = {"price": "price", "reduced": "reduced_price"}
    found = []
    for prefix, kind in kinds.items():
        start, end = fields.time(f"{prefix}_from"), fields.time(f"{prefix}_until")
        if not fields.has(amounts[prefix]):
            continue
        found.append(
            interval_of(
                sku=sku,
                kind=kind,
                amount=money_from(fields, amounts[prefix]),
                vat_percent=fields.decimal("vat_percent"),
                start=start or SINCE_EVER,
                end=end,
            )
        )
    return tuple(found)


def money_from(fields: Fields, name: str) -> Money:
    return money(name, fields.decimal(name), fields.needed("currency"))


def money(name: str, amount: Decimal, currency: str) -> Money:
    return Money(minor=minor_of(name, amount, currency), currency=currency)


def interval_of(
    *,
    sku: str,
    kind: price_pb.PriceKind.ValueType,
    amount: Money,
    vat_percent: Decimal,
    start: datetime = SINCE_EVER,
    end: datetime | None = None,
) -> price_pb.PriceInterval:
    basis_points = vat_percent.scaleb(2)
    if basis_points != basis_points.to_integral_value() or not 0 <= basis_points <= 10_000:
        raise invalid("vat_percent", "0 to 100, with two digits behind the point at most")
    return price_pb.PriceInterval(
        sku=sku,
        kind=kind,
        amount=amount,
        vat_basis_points=int(basis_points),
        start_time=stamp(start),
        end_time=stamp(end) if end else None,
    )


def stamp(time: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(time)
    return message


def shelves_of(path: list[str], names: dict[str, str], locale: str) -> tuple[pb.Category, ...]:
    return tuple(
        pb.Category(
            category_id=category_id,
            path=path[:depth],
            name=LocalizedText(by_locale={locale: names[category_id]}),
        )
        for depth, category_id in enumerate(path, 1)
    )


def name_of(category_id: str) -> str:
    return category_id.replace("-", " ").capitalize()
