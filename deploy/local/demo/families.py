"""The demo chain's goods: hand-written families as the messages that import them.

Only what a seed can vary is made here: variants of a product, stock, and when a reviewer
got it in hand. A product with variants is sold itself too, unless it says otherwise.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from comptoir.catalog.v1 import price_service_pb2 as price_pb
from comptoir.catalog.v1 import product_service_pb2 as product_pb
from comptoir.catalog.v1 import review_service_pb2 as review_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.type.v1.money_pb2 import Money
from comptoir.type.v1.text_pb2 import LocalizedText

FOLDER = Path(__file__).parent / "families"
SEED = 20261121
CURRENCY = "EUR"
# Prices hold from long ago, so that the same load at any later time is the same.
PRICED_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
REDUCED_SINCE = datetime(2026, 11, 1, tzinfo=UTC)
REVIEWED_UNTIL = datetime(2026, 11, 20, 12, tzinfo=UTC)
FACTS_AS_OF = datetime(2026, 9, 1, tzinfo=UTC)
PIECES_MAX, UNSTOCKED_SHARE = 24, 0.18
METRES_MAX = 400


@cache
def families() -> list[dict[str, Any]]:
    """As they are written; not to be changed."""
    files = sorted(FOLDER.glob("*.yaml"))
    # In C: the loader in Python takes a second for each third of them.
    return [yaml.load(file.read_text(), yaml.CSafeLoader) for file in files]


def goods(family: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The articles of a family as they are sold, variants with what differs."""
    for product in family["products"]:
        if not product.get("variants_only"):
            yield product
        for variant in product.get("variants", ()):
            yield {
                **{key: value for key, value in product.items() if key != "gtin"},
                **variant,
                "sku": f"{product['sku']}-{variant['suffix']}",
                "facts": {**product["facts"], **variant["facts"]},
                "group": product["sku"],
            }


def categories() -> list[product_pb.Category]:
    """Every category once, with the picture of a family in it."""
    by_id: dict[str, product_pb.Category] = {}
    for family in families():
        path = family["category"]
        for depth, category_id in enumerate(path, 1):
            by_id[category_id] = product_pb.Category(
                category_id=category_id,
                path=path[:depth],
                name=text(family["category_names"][category_id]),
                picture_url=picture_of(family),
            )
    return sorted(by_id.values(), key=lambda category: list(category.path))


def products() -> Iterator[product_pb.Product]:
    for family in families():
        declared = {fact["key"]: fact for fact in family["facts"]}
        for article in goods(family):
            yield product_of(family, declared, article)


def product_of(
    family: dict[str, Any], declared: dict[str, Any], article: dict[str, Any]
) -> product_pb.Product:
    message = product_pb.Product(
        sku=article["sku"],
        gtin=article.get("gtin", ""),
        family=article.get("group", article["sku"] if article.get("variants") else ""),
        category_path=family["category"],
        brand=article["brand"],
        title=text(article["title"]),
        description=text(article["description"]),
        picture_urls=[picture_of(family)],
        facts=[fact_of(declared[key], value) for key, value in article["facts"].items()],
        parcel_size=product_pb.ParcelSize.Value(f"PARCEL_SIZE_{article['parcel_size']}"),
    )
    if unit := article.get("stock_unit"):
        message.stock_unit.CopyFrom(product_pb.StockUnit(**unit))
    return message


def fact_of(declared: dict[str, Any], value: Any) -> product_pb.Fact:
    fact = product_pb.Fact(
        key=declared["key"],
        name=text(declared["names"]),
        unit=declared.get("unit", ""),
        source="manufacturer",
    )
    fact.as_of_time.FromDatetime(FACTS_AS_OF)
    match declared["type"]:
        case "number":
            fact.number = value
        case "boolean":
            fact.flag = value
        case _:
            fact.text.CopyFrom(text(value))
    return fact


def prices() -> Iterator[price_pb.PriceInterval]:
    for family in families():
        for article in goods(family):
            yield interval(article, article["price"], price_pb.PRICE_KIND_REGULAR, PRICED_SINCE)
            # A reduction is of the article it stands at, not of its variants.
            if "reduced_price" in article and "suffix" not in article:
                reduced = article["reduced_price"]
                yield interval(article, reduced, price_pb.PRICE_KIND_REDUCED, REDUCED_SINCE)


def interval(
    article: dict[str, Any], amount: str, kind: "price_pb.PriceKind.ValueType", since: datetime
) -> price_pb.PriceInterval:
    message = price_pb.PriceInterval(
        sku=article["sku"],
        kind=kind,
        amount=Money(minor=int(Decimal(amount) * 100), currency=CURRENCY),
        vat_basis_points=article["vat_percent"] * 100,
    )
    message.start_time.FromDatetime(since)
    return message


def reviews() -> Iterator[review_pb.Review]:
    for family in families():
        draw = random.Random(f"{SEED} {family['family']}")
        sold = {article["sku"]: article for article in goods(family)}
        for number, review in enumerate(family["reviews"], 1):
            published = REVIEWED_UNTIL - timedelta(days=review["days_ago"])
            message = review_pb.Review(
                review_id=f"{family['family']}-{number}",
                sku=sold_sku(review["sku"], list(sold)),
                stars=review["stars"],
                text=review["text"],
                locale=review["locale"],
            )
            message.publish_time.FromDatetime(published)
            message.experience_time.FromDatetime(published - timedelta(days=draw.randint(4, 40)))
            yield message


def sold_sku(sku: str, sold: list[str]) -> str:
    """A review of what is sold in variants alone is of the first of them."""
    return sku if sku in sold else next(each for each in sold if each.startswith(f"{sku}-"))


def stock(location_ids: list[str]) -> Iterator[stock_pb.ImportStockRequest]:
    """Levels by location: most articles at most shops, and some nowhere near."""
    draw = random.Random(SEED)
    articles = [article for family in families() for article in goods(family)]
    for location_id in location_ids:
        for article in articles:
            if draw.random() < UNSTOCKED_SHARE:
                continue
            unit = article.get("stock_unit")
            quantity = (
                draw.randint(10, METRES_MAX) * 10 ** unit["decimals"]
                if unit
                else draw.randint(1, PIECES_MAX)
            )
            yield stock_pb.ImportStockRequest(
                location_id=location_id, sku=article["sku"], sellable_quantity=quantity
            )


def picture_of(family: dict[str, Any]) -> str:
    return f"/pictures/{family['family']}.svg"


def text(by_locale: dict[str, str]) -> LocalizedText:
    return LocalizedText(by_locale=by_locale)
