"""The books of a shop are open to its own staff, and to clients by their scope."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import pytest
from comptoir.inventory.v1 import stock_service_pb2 as pb

from tests.inventory.house import ERP, House, message_of, refused
from tests.serving import Metadata, calling_as

Asked: TypeAlias = Callable[[House, str, Metadata], Awaitable[object]]

SAM = calling_as("sam", "staff:manager", locations=("lyon",))
ROVER = calling_as("rover", "staff:operator")


async def explain(house: House, location_id: str, metadata: Metadata) -> object:
    request = pb.ExplainQuantityRequest(location_id=location_id, sku="LAMP")
    return (await house.stock.ExplainQuantity(request, metadata=metadata)).movements


async def verify(house: House, location_id: str, metadata: Metadata) -> object:
    request = pb.VerifyBalanceRequest(location_id=location_id, sku="LAMP")
    return (await house.stock.VerifyBalance(request, metadata=metadata)).row.buckets


async def verify_all(house: House, location_id: str, metadata: Metadata) -> object:
    request = pb.VerifyBalancesRequest(location_id=location_id)
    call = house.stock.VerifyBalances(request, metadata=metadata)
    return (await anext(aiter(call))).row_count


async def watch(house: House, location_id: str, metadata: Metadata) -> object:
    request = pb.WatchStockRequest(location_ids=[location_id])
    call = house.stock.WatchStock(request, metadata=metadata)
    return (await anext(aiter(call))).rows


every_way = pytest.mark.parametrize("asked", [explain, verify, verify_all, watch])


@pytest.fixture
async def stocked(house: House) -> House:
    await house.put_on_shelf("LAMP", 5)
    await house.put_on_shelf("LAMP", 7, location_id="lille")
    return house


@every_way
@pytest.mark.parametrize("metadata", [SAM, ERP])
async def test_staff_of_the_shop_and_clients_read_its_books(
    stocked: House, asked: Asked, metadata: Metadata
) -> None:
    assert await asked(stocked, "lyon", metadata)


@every_way
async def test_clients_read_the_books_of_any_shop(stocked: House, asked: Asked) -> None:
    assert await asked(stocked, "lille", ERP)


@every_way
@pytest.mark.parametrize("metadata", [SAM, ROVER])
async def test_to_staff_another_shop_is_as_if_it_were_not_there(
    stocked: House, asked: Asked, metadata: Metadata
) -> None:
    theirs = await message_of(asked(stocked, "lille", metadata))
    none = await message_of(asked(stocked, "nowhere", metadata))

    assert await refused(asked(stocked, "lille", metadata)) == "NOT_FOUND UNKNOWN_LOCATION"
    assert theirs.replace("lille", "nowhere") == none


async def test_one_shop_that_is_not_theirs_closes_the_whole_watch(stocked: House) -> None:
    request = pb.WatchStockRequest(location_ids=["lyon", "lille"])
    call = stocked.stock.WatchStock(request, metadata=SAM)
    assert await refused(anext(aiter(call))) == "NOT_FOUND UNKNOWN_LOCATION"
