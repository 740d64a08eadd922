"""Reads `products.yaml` of the Retail Demo Store (aws-samples/retail-demo-store, MIT-0).

How the data are read, where they do not say:

* `id` is the sku.
* `price` carries no currency: EUR, with 20 % VAT in it, in force since ever.
* `category` is the shelf at the top and `style` the one below. Ids are lower-case words with
  hyphens (`food service` is `food-service`); one style stands under two categories, so the
  lower id says both: `groceries-seafood`.
* `name` and `description` are English.
* `current_stock` is what one location has: `import stock` gives it to each location named.
* `image` is a file name of a bucket that is not part of the data: no picture. `promoted`,
  `featured`, `aliases`, `gender_affinity` and `where_visible` are marks of that demo's own
  pages and assistants, not facts about the product: left out.
"""

import re
from decimal import Decimal
from typing import Any, NamedTuple

from comptoir.catalog.v1 import price_service_pb2 as price_pb
from comptoir.catalog.v1 import product_service_pb2 as pb
from comptoir.type.v1.text_pb2 import LocalizedText

from clients.cli.entries import Note, Record
from clients.cli.fields import INTEGER, decimal_of, invalid
from clients.cli.products import Goods, interval_of, money, shelves_of

CURRENCY, VAT_PERCENT, LOCALE = "EUR", Decimal(20), "en"
WORD = re.compile(r"[a-z0-9]+")


class Stock(NamedTuple):
    sku: str
    sellable_quantity: int


def goods_from(record: Record) -> tuple[Goods, tuple[Note, ...]]:
    """Raises RefusedError."""
    sku = text(record, "id")
    names = [text(record, "category"), text(record, "style")]
    top, style = (slug(name) for name in names)
    path = [top, f"{top}-{style}"]
    amount = decimal_of("price", text(record, "price"))
    product = pb.Product(
        sku=sku,
        category_path=path,
        title=LocalizedText(by_locale={LOCALE: text(record, "name")}),
        description=LocalizedText(by_locale={LOCALE: text(record, "description")}),
    )
    interval = interval_of(
        sku=sku,
        kind=price_pb.PRICE_KIND_REGULAR,
        amount=money("price", amount, CURRENCY),
        vat_percent=VAT_PERCENT,
    )
    named = {each: name.capitalize() for each, name in zip(path, names, strict=True)}
    return Goods(product=product, prices=(interval,), shelves=shelves_of(path, named, LOCALE)), ()


def stock_from(record: Record) -> tuple[Stock, tuple[Note, ...]]:
    """What each location has. Raises RefusedError."""
    if not INTEGER.fullmatch(quantity := text(record, "current_stock")):
        raise invalid("current_stock", "a whole number")
    return Stock(text(record, "id"), int(quantity)), ()


def text(record: Record, name: str) -> str:
    value: Any = record.get(name)
    if not isinstance(value, str) or not value.strip():
        raise invalid(name, "is needed")
    return value.strip()


def slug(name: str) -> str:
    return "-".join(WORD.findall(name.lower()))
