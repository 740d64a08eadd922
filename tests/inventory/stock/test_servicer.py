"""Stock through a real gRPC server and stub, so that what is tested is the contract."""

from uuid import uuid4

import pytest
from comptoir.inventory.v1 import events_pb2
from comptoir.inventory.v1 import stock_service_pb2 as pb

from chassis.memory_records import MemoryRecords
from services.inventory.events import DETAILS
from tests.inventory.asking import commit, level, line, movement, movements, reserve, sale, shop
from tests.inventory.house import ANNA, COLLECT, ERP, FOR_ORDER_1, TILL, House, refused

SELLABLE, OUTSIDE = pb.BUCKET_SELLABLE, pb.BUCKET_UNSPECIFIED


async def explained(
    house: House, page_size: int = 0, token: str = ""
) -> pb.ExplainQuantityResponse:
    request = pb.ExplainQuantityRequest(
        location_id="lyon", sku="LAMP", page_size=page_size, page_token=token
    )
    return await house.stock.ExplainQuantity(request, metadata=ERP)


class TestImportStock:
    async def test_sets_what_is_sellable_and_what_is_kept_back(self, any_house: House) -> None:
        progress = await any_house.import_levels(level("LAMP", 5, safety=2))

        assert (progress.read_count, progress.written_count) == (1, 1)
        shown = await any_house.availability("LAMP")
        assert (shown.on_hand_quantity, shown.safety_quantity) == (5, 2)
        assert await any_house.is_balanced("LAMP")

    async def test_of_what_is_so_already_writes_nothing(self, any_house: House) -> None:
        await any_house.put_on_shelf("LAMP", 5)
        progress = await any_house.import_levels(level("LAMP", 5), level("CORD", 0))

        assert (progress.written_count, progress.unchanged_count) == (0, 2)
        assert (await any_house.availability("LAMP")).revision == 1

    async def test_reports_what_it_cannot_take_and_takes_the_rest(self, any_house: House) -> None:
        progress = await any_house.import_levels(
            level("LAMP", 5, number=1),
            level("LAMP", -1, number=2),
            level("LAMP", 5, location_id="atlantis", number=3),
            level("CORD", 5, number=4),
        )

        assert [(r.number, r.reason) for r in progress.rejections] == [
            (2, "INVALID_LEVEL"),
            (3, "UNKNOWN_LOCATION"),
        ]
        assert (progress.read_count, progress.written_count) == (4, 2)

    async def test_takes_the_last_of_one_place(self, house: House) -> None:
        await house.import_levels(level("LAMP", 5), level("LAMP", 7))
        assert (await house.availability("LAMP")).on_hand_quantity == 7

    async def test_keeps_claims_and_settles_what_is_short(self, house: House) -> None:
        await house.put_on_shelf("LAMP", 5)
        await house.reservations.Reserve(reserve(line(2)), metadata=COLLECT)
        await house.stock.RecordSale(sale(line(6)), metadata=TILL)
        await house.put_on_shelf("LAMP", 4)

        shown = await house.availability("LAMP")
        assert (shown.on_hand_quantity, shown.held_quantity, shown.short_quantity) == (4, 2, 0)

    async def test_of_one_place_in_two_chunks_the_later_stands(self, any_house: House) -> None:
        others = [level(f"SKU-{n:04}", 1, number=n) for n in range(2, 1200)]
        await any_house.import_levels(
            level("LAMP", 5), *others, level("LAMP", 7, number=1200), level("LAMP", 3, number=1201)
        )

        assert (await any_house.availability("LAMP")).on_hand_quantity == 3
        assert await any_house.is_balanced("LAMP")

    async def test_takes_many_levels_in_one_message(self, house: House) -> None:
        levels = [
            pb.StockLevel(number=n, location_id="lyon", sku=f"SKU-{n}", sellable_quantity=n)
            for n in (1, 2, 3)
        ]
        levels[1].sku = "A LAMP"
        request = pb.ImportStockRequest(levels=levels)
        progress = await house.import_levels(request, level("LAMP", 5, number=4))

        assert (progress.read_count, progress.written_count) == (4, 3)
        assert [rejection.number for rejection in progress.rejections] == [2]
        assert (await house.availability("SKU-3")).on_hand_quantity == 3

    async def test_of_many_chunks_takes_each_level(self, any_house: House) -> None:
        levels = [level(f"SKU-{n:04}", n + 1, number=n) for n in range(1200)]
        progress = await any_house.import_levels(*levels)
        again = await any_house.import_levels(*levels)

        assert (progress.written_count, again.unchanged_count) == (1200, 1200)


