"""Transfers through a real server: each step, what it moves at either end, once."""

import asyncio
from datetime import timedelta

from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1 import transfer_service_pb2 as pb
from comptoir.inventory.v1 import transfer_service_pb2_grpc as pb_grpc

from services.inventory.events import transfer_changed
from services.inventory.reservation.mending import Mender
from tests.inventory.asking import line, reserve, sale
from tests.inventory.house import COLLECT, ERP, TILL, House, refused
from tests.inventory.transfer.asks import (
    DAMAGED,
    IN_TRANSIT,
    READER,
    RECEIVER,
    RECEIVING_MANAGER,
    SELLABLE,
    SENDER,
    arrived,
    cancelling,
    closing,
    draft,
    planned,
    reading,
    ready,
    row,
    shipping,
)
from tests.waiting import until


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


async def test_an_id_of_long_ago_plans_and_moves_nothing_again(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    asked = planned(house)
    made = (await transfers.CreateTransfer(asked, metadata=ERP)).transfer
    await transfers.ShipTransfer(shipping(made), metadata=SENDER)
    receive = arrived(made, 4)
    await transfers.ReceiveTransfer(receive, metadata=RECEIVER)
    house.clock.now += timedelta(days=70)
    await house.records.tend()

    for late in (
        transfers.CreateTransfer(asked, metadata=ERP),
        transfers.ReceiveTransfer(receive, metadata=RECEIVER),
    ):
        assert await refused(late) == "ALREADY_EXISTS REQUEST_ID_REUSED"
    assert await row(house, "lille") == {SELLABLE: 4, IN_TRANSIT: 2}


async def test_what_never_came_leaves_the_book_as_what_was_looked_for_in_vain(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    made = await draft(house, transfers)
    await transfers.ShipTransfer(shipping(made), metadata=SENDER)
    await transfers.CloseTransfer(closing(made), metadata=RECEIVING_MANAGER)
    asked = stock_pb.ExplainQuantityRequest(location_id="lille", sku="LAMP")
    gone, _ = (await house.stock.ExplainQuantity(asked, metadata=ERP)).movements
    assert (gone.source, gone.target) == (IN_TRANSIT, stock_pb.BUCKET_UNSPECIFIED)
    assert (gone.cause, gone.actor) == (stock_pb.CAUSE_NOT_FOUND, "rolf")


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
    any_house: House, any_transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    made = await draft(any_house, any_transfers)
    await any_transfers.ShipTransfer(shipping(made), metadata=SENDER)
    await any_transfers.CloseTransfer(closing(made, "Nina took them"), metadata=ERP)
    told = list[pb.Transfer]()

    async def all_told() -> bool:
        read = await any_house.log.read(0, 100, ("transfer_changed",))
        told[:] = [transfer_changed(event.detail).transfer for event in read.events]
        return len(told) == 3

    await until(all_told)
    now = (await any_transfers.GetTransfer(reading(made), metadata=READER)).transfer
    now.close_cause = ""
    assert [each.revision for each in told] == [1, 2, 3]
    assert told[-1] == now
