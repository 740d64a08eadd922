"""Which format a file has, by its name or its content, and what is read from it."""

import codecs
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from comptoir.associate.v1 import staff_service_pb2 as staff_pb
from comptoir.collect.v1 import point_service_pb2 as point_pb
from comptoir.customer.v1 import profile_service_pb2 as profile_pb
from comptoir.inventory.v1 import location_service_pb2 as location_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from clients.cli import (
    bestbuy,
    documents,
    lines,
    people,
    places,
    points,
    products,
    retail_demo_store,
    retail_demo_users,
    staff,
)
from clients.cli.entries import Entry, Parse, Read, Record, Refusal, once, parsed
from clients.cli.lines import Columns
from clients.cli.products import Goods
from clients.house import CannotRunError, read

HEAD_BYTES = 64 << 10
PRODUCT_COLUMNS = Columns(products.COLUMNS, products.NEEDED, products.KNOWN)
LOCATION_COLUMNS = Columns(places.LOCATION_COLUMNS, places.LOCATION_NEEDED, places.LOCATION_KNOWN)
CUSTOMER_COLUMNS = Columns(people.COLUMNS, people.NEEDED, people.KNOWN)
STAFF_COLUMNS = Columns(staff.COLUMNS, staff.NEEDED, staff.KNOWN)
POINT_COLUMNS = Columns(points.COLUMNS, points.NEEDED, points.KNOWN)
STOCK_COLUMNS = Columns(places.STOCK_COLUMNS, places.STOCK_NEEDED, places.STOCK_KNOWN)

Level: TypeAlias = stock_pb.StockLevel


class Format(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"
    RETAIL_DEMO_STORE = "retail-demo-store"
    RETAIL_DEMO_USERS = "retail-demo-users"
    BESTBUY = "bestbuy"

    @property
    def word(self) -> str:
        """What a place in it is called."""
        return "line" if self in (Format.CSV, Format.JSONL) else "item"


def format_of(file: Path, given: Format | None, *, among: tuple[Format, ...]) -> Format:
    """Raises CannotRunError for a file of nothing we know, or not of this."""
    head = read(file, HEAD_BYTES)
    check_text(file, head)
    found = given or guessed(head)
    if found is None or found not in among:
        said = "it looks like none we know" if found is None else f"{found} holds something else"
        raise CannotRunError(f"{file}: {said}; give --format, one of {', '.join(among)}")
    return found


def check_text(file: Path, head: bytes) -> None:
    if not head.removeprefix(codecs.BOM_UTF8).strip():
        raise CannotRunError(f"{file} is empty: there is nothing to import")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise CannotRunError(f"{file} is UTF-16: save it as UTF-8")
    if b"\0" in head or head.startswith(b"\x1f\x8b"):
        raise CannotRunError(f"{file} is no text: unpack it, or export it as text, in UTF-8")
    if b"\r" in head and b"\n" not in head:
        raise CannotRunError(f"{file}: its lines end with CR alone: save it with LF or CRLF")


def guessed(head: bytes) -> Format | None:
    """By how the content begins; a list of whose objects only what is in them tells."""
    text = head.decode("utf-8-sig", errors="replace").lstrip()
    first_line = text.partition("\n")[0]
    if text.startswith("{"):
        return Format.JSONL
    if text.startswith("["):
        if '"first_name"' in text and '"persona"' in text:
            return Format.RETAIL_DEMO_USERS
        return Format.BESTBUY if '"hours"' in text and '"lat"' in text else None
    if text.startswith("- "):
        return Format.RETAIL_DEMO_STORE if "current_stock:" in text else None
    return Format.CSV if any(mark in first_line for mark in lines.DELIMITERS) else None


def goods_in(file: Path, form: Format) -> Callable[[], Iterator[Read[Goods]]]:
    """Reads the file from its beginning at each call, a document once.

    Raises CannotRunError at once for a document or a header that cannot be read.
    """
    if form is Format.RETAIL_DEMO_STORE:
        content = documents.yaml_items(file)
        return lambda: goods_of(documents.items(content), retail_demo_store.goods_from)
    own_records(file, form, PRODUCT_COLUMNS)
    return lambda: goods_of(own_records(file, form, PRODUCT_COLUMNS), products.goods_from)


def goods_of(records: Iterator[Read[Record]], parse: Parse[Goods]) -> Iterator[Read[Goods]]:
    return once(parsed(records, parse), lambda goods: goods.product.sku)


def locations_in(file: Path, form: Format) -> Iterator[Read[location_pb.Location]]:
    if form is Format.BESTBUY:
        found = parsed(documents.items(documents.json_items(file)), bestbuy.location_from)
    else:
        records = own_records(file, form, LOCATION_COLUMNS)
        found = parsed(records, places.location_from)
    return once(found, lambda location: location.location_id)


def customers_in(file: Path, form: Format) -> Iterator[Read[profile_pb.ImportedCustomer]]:
    if form is Format.RETAIL_DEMO_USERS:
        items = documents.items(documents.json_items(file))
        found = parsed(items, retail_demo_users.customer_from)
    else:
        found = parsed(own_records(file, form, CUSTOMER_COLUMNS), people.customer_from)
    return once(found, lambda customer: customer.source_id)


def staff_in(file: Path, form: Format) -> Iterator[Read[staff_pb.ImportStaffRequest]]:
    found = parsed(own_records(file, form, STAFF_COLUMNS), staff.member_from)
    return once(found, lambda request: request.member.badge)


def points_in(file: Path, form: Format) -> Iterator[Read[point_pb.Point]]:
    found = parsed(own_records(file, form, POINT_COLUMNS), points.point_from)
    return once(found, lambda point: point.point_id)


def levels_in(file: Path, form: Format, location_ids: list[str]) -> Iterator[Read[Level]]:
    """`location_ids` are for a file that says none."""
    if form is Format.RETAIL_DEMO_STORE:
        items = documents.items(documents.yaml_items(file))
        found = spread(list(parsed(items, retail_demo_store.stock_from)), location_ids)
    else:
        records = own_records(file, form, STOCK_COLUMNS)
        found = parsed(records, places.level_from)
    return once(found, lambda level: (level.location_id, level.sku))


def spread(
    entries: Sequence[Read[retail_demo_store.Stock]], location_ids: Sequence[str]
) -> Iterator[Read[Level]]:
    """What is refused, then all of one location after the other.

    Inventory tells of each location in a chunk apart: product by product, every row of a
    large stock would be an event.
    """
    yield from (each for each in entries if isinstance(each, Refusal))
    for location_id in location_ids:
        for each in entries:
            if isinstance(each, Entry):
                yield Entry(each.place, Level(location_id=location_id, **each.value._asdict()))


def own_records(file: Path, form: Format, columns: Columns) -> Iterator[Read[Record]]:
    if form is Format.CSV:
        return lines.csv_records(file, columns)
    return lines.json_records(file)
