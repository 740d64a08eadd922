"""What is no transfer, or no step that it can take, says why and moves nothing."""

from uuid import uuid4

import pytest
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1 import transfer_service_pb2 as pb
from comptoir.inventory.v1 import transfer_service_pb2_grpc as pb_grpc

from tests.inventory.house import ERP, House, refused
from tests.inventory.transfer.asks import (
    SELLABLE,
    arrived,
    cancelling,
    closing,
    draft,
    planned,
    ready,
    row,
    shipping,
)


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
