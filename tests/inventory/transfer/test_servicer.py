"""Transfers through a real server: each step, what it moves at either end, once."""

import asyncio
from uuid import uuid4

import pytest
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1 import transfer_service_pb2 as pb
from comptoir.inventory.v1 import transfer_service_pb2_grpc as pb_grpc

from services.inventory.events import transfer_changed
from services.inventory.reservation.mending import Mender
from tests.inventory.house import COLLECT, ERP, TILL, House, line, refused, reserve, sale
from tests.inventory.transfer.asks import (
    READER,
    RECEIVER,
    RECEIVING_MANAGER,
    SENDER,
    arrived,
    cancelling,
    closing,
    planned,
    reading,
    ready,
    shipping,
)

SELLABLE, DAMAGED = stock_pb.BUCKET_SELLABLE, stock_pb.BUCKET_DAMAGED
IN_TRANSIT = stock_pb.BUCKET_IN_TRANSIT


async def draft(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub", **fields: object
) -> pb.Transfer:
    return (await transfers.CreateTransfer(planned(house, **fields), metadata=ERP)).transfer


async def row(house: House, location_id: str) -> dict[int, int]:
    """Units of lamps by bucket; all that there is anywhere is proven first."""
    proof = house.stock.VerifyBalances(stock_pb.VerifyBalancesRequest(), metadata=ERP)
    proven = [step async for step in proof]
    assert proven[-1].complete
    assert [each for step in proven for each in step.differences] == []
    asked = stock_pb.VerifyBalanceRequest(location_id=location_id, sku="LAMP")
    answer = (await house.stock.VerifyBalance(asked, metadata=ERP)).row
    units = {int(each.bucket): each.quantity for each in answer.buckets}
    return units | ({stock_pb.BUCKET_SHORT: answer.short_quantity} if answer.short_quantity else {})


