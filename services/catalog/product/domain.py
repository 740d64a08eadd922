"""What a product is, and what may be said of one. Pure: no I/O, no clock, no protobuf."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from typing import TypeAlias

from chassis.changes import Event
from chassis.errors import AppError, Kind, Violation

# The same text by BCP 47 language.
Texts: TypeAlias = Mapping[str, str]

SKUS_MAX = 200
ID_LENGTH_MAX = 64
PATH_DEPTH_MAX = 6
BRAND_LENGTH_MAX = 128
TITLE_LENGTH_MAX = 300
DESCRIPTION_LENGTH_MAX = 10_000
PICTURES_MAX = 20
ADDRESS_LENGTH_MAX = 2048
FACTS_MAX = 200
FACT_NAME_LENGTH_MAX = 128
FACT_TEXT_LENGTH_MAX = 2000
UNIT_LENGTH_MAX = 16
SOURCE_LENGTH_MAX = 64
LOCALES_MAX = 40
STEP_MAX = 10**9
DECIMALS_MAX = 6
STOCK_UNITS = ("piece", "millimetre", "gram", "millilitre")
# A time before or behind these is a unit mistaken for another.
TIME_MIN, TIME_MAX = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

LOCALE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")
CATEGORY_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
FACT_KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# GTIN-8, -12, -13 and -14 (GS1 General Specifications).
GTIN = re.compile(r"[0-9]{8}|[0-9]{12,14}")
PICTURE_URL = re.compile(r"(https?://|/(?!/))[!-~]*")


class InvalidProductError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_PRODUCT"


class InvalidSkusError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_SKUS"


class ParcelSize(Enum):
    UNKNOWN = "unknown"
    S = "s"
    M = "m"
    L = "l"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What `source` states of a product since `as_of_time`; a number is in `unit`."""

    key: str
    value: bool | float | Texts | None
    name: Texts = field(default_factory=dict)
    unit: str = ""
    source: str = ""
    as_of_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockUnit:
    """Stock is counted in whole numbers of `unit`, in multiples of `step`."""

    unit: str = "piece"
    step: int = 1
    decimals: int = 0


