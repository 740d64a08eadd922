"""The imports: which streams they send, in what order, and what they answer."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from comptoir.associate.v1 import staff_service_pb2 as staff_pb
from comptoir.associate.v1.staff_service_pb2_grpc import StaffServiceStub
from comptoir.catalog.v1 import price_service_pb2 as price_pb
from comptoir.catalog.v1 import product_service_pb2 as product_pb
from comptoir.catalog.v1.price_service_pb2_grpc import PriceServiceStub
from comptoir.catalog.v1.product_service_pb2_grpc import ProductServiceStub
from comptoir.collect.v1 import point_service_pb2 as point_pb
from comptoir.collect.v1.point_service_pb2_grpc import PointServiceStub
from comptoir.customer.v1 import profile_service_pb2 as profile_pb
from comptoir.customer.v1.profile_service_pb2_grpc import ProfileServiceStub
from comptoir.inventory.v1 import location_service_pb2 as location_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1.location_service_pb2_grpc import LocationServiceStub
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from clients.cli.entries import Entry, Read, Refusal
from clients.cli.products import Goods
from clients.cli.report import Count, Report
from clients.cli.sending import Packing, Sending
from clients.house import CALL_S_MAX, Access, CannotRunError, Session, words_of

PUT_MAX = 500
LISTED_PAGE, PAGES_MAX = 1000, 100
# The service writes four chunks of a thousand levels at once.
LEVELS = Packing(
    pack=lambda levels: stock_pb.ImportStockRequest(levels=levels),
    count_max=250,
    in_flight_max=4000,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A channel to one service and who calls on it."""

    channel: grpc.aio.Channel
    session: Session


@asynccontextmanager
async def line_to(access: Access, service: str) -> AsyncIterator[Line]:
    async with access.channel("associate") as associate, access.channel(service) as channel:
        try:
            yield Line(channel, Session(access, associate))
        except grpc.aio.AioRpcError as error:
            raise CannotRunError(words_of(error)) from error


async def import_products(
    line: Line, goods: Callable[[], Iterator[Read[Goods]]], report: Report
) -> list[Count]:
    """Products, then the prices and shelves of those that were taken.

    Reads the goods twice: a large file is never held in memory.
    """
    stub: Any = ProductServiceStub(line.channel)
    sent = await Sending(
        "products",
        (only_product(read) for read in goods()),
        open=stub.ImportProducts,
        wrap=lambda number, value: product_pb.ImportProductsRequest(number=number, product=value),
        session=line.session,
        report=report,
    ).run()
    shelves: dict[str, product_pb.Category] = {}
    prices = await Sending(
        "prices",
        prices_of(goods(), report.rejected.copy(), shelves),
        open=stub_of(PriceServiceStub, line).ImportPrices,
        wrap=lambda number, value: price_pb.ImportPricesRequest(number=number, interval=value),
        session=line.session,
        report=report,
    ).run()
    return [sent, prices, await put_new_shelves(line, stub, shelves)]


async def import_locations(
    line: Line, locations: Iterator[Read[location_pb.Location]], report: Report
) -> list[Count]:
    sending = Sending(
        "locations",
        locations,
        open=stub_of(LocationServiceStub, line).ImportLocations,
        wrap=lambda number, value: location_pb.ImportLocationsRequest(
            number=number, location=value
        ),
        session=line.session,
        report=report,
    )
    return [await sending.run()]


async def import_customers(
    line: Line, customers: Iterator[Read[profile_pb.ImportedCustomer]], report: Report
) -> list[Count]:
    sending = Sending(
        "customers",
        customers,
        open=stub_of(ProfileServiceStub, line).ImportCustomers,
        wrap=lambda number, value: profile_pb.ImportCustomersRequest(number=number, customer=value),
        session=line.session,
        report=report,
    )
    return [await sending.run()]


async def import_staff(
    line: Line, members: Iterator[Read[staff_pb.ImportStaffRequest]], report: Report
) -> list[Count]:
    def numbered(number: int, request: staff_pb.ImportStaffRequest) -> staff_pb.ImportStaffRequest:
        request.number = number
        return request

    sending = Sending(
        "staff",
        members,
        open=stub_of(StaffServiceStub, line).ImportStaff,
        wrap=numbered,
        session=line.session,
        report=report,
    )
    return [await sending.run()]


async def import_points(
    line: Line, points: Iterator[Read[point_pb.Point]], report: Report
) -> list[Count]:
    sending = Sending(
        "points",
        points,
        open=stub_of(PointServiceStub, line).ImportPoints,
        wrap=lambda number, value: point_pb.ImportPointsRequest(number=number, point=value),
        session=line.session,
        report=report,
    )
    return [await sending.run()]


async def import_stock(
    line: Line, levels: Iterator[Read[stock_pb.StockLevel]], report: Report
) -> list[Count]:
    def numbered(number: int, level: stock_pb.StockLevel) -> stock_pb.StockLevel:
        level.number = number
        return level

    sending = Sending(
        "stock",
        levels,
        open=stub_of(StockServiceStub, line).ImportStock,
        wrap=numbered,
        packing=LEVELS,
        session=line.session,
        report=report,
    )
    return [await sending.run()]


def stub_of(stub: Callable[[grpc.aio.Channel], Any], line: Line) -> Any:
    return stub(line.channel)


def only_product(read: Read[Goods]) -> Read[product_pb.Product]:
    if isinstance(read, Refusal):
        return read
    return Entry(read.place, read.value.product, read.notes)


def prices_of(
    goods: Iterable[Read[Goods]], rejected: set[int], shelves: dict[str, product_pb.Category]
) -> Iterator[Read[price_pb.PriceInterval]]:
    """Of what is not rejected; its shelves are noted in passing, as the first names them."""
    for read in goods:
        if isinstance(read, Refusal) or read.place in rejected:
            continue
        for shelf in read.value.shelves:
            shelves.setdefault(shelf.category_id, shelf)
        for price in read.value.prices:
            yield Entry(read.place, price)


async def put_new_shelves(line: Line, stub: Any, shelves: dict[str, product_pb.Category]) -> Count:
    """Those the catalogue does not know. One it knows has a better name than a file's."""
    known = await known_shelves(line, stub) if shelves else set()
    new = [shelf for category_id, shelf in shelves.items() if category_id not in known]
    count = Count(name="categories").add(unchanged=len(shelves) - len(new))
    for start in range(0, len(new), PUT_MAX):
        request = product_pb.PutCategoriesRequest(categories=new[start : start + PUT_MAX])
        metadata = await line.session.metadata()
        answer = await stub.PutCategories(request, metadata=metadata, timeout=CALL_S_MAX)
        unchanged = len(request.categories) - answer.written_count
        count = count.add(written=answer.written_count, unchanged=unchanged)
    return count


async def known_shelves(line: Line, stub: Any) -> set[str]:
    found: set[str] = set()
    token = ""
    for _ in range(PAGES_MAX):
        request = product_pb.ListCategoriesRequest(page_size=LISTED_PAGE, page_token=token)
        metadata = await line.session.metadata()
        page = await stub.ListCategories(request, metadata=metadata, timeout=CALL_S_MAX)
        found.update(category.category_id for category in page.categories)
        token = page.next_page_token
        if not token:
            return found
    raise CannotRunError(f"more than {len(found)} categories: something larger is wrong")
