"""What a service may touch in one call: what belongs to the order it says it works for."""

from typing import Any
from uuid import uuid4

import pytest
from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from tests.inventory.asking import commit, line, movement, movements, release, renew, reserve
from tests.inventory.house import COLLECT, ERP, FOR_ORDER_1, FOR_ORDER_2, MARKET, House, refused
from tests.serving import Metadata

DENIED = "PERMISSION_DENIED ACCESS_DENIED"
NOT_THERE = "NOT_FOUND UNKNOWN_RESERVATION"


async def held_for_order_1(house: House, request_id: str = "") -> pb.Reservation:
    await house.put_on_shelf("LAMP", 5)
    asked = reserve(line(2), document_id="order-1", request_id=request_id)
    answer = await house.reservations.Reserve(asked, metadata=FOR_ORDER_1)
    return answer.reservation


@pytest.mark.parametrize("metadata", [FOR_ORDER_2, COLLECT])
async def test_a_service_reserves_for_the_order_it_works_for_alone(
    house: House, metadata: Metadata
) -> None:
    await house.put_on_shelf("LAMP", 5)
    call = house.reservations.Reserve(reserve(line(2), document_id="order-1"), metadata=metadata)

    assert await refused(call) == DENIED


@pytest.mark.parametrize("metadata", [FOR_ORDER_2, COLLECT])
async def test_the_reservation_of_another_order_does_not_exist_to_it(
    house: House, metadata: Metadata
) -> None:
    request_id = str(uuid4())
    made = await held_for_order_1(house, request_id)
    stubs, reservation_id = house.reservations, made.reservation_id
    get = pb.GetReservationRequest(reservation_id=reservation_id)
    undo = pb.CancelReserveRequest(request_id=request_id)
    calls: list[Any] = [
        stubs.GetReservation(get, metadata=metadata),
        stubs.Release(release(reservation_id), metadata=metadata),
        stubs.Renew(renew(reservation_id, 3600), metadata=metadata),
        stubs.Commit(commit(reservation_id), metadata=metadata),
        stubs.CancelReserve(undo, metadata=metadata),
    ]

    assert [await refused(call) for call in calls] == [NOT_THERE] * len(calls)
    found = await stubs.GetReservation(get, metadata=FOR_ORDER_1)
    assert found.reservation == made


async def test_its_own_is_undone_by_whoever_works_for_the_order(house: House) -> None:
    request_id = str(uuid4())
    await held_for_order_1(house, request_id)
    undo = pb.CancelReserveRequest(request_id=request_id)
    answer = await house.reservations.CancelReserve(undo, metadata=FOR_ORDER_1)

    assert answer.reservation.state == pb.RESERVATION_STATE_RELEASED


async def test_a_service_lists_what_it_works_for(house: House) -> None:
    made = await held_for_order_1(house)
    listed = house.reservations.ListReservations
    one, other = [
        (await listed(pb.ListReservationsRequest(), metadata=metadata)).reservations
        for metadata in (FOR_ORDER_1, FOR_ORDER_2)
    ]

    assert (list(one), list(other)) == ([made], [])


async def test_a_service_moves_units_of_the_order_it_works_for_alone(house: House) -> None:
    def moved(*documents: str) -> stock_pb.RecordMovementsRequest:
        lines = [
            movement(1, stock_pb.BUCKET_SELLABLE, stock_pb.BUCKET_STAGED, document_id=document)
            for document in documents
        ]
        return movements(*lines)

    await house.put_on_shelf("LAMP", 5)
    record = house.stock.RecordMovements
    for documents in (("order-2",), ("order-1", "order-2"), ("",)):
        assert await refused(record(moved(*documents), metadata=FOR_ORDER_1)) == DENIED
    await record(moved("order-1", "order-1"), metadata=FOR_ORDER_1)
    await record(moved("order-9"), metadata=ERP)


async def test_other_teams_name_their_documents_as_they_like(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    asked = reserve(line(1), document_id="basket-7")
    made = (await house.reservations.Reserve(asked, metadata=MARKET)).reservation

    assert await house.reservations.Release(release(made.reservation_id), metadata=MARKET)
