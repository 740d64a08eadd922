"""Closing and proving through the contract, for the tests of periods."""

from datetime import timedelta

from comptoir.inventory.v1 import period_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from tests.inventory.house import ERP, OPEN_S, OPERATOR, House
from tests.serving import Metadata

LATER = timedelta(seconds=OPEN_S, minutes=1)


async def close(
    house: House, location_id: str = "", *, cursor: str = "", who: Metadata = OPERATOR
) -> list[pb.ClosePeriodResponse]:
    request = pb.ClosePeriodRequest(location_id=location_id, cursor=cursor)
    return [each async for each in house.periods.ClosePeriod(request, metadata=who)]


async def verify_archives(
    house: House, location_id: str = "", *, cursor: str = "", who: Metadata = OPERATOR
) -> list[pb.VerifyArchivesResponse]:
    request = pb.VerifyArchivesRequest(location_id=location_id, cursor=cursor)
    return [each async for each in house.periods.VerifyArchives(request, metadata=who)]


async def wrong_archives(house: House) -> list[tuple[str, str, int, str]]:
    """Location, problem, number and sku of each difference; of what is carried once a sku."""
    found = [
        (
            each.location_id,
            pb.ArchiveProblem.Name(each.problem).removeprefix("ARCHIVE_PROBLEM_").lower(),
            each.archive_number,
            each.sku,
        )
        for answer in await verify_archives(house)
        for each in answer.differences
    ]
    return list(dict.fromkeys(found))


async def proven(house: House) -> list[stock_pb.VerifyBalancesResponse]:
    """The slices, of which none may differ."""
    request = stock_pb.VerifyBalancesRequest()
    answers = [each async for each in house.stock.VerifyBalances(request, metadata=ERP)]
    assert not any(each.differences for each in answers)
    return answers[:-1]


async def explained(
    house: House, sku: str, location_id: str = "lyon", *, page_size: int = 500
) -> list[stock_pb.Movement]:
    """Page by page."""
    request = stock_pb.ExplainQuantityRequest(location_id=location_id, sku=sku, page_size=page_size)
    found = list[stock_pb.Movement]()
    while True:
        page = await house.stock.ExplainQuantity(request, metadata=ERP)
        assert len(page.movements) <= page_size
        found += page.movements
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token
