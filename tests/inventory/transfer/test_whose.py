"""Who may do what with a transfer, and which are listed to whom."""

from datetime import timedelta
from uuid import uuid4

import pytest
from comptoir.inventory.v1 import transfer_service_pb2 as pb
from comptoir.inventory.v1 import transfer_service_pb2_grpc as pb_grpc

from tests.inventory.asking import shop
from tests.inventory.house import ERP, MARKET, TILL, House, refused
from tests.inventory.transfer.asks import (
    READER,
    RECEIVER,
    RECEIVING_MANAGER,
    SENDER,
    SENDING_MANAGER,
    STRANGER,
    arrived,
    cancelling,
    closing,
    draft,
    planned,
    reading,
    ready,
    shipping,
)
from tests.serving import Metadata

DENIED = "PERMISSION_DENIED ACCESS_DENIED"


async def test_to_staff_of_neither_end_it_is_not_there(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    made, none = await draft(house, transfers), pb.Transfer(transfer_id=str(uuid4()))
    for transfer in (made, none):
        for call in (
            transfers.GetTransfer(reading(transfer), metadata=STRANGER),
            transfers.MarkReady(ready(transfer), metadata=STRANGER),
            transfers.ShipTransfer(shipping(transfer), metadata=STRANGER),
            transfers.ReceiveTransfer(arrived(transfer, 1, sku="CORD"), metadata=STRANGER),
            transfers.CloseTransfer(closing(transfer), metadata=STRANGER),
            transfers.CancelTransfer(cancelling(transfer), metadata=STRANGER),
        ):
            assert await refused(call) == "NOT_FOUND UNKNOWN_TRANSFER"
    assert (await transfers.GetTransfer(reading(made), metadata=READER)).transfer == made


async def test_each_end_does_its_own_part_alone(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    made = await draft(house, transfers)
    for call in (
        transfers.MarkReady(ready(made), metadata=RECEIVER),
        transfers.ShipTransfer(shipping(made), metadata=RECEIVER),
        transfers.CancelTransfer(cancelling(made), metadata=RECEIVING_MANAGER),
        transfers.CancelTransfer(cancelling(made), metadata=SENDER),
    ):
        assert await refused(call) == DENIED
    await transfers.ShipTransfer(shipping(made), metadata=SENDING_MANAGER)
    for its in (
        transfers.ReceiveTransfer(arrived(made, 1), metadata=SENDER),
        transfers.CloseTransfer(closing(made), metadata=SENDING_MANAGER),
        transfers.CloseTransfer(closing(made), metadata=RECEIVER),
    ):
        assert await refused(its) == DENIED
    seen = [
        (await transfers.GetTransfer(reading(made), metadata=who)).transfer
        for who in (SENDER, RECEIVER)
    ]
    assert [each.revision for each in seen] == [2, 2]


async def test_staff_plan_nothing_and_scopes_are_kept_apart(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    made = await draft(house, transfers)
    for who in (SENDING_MANAGER, READER, TILL, MARKET):
        assert await refused(transfers.CreateTransfer(planned(house), metadata=who)) == DENIED
    for call in (
        transfers.ShipTransfer(shipping(made), metadata=READER),
        transfers.GetTransfer(reading(made), metadata=TILL),
    ):
        assert await refused(call) == DENIED


async def listed(
    transfers: "pb_grpc.TransferServiceAsyncStub", who: Metadata, **fields: object
) -> list[str]:
    """The documents of those listed, over all pages of two."""
    found, token = list[str](), ""
    while True:
        asked = pb.ListTransfersRequest(page_size=2, page_token=token, **fields)  # type: ignore[arg-type]
        answer = await transfers.ListTransfers(asked, metadata=who)
        found += [transfer.document_id for transfer in answer.transfers]
        token = answer.next_page_token
        if not token:
            return found


async def test_they_are_listed_by_end_and_status_newest_first(
    any_house: House, any_transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    house, calls = any_house, any_transfers
    for number in range(5):
        made = await draft(house, calls, document_id=f"plan-{number}")
        house.clock.now += timedelta(seconds=1)
        if number % 2:
            await calls.CancelTransfer(cancelling(made), metadata=ERP)
    back = {"source_location_id": "lille", "target_location_id": "lyon"}
    await draft(house, calls, **back, document_id="back")

    all_five = [f"plan-{number}" for number in (4, 3, 2, 1, 0)]
    assert await listed(calls, READER, source_location_id="lyon") == all_five
    assert await listed(calls, SENDER, target_location_id="lyon") == ["back"]
    assert await listed(calls, RECEIVER, source_location_id="lyon", target_location_id="lille") == (
        all_five
    )
    drafts = {"target_location_id": "lille", "status": pb.TRANSFER_STATUS_DRAFT}
    assert await listed(calls, READER, **drafts) == ["plan-4", "plan-2", "plan-0"]


async def test_staff_list_what_concerns_a_location_of_theirs(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    await house.import_locations(shop("nice"))
    await draft(house, transfers)
    to_nice = {"source_location_id": "lyon", "target_location_id": "nice"}
    assert await listed(transfers, STRANGER, **to_nice) == []
    for source, target in (("lyon", "lille"), ("lyon", ""), ("", "lille"), ("nowhere", "")):
        asked = pb.ListTransfersRequest(source_location_id=source, target_location_id=target)
        assert await refused(transfers.ListTransfers(asked, metadata=STRANGER)) == (
            "NOT_FOUND UNKNOWN_LOCATION"
        )


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (pb.ListTransfersRequest(), "INVALID_ARGUMENT INVALID_TRANSFER"),
        (
            pb.ListTransfersRequest(source_location_id="lyon", status=99),  # type: ignore[arg-type]
            "INVALID_ARGUMENT INVALID_TRANSFER",
        ),
        (
            pb.ListTransfersRequest(source_location_id="lyon", page_size=-1),
            "INVALID_ARGUMENT INVALID_PAGE",
        ),
        (
            pb.ListTransfersRequest(source_location_id="lyon", page_token="page-2"),
            "INVALID_ARGUMENT INVALID_PAGE",
        ),
        (pb.ListTransfersRequest(source_location_id="nowhere"), "NOT_FOUND UNKNOWN_LOCATION"),
    ],
)
async def test_a_list_that_cannot_be_made_says_why(
    transfers: "pb_grpc.TransferServiceAsyncStub", asked: pb.ListTransfersRequest, reason: str
) -> None:
    assert await refused(transfers.ListTransfers(asked, metadata=READER)) == reason