class TestBatchGetAvailability:
    async def test_answers_in_the_order_asked_for_locations_within_skus(
        self, any_house: House
    ) -> None:
        await any_house.put_on_shelf("LAMP", 5, location_id="lille")
        request = pb.BatchGetAvailabilityRequest(
            skus=["LAMP", "CORD"], location_ids=["lyon", "lille"]
        )
        answer = await any_house.stock.BatchGetAvailability(request, metadata=ANNA)

        assert [(a.sku, a.location_id, a.available_quantity) for a in answer.availabilities] == [
            ("LAMP", "lyon", 0),
            ("LAMP", "lille", 5),
            ("CORD", "lyon", 0),
            ("CORD", "lille", 0),
        ]

    async def test_of_what_was_never_stocked_is_zero_and_stays_so(self, house: House) -> None:
        shown = await house.availability("LAMP")
        assert shown == pb.Availability(location_id="lyon", sku="LAMP")

    async def test_takes_two_thousand_pairs(self, any_house: House) -> None:
        location_ids = [f"l-{n}" for n in range(10)]
        await any_house.import_locations(*map(shop, location_ids))
        request = pb.BatchGetAvailabilityRequest(
            skus=[f"SKU-{n}" for n in range(200)], location_ids=location_ids
        )
        answer = await any_house.stock.BatchGetAvailability(request, metadata=ANNA)
        assert len(answer.availabilities) == 2000
        assert not answer.unknown_location_ids

    async def test_of_places_that_do_not_exist_alone_is_refused(self, any_house: House) -> None:
        request = pb.BatchGetAvailabilityRequest(skus=["LAMP"], location_ids=["atlantis", "avalon"])
        for _ in range(2):  # Nor is the first refusal remembered as a place that was seen.
            call = any_house.stock.BatchGetAvailability(request, metadata=ANNA)
            assert await refused(call) == "NOT_FOUND UNKNOWN_LOCATION"

    async def test_a_place_that_does_not_exist_is_named_and_spoils_no_other(
        self, any_house: House
    ) -> None:
        await any_house.put_on_shelf("LAMP", 5)
        request = pb.BatchGetAvailabilityRequest(
            skus=["LAMP"], location_ids=["atlantis", "lyon", "avalon"]
        )
        answer = await any_house.stock.BatchGetAvailability(request, metadata=ANNA)

        assert answer.unknown_location_ids == ["atlantis", "avalon"]
        assert [(a.location_id, a.available_quantity) for a in answer.availabilities] == [
            ("atlantis", 0),
            ("lyon", 5),
            ("avalon", 0),
        ]

    async def test_knows_a_location_as_soon_as_it_was_imported(self, any_house: House) -> None:
        request = pb.BatchGetAvailabilityRequest(skus=["LAMP"], location_ids=["avalon"])
        call = any_house.stock.BatchGetAvailability(request, metadata=ANNA)
        assert await refused(call) == "NOT_FOUND UNKNOWN_LOCATION"
        await any_house.import_locations(shop("avalon"))

        shown = await any_house.availability("LAMP", "avalon")
        assert shown == pb.Availability(location_id="avalon", sku="LAMP")

    @pytest.mark.parametrize(
        ("skus", "location_ids", "refusal"),
        [
            ([], ["lyon"], "INVALID_SKUS"),
            (["LAMP", "LAMP"], ["lyon"], "INVALID_SKUS"),
            (["A LAMP"], ["lyon"], "INVALID_SKUS"),
            ([str(n) for n in range(201)], ["lyon"], "INVALID_SKUS"),
            (["LAMP"], [], "INVALID_LOCATION_IDS"),
            (["LAMP"], ["lyon", "lyon"], "INVALID_LOCATION_IDS"),
            (["LAMP"], [str(n) for n in range(201)], "INVALID_LOCATION_IDS"),
            ([str(n) for n in range(50)], [str(n) for n in range(41)], "INVALID_LOCATION_IDS"),
        ],
    )
    async def test_says_why_it_is_refused(
        self, house: House, skus: list[str], location_ids: list[str], refusal: str
    ) -> None:
        request = pb.BatchGetAvailabilityRequest(skus=skus, location_ids=location_ids)
        call = house.stock.BatchGetAvailability(request, metadata=ANNA)
        assert await refused(call) == f"INVALID_ARGUMENT {refusal}"


