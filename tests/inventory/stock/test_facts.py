"""Facts through a real gRPC server and stub, so that what is tested is the contract."""

from datetime import timedelta

import pytest
from comptoir.inventory.v1 import stock_service_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from tests.inventory.asking import line, movement, movements, reserve, sale
from tests.inventory.house import COLLECT, ERP, TILL, House, message_of, refused

SELLABLE, OUTSIDE = pb.BUCKET_SELLABLE, pb.BUCKET_UNSPECIFIED


def on(row: pb.StockRow) -> dict[int, int]:
    return {bucket.bucket: bucket.quantity for bucket in row.buckets}


class TestRecordSale:
    async def test_takes_units_from_the_shelf(self, any_house: House) -> None:
        await any_house.put_on_shelf("LAMP", 5)
        sold = await any_house.stock.RecordSale(sale(line(2)), metadata=TILL)

        assert on(sold.rows[0]) == {SELLABLE: 3}
        assert (await any_house.availability("LAMP")).on_hand_quantity == 3

    async def test_of_more_than_there_is_makes_the_rest_short(self, any_house: House) -> None:
        await any_house.put_on_shelf("LAMP", 2)
        await any_house.stock.RecordSale(sale(line(5)), metadata=TILL)

        shown = await any_house.availability("LAMP")
        assert (shown.available_quantity, shown.short_quantity) == (0, 3)
        assert await any_house.is_balanced("LAMP")

    async def test_of_a_sku_never_stocked_makes_its_row(self, any_house: House) -> None:
        sold = await any_house.stock.RecordSale(sale(line(1)), metadata=TILL)
        assert (sold.rows[0].revision, sold.rows[0].short_quantity) == (1, 1)

    async def test_repeated_sells_once(self, any_house: House) -> None:
        await any_house.put_on_shelf("LAMP", 5)
        request = sale(line(2))
        first = await any_house.stock.RecordSale(request, metadata=TILL)

        assert await any_house.stock.RecordSale(request, metadata=TILL) == first
        assert (await any_house.availability("LAMP")).on_hand_quantity == 3

    async def test_repeated_after_its_answer_was_dropped_is_refused(self, any_house: House) -> None:
        request = sale(line(2))
        await any_house.stock.RecordSale(request, metadata=TILL)
        any_house.clock.now += timedelta(days=90)
        await any_house.records.tend()

        late = any_house.stock.RecordSale(request, metadata=TILL)
        assert await refused(late) == "ALREADY_EXISTS REQUEST_ID_REUSED"
        again = any_house.stock.RecordSale(request, metadata=TILL)
        # Whoever took a new id for it would sell it twice.
        assert "this was done long ago" in await message_of(again)

    async def test_is_dated_when_it_happened(self, house: House) -> None:
        sale_time = Timestamp()
        sale_time.FromDatetime(house.clock.now - timedelta(hours=3))
        await house.stock.RecordSale(sale(line(1), sale_time=sale_time), metadata=TILL)

        request = pb.ExplainQuantityRequest(location_id="lyon", sku="LAMP")
        (found,) = (await house.stock.ExplainQuantity(request, metadata=ERP)).movements
        assert found.occur_time == sale_time
        assert found.record_time.ToDatetime() == house.clock.now.replace(tzinfo=None)

    async def test_leaves_claims_as_they_are_and_nothing_available(self, house: House) -> None:
        await house.put_on_shelf("LAMP", 5)
        await house.reservations.Reserve(reserve(line(4)), metadata=COLLECT)
        await house.stock.RecordSale(sale(line(3)), metadata=TILL)

        shown = await house.availability("LAMP")
        assert (shown.on_hand_quantity, shown.held_quantity) == (2, 4)
        assert shown.available_quantity == 0

    @pytest.mark.parametrize(
        ("request_", "refusal"),
        [
            (sale(), "INVALID_ARGUMENT INVALID_LINES"),
            (sale(line(0)), "INVALID_ARGUMENT INVALID_LINES"),
            (sale(line(1), line(1)), "INVALID_ARGUMENT INVALID_LINES"),
            (sale(line(1), line(1, location_id="lille")), "INVALID_ARGUMENT INVALID_LINES"),
            (sale(line(1), receipt_id="x" * 129), "INVALID_ARGUMENT INVALID_LINES"),
            (
                sale(line(1), sale_time=Timestamp(seconds=4 * 10**9)),
                "INVALID_ARGUMENT INVALID_LINES",
            ),
            (
                sale(line(1), sale_time=Timestamp(seconds=2**60)),
                "INVALID_ARGUMENT INVALID_LINES",
            ),
            (sale(line(1), request_id="1"), "INVALID_ARGUMENT INVALID_REQUEST_ID"),
            (sale(line(1, location_id="atlantis")), "NOT_FOUND UNKNOWN_LOCATION"),
        ],
    )
    async def test_says_why_it_is_refused(
        self, house: House, request_: pb.RecordSaleRequest, refusal: str
    ) -> None:
        assert await refused(house.stock.RecordSale(request_, metadata=TILL)) == refusal