PIECES = StockUnit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What is sold under one sku. A fact that is not here is unknown, never zero."""

    sku: str
    category_path: tuple[str, ...]
    title: Texts
    gtin: str = ""
    family: str = ""
    brand: str = ""
    description: Texts = field(default_factory=dict)
    picture_urls: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    stock_unit: StockUnit = PIECES
    parcel_size: ParcelSize = ParcelSize.UNKNOWN
    revision: int = 0


def put(before: Product | None, product: Product) -> Product:
    """`product` as it comes to stand, or `before` itself where it says the same."""
    if before is None:
        return replace(product, revision=1)
    same = replace(product, revision=before.revision) == before
    return before if same else replace(product, revision=before.revision + 1)


def product_changed(product: Product) -> Event:
    return Event("product_changed", product.sku, product.revision, {"sku": product.sku})


def check_product(product: Product) -> None:
    """Raises InvalidProductError, naming every field at fault."""
    if violations := tuple(product_violations(product)):
        raise InvalidProductError("the product cannot be taken", violations=violations)


def check_skus(skus: Sequence[str]) -> None:
    """Raises InvalidSkusError unless they can be asked for together."""
    if not 1 <= len(skus) <= SKUS_MAX or len(set(skus)) < len(skus):
        raise InvalidSkusError(
            f"1 to {SKUS_MAX} skus are allowed, each another",
            violations=(Violation("skus", f"send 1 to {SKUS_MAX}, each another"),),
            skus_max=SKUS_MAX,
        )


def product_violations(product: Product) -> Iterator[Violation]:
    yield from sku_violations(product.sku)
    if product.gtin and not is_gtin(product.gtin):
        yield Violation("gtin", "8, 12, 13 or 14 digits with a right check digit, or leave it out")
    if product.family and not is_id(product.family):
        yield Violation("family", f"at most {ID_LENGTH_MAX} printable characters without spaces")
    yield from path_violations("category_path", product.category_path)
    yield from length_violations("brand", product.brand, BRAND_LENGTH_MAX)
    yield from title_violations("title", product.title, TITLE_LENGTH_MAX)
    yield from text_violations("description", product.description, DESCRIPTION_LENGTH_MAX)
    if len(product.picture_urls) > PICTURES_MAX:
        yield Violation("picture_urls", f"send at most {PICTURES_MAX}")
    for number, url in enumerate(product.picture_urls[:PICTURES_MAX]):
        yield from picture_violations(f"picture_urls[{number}]", url)
    yield from facts_violations(product.facts)
    yield from stock_unit_violations(product.stock_unit)


def sku_violations(sku: str) -> Iterator[Violation]:
    if not is_id(sku):
        yield Violation("sku", f"1 to {ID_LENGTH_MAX} printable characters without spaces")


def path_violations(name: str, path: Sequence[str]) -> Iterator[Violation]:
    if not 1 <= len(path) <= PATH_DEPTH_MAX or len(set(path)) < len(path):
        yield Violation(name, f"1 to {PATH_DEPTH_MAX} category ids from the top, each another")
    elif not all(is_category_id(category_id) for category_id in path):
        yield Violation(name, "category ids are lower-case words joined by hyphens")


def title_violations(name: str, texts: Texts, length_max: int) -> Iterator[Violation]:
    """Of a text that is needed in at least one language."""
    if not any(text.strip() for text in texts.values()):
        yield Violation(name, "give it in at least one language")
    yield from text_violations(name, texts, length_max)


def text_violations(name: str, texts: Texts, length_max: int) -> Iterator[Violation]:
    if len(texts) > LOCALES_MAX:
        yield Violation(name, f"at most {LOCALES_MAX} languages")
    elif not all(LOCALE.fullmatch(locale) for locale in texts):
        yield Violation(name, "languages are BCP 47 tags such as fr or en-GB")
    elif any(len(text) > length_max for text in texts.values()):
        yield Violation(name, f"at most {length_max} characters a language")


def length_violations(name: str, text: str, length_max: int) -> Iterator[Violation]:
    if len(text) > length_max:
        yield Violation(name, f"at most {length_max} characters")


def picture_violations(name: str, url: str) -> Iterator[Violation]:
    if len(url) > ADDRESS_LENGTH_MAX or not PICTURE_URL.fullmatch(url):
        yield Violation(
            name, f"an address from http:// or https://, or from /, below {ADDRESS_LENGTH_MAX}"
        )


def facts_violations(facts: Sequence[Fact]) -> Iterator[Violation]:
    if len(facts) > FACTS_MAX:
        yield Violation("facts", f"send at most {FACTS_MAX}")
        return
    if len({fact.key for fact in facts}) < len(facts):
        yield Violation("facts", "each of another key")
    for number, fact in enumerate(facts):
        for violation in fact_violations(fact):
            yield Violation(f"facts[{number}].{violation.field}", violation.description)


def fact_violations(fact: Fact) -> Iterator[Violation]:
    if len(fact.key) > ID_LENGTH_MAX or not FACT_KEY.fullmatch(fact.key):
        yield Violation("key", f"snake_case of at most {ID_LENGTH_MAX} characters")
    yield from text_violations("name", fact.name, FACT_NAME_LENGTH_MAX)
    yield from value_violations(fact.value)
    yield from length_violations("unit", fact.unit, UNIT_LENGTH_MAX)
    yield from length_violations("source", fact.source, SOURCE_LENGTH_MAX)
    if fact.as_of_time is not None and not is_plausible(fact.as_of_time):
        yield Violation("as_of_time", "between 1970 and 2200")


def value_violations(value: object) -> Iterator[Violation]:
    if value is None:
        yield Violation("value", "set one of number, text and flag, or leave the fact out")
    elif isinstance(value, float) and not math.isfinite(value):
        yield Violation("number", "a finite number")
    elif isinstance(value, Mapping):
        yield from title_violations("text", value, FACT_TEXT_LENGTH_MAX)


def stock_unit_violations(stock_unit: StockUnit) -> Iterator[Violation]:
    if stock_unit.unit not in STOCK_UNITS:
        yield Violation("stock_unit.unit", f"one of {', '.join(STOCK_UNITS)}")
    if not 1 <= stock_unit.step <= STEP_MAX:
        yield Violation("stock_unit.step", f"1 to {STEP_MAX}")
    if not 0 <= stock_unit.decimals <= DECIMALS_MAX:
        yield Violation("stock_unit.decimals", f"0 to {DECIMALS_MAX}")


def is_id(text: str) -> bool:
    """Ids come back in error details, whose trailers end at 16 KiB."""
    return 1 <= len(text) <= ID_LENGTH_MAX and text.isprintable() and " " not in text


def is_category_id(text: str) -> bool:
    return len(text) <= ID_LENGTH_MAX and CATEGORY_ID.fullmatch(text) is not None


def is_plausible(time: datetime) -> bool:
    return TIME_MIN <= time < TIME_MAX


def is_gtin(text: str) -> bool:
    """Whether the digits, weighted 1, 3, 1, 3, … from the right, add up to tens."""
    weighted = (int(d) * (1 + 2 * (n % 2)) for n, d in enumerate(reversed(text)))
    return GTIN.fullmatch(text) is not None and sum(weighted) % 10 == 0


def text_in(texts: Texts, locale: str, *, default: str = "fr") -> str:
    """In `locale`, else in its language, else in `default`, else in any; empty if in none."""
    for wanted in (locale, locale.partition("-")[0], default):
        if wanted in texts:
            return texts[wanted]
    return texts[min(texts)] if texts else ""