class TestExplainQuantity:
    async def test_lists_movements_newest_first_with_cause_document_and_actor(
        self, any_house: House
    ) -> None:
        await any_house.put_on_shelf("LAMP", 5)
        await any_house.stock.RecordSale(sale(line(7), receipt_id="r1"), metadata=TILL)

        found = (await explained(any_house)).movements
        assert [
            (m.source, m.target, m.quantity, m.cause, m.document_id, m.actor) for m in found
        ] == [
            (pb.BUCKET_SHORT, OUTSIDE, 2, pb.CAUSE_SALE, "r1", "till"),
            (SELLABLE, OUTSIDE, 5, pb.CAUSE_SALE, "r1", "till"),
            (OUTSIDE, SELLABLE, 5, pb.CAUSE_RECEIPT, "", "erp"),
        ]

    async def test_names_the_order_a_commit_was_for(self, house: House) -> None:
        await house.put_on_shelf("LAMP", 5)
        asked = reserve(line(2), document_id="order-1")
        made = (await house.reservations.Reserve(asked, metadata=FOR_ORDER_1)).reservation
        await house.reservations.Commit(commit(made.reservation_id), metadata=FOR_ORDER_1)

        found = (await explained(house)).movements[0]
        assert (found.document_id, found.actor, found.cause) == (
            "order-1",
            "collect",
            pb.CAUSE_ORDER,
        )

    async def test_pages_join_into_the_whole(self, any_house: House) -> None:
        moved = [movement(n, OUTSIDE, SELLABLE) for n in range(1, 6)]
        await any_house.stock.RecordMovements(movements(*moved[:3]), metadata=ERP)
        await any_house.stock.RecordMovements(movements(*moved[3:]), metadata=ERP)
        quantities, token = [], ""
        for _ in range(3):
            page = await explained(any_house, page_size=2, token=token)
            quantities += [found.quantity for found in page.movements]
            token = page.next_page_token

        assert (quantities, token) == ([5, 4, 3, 2, 1], "")

    async def test_of_another_sku_does_not_take_its_token(self, house: House) -> None:
        await house.stock.RecordMovements(
            movements(*(movement(n, OUTSIDE, SELLABLE) for n in range(1, 4))), metadata=ERP
        )
        token = (await explained(house, page_size=2)).next_page_token
        request = pb.ExplainQuantityRequest(location_id="lyon", sku="CORD", page_token=token)

        call = house.stock.ExplainQuantity(request, metadata=ERP)
        assert await refused(call) == "INVALID_ARGUMENT INVALID_PAGE"


async def test_a_sku_never_stocked_is_all_zero_and_proven(any_house: House) -> None:
    request = pb.VerifyBalanceRequest(location_id="lyon", sku="LAMP")
    found = await any_house.stock.VerifyBalance(request, metadata=ERP)

    assert found.balanced
    assert found.row == found.proven_row == pb.StockRow(location_id="lyon", sku="LAMP")


async def test_every_event_has_its_detail_as_promised(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    asked = reserve(line(2), document_id="order-1", request_id=str(uuid4()))
    made = (await house.reservations.Reserve(asked, metadata=FOR_ORDER_1)).reservation
    assert isinstance(house.records, MemoryRecords)
    events = (await house.records.log.read(0, 100)).events
    sent = [(event.name, event.key, DETAILS[event.name](event.detail)) for event in events]

    assert [name for name, _, _ in sent] == [
        "location_changed",
        "location_changed",
        "stock_imported",
        "stock_changed",
        "reservation_made",
    ]
    imported = events_pb2.StockImported(
        location_id="lyon", rows=[events_pb2.StockRevision(sku="LAMP", revision=1)]
    )
    assert sent[2][1].startswith("lyon ") and sent[2][2] == imported
    row = pb.StockRow(
        location_id="lyon",
        sku="LAMP",
        buckets=[pb.BucketQuantity(bucket=SELLABLE, quantity=5)],
        claims=[pb.Claim(expire_time=made.expire_time, quantity=2)],
        revision=2,
    )
    assert sent[3][1:] == ("lyon LAMP", events_pb2.StockChanged(row=row))
    changed = events_pb2.ReservationChanged(
        reservation_id=made.reservation_id, document_id="order-1"
    )
    assert sent[4][1:] == (made.reservation_id, changed)
