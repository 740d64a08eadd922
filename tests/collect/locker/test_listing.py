"""The cabinets of all shops, as whoever enrols them sees them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from comptoir.collect.v1 import locker_service_pb2 as pb

from chassis.events import MemoryLog
from services.collect.locker.cabinet import Cabinet, UseState
from tests.collect.locker.cabinets import PUBLIC_KEY, cabinet, put
from tests.collect.locker.house import KINDS, OPERATOR, House, open_house
from tests.conftest import MakeRecords
from tests.serving import calling_as

INSTALLER = calling_as("client:installer", "client:locker.enrol")


@pytest.fixture
async def houses(records: MakeRecords) -> AsyncIterator[House]:
    """On memory and on MongoDB, with a cabinet in each of two shops."""
    made = await records(KINDS)
    await put(made, replace(to_empty(cabinet()), public_key=PUBLIC_KEY))
    await put(made, replace(cabinet(), cabinet_id="c-lyon", location_id="lyon"))
    async with open_house(made, MemoryLog()) as opened:
        yield opened


def to_empty(cabinet: Cabinet) -> Cabinet:
    (use,) = cabinet.uses
    return replace(cabinet, uses=(replace(use, state=UseState.TO_EMPTY, order_id="o1"),))


async def listed(house: House, metadata: Any = INSTALLER, **fields: Any) -> Any:
    return await house.stub.ListCabinets(pb.ListCabinetsRequest(**fields), metadata=metadata)


async def test_a_client_sees_the_cabinets_of_all_shops_page_by_page(houses: House) -> None:
    first = await listed(houses, page_size=1)
    second = await listed(houses, page_size=1, page_token=first.next_page_token)

    shown = [*first.cabinets, *second.cabinets]
    assert [(each.cabinet_id, each.location_id, each.enrolled) for each in shown] == [
        ("c-lyon", "lyon", False),
        ("c-paris", "paris", True),
    ]
    assert second.next_page_token == ""


async def test_a_client_may_ask_for_one_shop(houses: House) -> None:
    (shown,) = (await listed(houses, location_id="lyon")).cabinets

    assert shown.cabinet_id == "c-lyon"


async def test_which_orders_are_to_be_taken_out_is_shown_to_staff_alone(houses: House) -> None:
    (to_staff,) = (await listed(houses, OPERATOR, location_id="paris")).cabinets
    (to_installer,) = (await listed(houses, location_id="paris")).cabinets

    assert [each.order_id for each in to_staff.to_empty] == ["o1"]
    assert b"o1" not in to_installer.SerializeToString()
    assert to_installer.free_count == 0


async def test_no_list_has_a_cabinets_key(houses: House) -> None:
    assert PUBLIC_KEY not in (await listed(houses)).SerializeToString()