async def test_the_rows_of_both_ends_are_proven_at_each_step(
    any_house: House, any_transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    house, calls = any_house, any_transfers
    await house.put_on_shelf("LAMP", 10)
    made = await draft(house, calls)
    assert (made.status, made.revision) == (pb.TRANSFER_STATUS_DRAFT, 1)
    packed = (await calls.MarkReady(ready(made), metadata=SENDER)).transfer
    assert packed.status == pb.TRANSFER_STATUS_READY
    assert (await row(house, "lyon"), await row(house, "lille")) == ({SELLABLE: 10}, {})

    left = (await calls.ShipTransfer(shipping(made, ("LAMP", 5)), metadata=SENDER)).transfer
    assert left.status == pb.TRANSFER_STATUS_IN_TRANSIT
    assert (await row(house, "lyon"), await row(house, "lille")) == ({SELLABLE: 5}, {IN_TRANSIT: 5})

    some = (await calls.ReceiveTransfer(arrived(made, 2, 1), metadata=RECEIVER)).transfer
    assert some.status == pb.TRANSFER_STATUS_PARTLY_RECEIVED
    assert await row(house, "lille") == {SELLABLE: 2, DAMAGED: 1, IN_TRANSIT: 2}

    more = (await calls.ReceiveTransfer(arrived(made, 1), metadata=RECEIVER)).transfer
    assert more.status == pb.TRANSFER_STATUS_PARTLY_RECEIVED
    closed = (await calls.CloseTransfer(closing(made), metadata=RECEIVING_MANAGER)).transfer
    assert (closed.status, closed.close_cause) == (pb.TRANSFER_STATUS_RECEIVED, "lost")
    assert await row(house, "lille") == {SELLABLE: 3, DAMAGED: 1}
    assert list(closed.lines) == [
        pb.TransferLine(
            sku="LAMP",
            quantity=6,
            shipped_quantity=5,
            received_quantity=3,
            damaged_quantity=1,
            written_off_quantity=1,
        )
    ]
    assert (await calls.GetTransfer(reading(made), metadata=READER)).transfer == closed


async def test_a_repeat_moves_nothing_more_and_gets_the_first_answer(
    any_house: House, any_transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    house, calls = any_house, any_transfers
    await house.put_on_shelf("LAMP", 10)
    asked = planned(house)
    made = (await calls.CreateTransfer(asked, metadata=ERP)).transfer
    ship, receive = shipping(made), arrived(made, 4)
    first = await calls.ShipTransfer(ship, metadata=SENDER)
    some = await calls.ReceiveTransfer(receive, metadata=RECEIVER)

    assert (await calls.CreateTransfer(asked, metadata=ERP)).transfer == made
    assert await calls.ShipTransfer(ship, metadata=SENDER) == first
    assert await calls.ReceiveTransfer(receive, metadata=RECEIVER) == some
    assert await row(house, "lille") == {SELLABLE: 4, IN_TRANSIT: 2}


async def test_what_both_ends_did_is_told_with_who_did_it_and_the_transfer(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    made = await draft(house, transfers)
    await transfers.ShipTransfer(shipping(made), metadata=SENDER)
    await transfers.ReceiveTransfer(arrived(made, 6), metadata=RECEIVER)
    asked = stock_pb.ExplainQuantityRequest(location_id="lille", sku="LAMP")
    came, left = (await house.stock.ExplainQuantity(asked, metadata=ERP)).movements
    assert (left.source, left.target) == (stock_pb.BUCKET_UNSPECIFIED, IN_TRANSIT)
    assert (came.source, came.target) == (IN_TRANSIT, SELLABLE)
    assert (left.actor, came.actor) == ("sam", "rita")
    for each in (came, left):
        assert (each.cause, each.document_id) == (stock_pb.CAUSE_TRANSFER, made.transfer_id)


async def test_what_the_source_has_not_is_shipped_short_and_breaks_claims(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    await house.put_on_shelf("LAMP", 4)
    await house.reservations.Reserve(reserve(line(3)), metadata=COLLECT)
    made = await draft(house, transfers)
    await transfers.ShipTransfer(shipping(made), metadata=SENDER)
    await Mender(house.records, clock=house.clock).mend_all()

    at_source = await house.availability("LAMP")
    assert (at_source.held_quantity, at_source.short_quantity) == (0, 2)
    assert await row(house, "lille") == {IN_TRANSIT: 6}


async def test_what_was_sold_before_it_was_unpacked_settles_first(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    made = await draft(house, transfers)
    await transfers.ShipTransfer(shipping(made), metadata=SENDER)
    await house.stock.RecordSale(sale(line(2, location_id="lille")), metadata=TILL)
    await transfers.ReceiveTransfer(arrived(made, 6), metadata=RECEIVER)
    assert await row(house, "lille") == {SELLABLE: 4}


async def test_more_than_was_shipped_comes_from_outside_the_books(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    await house.put_on_shelf("LAMP", 10)
    made = await draft(house, transfers)
    await transfers.ShipTransfer(shipping(made), metadata=SENDER)
    after = (await transfers.ReceiveTransfer(arrived(made, 5, 3), metadata=RECEIVER)).transfer
    assert after.status == pb.TRANSFER_STATUS_RECEIVED
    assert await row(house, "lille") == {SELLABLE: 5, DAMAGED: 3}
    assert await row(house, "lyon") == {SELLABLE: 4}


async def test_transfers_to_one_place_take_only_their_own_out_of_transit(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    await house.put_on_shelf("LAMP", 20)
    one, other = await draft(house, transfers), await draft(house, transfers)
    for made in (one, other):
        await transfers.ShipTransfer(shipping(made), metadata=SENDER)
    await transfers.ReceiveTransfer(arrived(one, 8), metadata=RECEIVER)
    assert await row(house, "lille") == {SELLABLE: 8, IN_TRANSIT: 6}


async def test_what_comes_too_early_or_too_late_says_why_and_moves_nothing(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    await house.put_on_shelf("LAMP", 10)
    made, gone = await draft(house, transfers), await draft(house, transfers)
    assert await refused(transfers.ReceiveTransfer(arrived(made, 1), metadata=ERP)) == (
        "FAILED_PRECONDITION TRANSFER_NOT_SHIPPED"
    )
    assert await refused(transfers.CloseTransfer(closing(made), metadata=ERP)) == (
        "FAILED_PRECONDITION TRANSFER_NOT_SHIPPED"
    )
    cancelled = await transfers.CancelTransfer(cancelling(gone), metadata=ERP)
    assert cancelled.transfer.status == pb.TRANSFER_STATUS_CANCELLED
    assert await transfers.CancelTransfer(cancelling(gone), metadata=ERP) == cancelled
    assert await refused(transfers.ShipTransfer(shipping(gone), metadata=ERP)) == (
        "FAILED_PRECONDITION TRANSFER_CANCELLED"
    )
    assert await refused(transfers.ReceiveTransfer(arrived(gone, 1), metadata=ERP)) == (
        "FAILED_PRECONDITION TRANSFER_CANCELLED"
    )
    await transfers.ShipTransfer(shipping(made), metadata=ERP)
    for late in (
        transfers.CancelTransfer(cancelling(made), metadata=ERP),
        transfers.ShipTransfer(shipping(made), metadata=ERP),
        transfers.MarkReady(ready(made), metadata=ERP),
    ):
        assert await refused(late) == "FAILED_PRECONDITION TRANSFER_SHIPPED"
    await transfers.CloseTransfer(closing(made), metadata=ERP)
    for later in (
        transfers.ReceiveTransfer(arrived(made, 1), metadata=ERP),
        transfers.CloseTransfer(closing(made), metadata=ERP),
    ):
        assert await refused(later) == "FAILED_PRECONDITION TRANSFER_RECEIVED"
    assert (await row(house, "lyon"), await row(house, "lille")) == ({SELLABLE: 4}, {})


async def test_a_sku_that_is_not_in_it_is_neither_shipped_nor_received(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    made = await draft(house, transfers)
    ship = shipping(made, ("CORD", 1))
    assert await refused(transfers.ShipTransfer(ship, metadata=ERP)) == (
        "NOT_FOUND SKU_NOT_IN_TRANSFER"
    )
    await transfers.ShipTransfer(shipping(made), metadata=ERP)
    receive = arrived(made, 1, sku="CORD")
    assert await refused(transfers.ReceiveTransfer(receive, metadata=ERP)) == (
        "NOT_FOUND SKU_NOT_IN_TRANSFER"
    )


async def test_one_leg_of_a_transfer_is_not_recorded_alone(house: House) -> None:
    alone = stock_pb.Movement(
        location_id="lyon",
        sku="LAMP",
        source=SELLABLE,
        quantity=1,
        cause=stock_pb.CAUSE_TRANSFER,
    )
    asked = stock_pb.RecordMovementsRequest(request_id=str(uuid4()), movements=[alone])
    assert await refused(house.stock.RecordMovements(asked, metadata=ERP)) == (
        "INVALID_ARGUMENT INVALID_MOVEMENT"
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"target_location_id": "lyon"},
        {"source_location_id": ""},
        {"lines": []},
        {"lines": [pb.SkuQuantity(sku="LAMP", quantity=0)]},
        {"lines": [pb.SkuQuantity(sku="no sku", quantity=1)]},
        {"lines": [pb.SkuQuantity(sku="LAMP", quantity=1)] * 2},
        {"lines": [pb.SkuQuantity(sku=f"S{n}", quantity=1) for n in range(101)]},
        {"document_id": "d" * 129},
        {"expected_arrival_time": None},
    ],
)
async def test_a_plan_that_is_none_is_refused(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub", fields: dict[str, object]
) -> None:
    asked = planned(house, **fields)
    assert await refused(transfers.CreateTransfer(asked, metadata=ERP)) == (
        "INVALID_ARGUMENT INVALID_TRANSFER"
    )


async def test_steps_that_are_not_as_they_must_be_are_refused(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    made = await draft(house, transfers)
    for call in (
        transfers.ShipTransfer(shipping(made, ("LAMP", -1)), metadata=ERP),
        transfers.ShipTransfer(shipping(made, ("LAMP", 0)), metadata=ERP),
        transfers.ShipTransfer(shipping(made, ("LAMP", 1), ("LAMP", 1)), metadata=ERP),
        transfers.ReceiveTransfer(arrived(made, 0), metadata=ERP),
        transfers.ReceiveTransfer(arrived(made, 2, -1), metadata=ERP),
        transfers.CloseTransfer(closing(made, ""), metadata=ERP),
        transfers.CloseTransfer(closing(made, "c" * 201), metadata=ERP),
    ):
        assert await refused(call) == "INVALID_ARGUMENT INVALID_TRANSFER"
    nowhere = planned(house, target_location_id="nowhere")
    assert await refused(transfers.CreateTransfer(nowhere, metadata=ERP)) == (
        "NOT_FOUND UNKNOWN_LOCATION"
    )


async def test_of_two_who_ship_it_at_once_one_does(
    any_house: House, any_transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    await any_house.put_on_shelf("LAMP", 10)
    made = await draft(any_house, any_transfers)
    ships = [any_transfers.ShipTransfer(shipping(made), metadata=SENDER) for _ in range(3)]
    cancel = any_transfers.CancelTransfer(cancelling(made), metadata=ERP)
    outcomes = await asyncio.gather(refused(cancel), *map(refused, ships))
    assert outcomes.count("") == 1
    units = (await row(any_house, "lyon"), await row(any_house, "lille"))
    assert units in (({SELLABLE: 4}, {IN_TRANSIT: 6}), ({SELLABLE: 10}, {}))


async def test_each_change_is_told_whole_but_for_what_was_written_by_hand(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    made = await draft(house, transfers)
    await transfers.ShipTransfer(shipping(made), metadata=SENDER)
    await transfers.CloseTransfer(closing(made, "Nina took them"), metadata=ERP)
    told = [
        transfer_changed(event.detail).transfer
        for event in (await house.log.read(0, 100, ("transfer_changed",))).events
    ]
    now = (await transfers.GetTransfer(reading(made), metadata=READER)).transfer
    now.close_cause = ""
    assert [each.revision for each in told] == [1, 2, 3]
    assert told[-1] == now