class TestRecordMovements:
    async def test_moves_units_from_bucket_to_bucket(self, any_house: House) -> None:
        await any_house.put_on_shelf("LAMP", 5)
        broken = movement(2, SELLABLE, pb.BUCKET_DAMAGED, pb.CAUSE_DAMAGE, document_id="d1")
        answer = await any_house.stock.RecordMovements(movements(broken), metadata=ERP)

        assert on(answer.rows[0]) == {SELLABLE: 3, pb.BUCKET_DAMAGED: 2}
        assert await any_house.is_balanced("LAMP")

    async def test_follow_one_another_and_write_each_row_once(self, any_house: House) -> None:
        staged = movement(3, OUTSIDE, pb.BUCKET_STAGED, pb.CAUSE_RETURN)
        back = movement(3, pb.BUCKET_STAGED, SELLABLE, pb.CAUSE_ORDER)
        elsewhere = movement(1, OUTSIDE, SELLABLE, location_id="lille")
        request = movements(staged, back, elsewhere)
        answer = await any_house.stock.RecordMovements(request, metadata=COLLECT)

        assert [(row.location_id, on(row), row.revision) for row in answer.rows] == [
            ("lyon", {SELLABLE: 3}, 1),
            ("lille", {SELLABLE: 1}, 1),
        ]

    async def test_of_a_receipt_settle_what_is_short(self, any_house: House) -> None:
        await any_house.stock.RecordSale(sale(line(3)), metadata=TILL)
        received = movements(movement(10, OUTSIDE, SELLABLE))
        answer = await any_house.stock.RecordMovements(received, metadata=ERP)

        assert (on(answer.rows[0]), answer.rows[0].short_quantity) == ({SELLABLE: 7}, 0)
        assert await any_house.is_balanced("LAMP")

    @pytest.mark.parametrize(
        ("moved", "refusal"),
        [
            (movement(0, OUTSIDE, SELLABLE), "INVALID_ARGUMENT INVALID_LINES"),
            (movement(1, OUTSIDE, SELLABLE, sku=""), "INVALID_ARGUMENT INVALID_LINES"),
            (movement(1, SELLABLE, SELLABLE), "INVALID_ARGUMENT INVALID_MOVEMENT"),
            (movement(1, OUTSIDE, OUTSIDE), "INVALID_ARGUMENT INVALID_MOVEMENT"),
            (movement(1, pb.BUCKET_SHORT, SELLABLE), "INVALID_ARGUMENT INVALID_MOVEMENT"),
            (movement(1, 99, SELLABLE), "INVALID_ARGUMENT INVALID_MOVEMENT"),
            (movement(1, OUTSIDE, SELLABLE, 0), "INVALID_ARGUMENT INVALID_MOVEMENT"),
            (movement(1, OUTSIDE, SELLABLE, 99), "INVALID_ARGUMENT INVALID_MOVEMENT"),
            (
                movement(1, OUTSIDE, SELLABLE, document_id="x" * 129),
                "INVALID_ARGUMENT INVALID_MOVEMENT",
            ),
            (
                movement(1, OUTSIDE, SELLABLE, location_id="atlantis"),
                "NOT_FOUND UNKNOWN_LOCATION",
            ),
        ],
    )
    async def test_say_why_they_are_refused(
        self, house: House, moved: pb.Movement, refusal: str
    ) -> None:
        call = house.stock.RecordMovements(movements(moved), metadata=ERP)
        assert await refused(call) == refusal

    async def test_are_some(self, house: House) -> None:
        call = house.stock.RecordMovements(movements(), metadata=ERP)
        assert await refused(call) == "INVALID_ARGUMENT INVALID_LINES"
