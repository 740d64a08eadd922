"""Purchases through a real server and stub."""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta

import pytest
from comptoir.customer.v1 import history_service_pb2 as pb
from comptoir.type.v1.money_pb2 import Money
from comptoir.type.v1.rejection_pb2 import ImportProgress, Rejection

from chassis.records import Where
from services.customer.history.store import PURCHASES
from services.customer.kinds import KINDS
from services.customer.profile.store import STAFF_READS
from tests.conftest import MakeRecords
from tests.customer.house import (
    ASSOCIATE,
    Clock,
    House,
    as_customer,
    events_of,
    opened_house,
    refused,
)
from tests.serving import calling_as

TILL = calling_as("till", "client:customer.write")
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def purchase(purchase_id: str, customer_id: str, *, at: datetime = NOON) -> pb.Purchase:
    message = pb.Purchase(
        purchase_id=purchase_id,
        customer_id=customer_id,
        location_id="lyon",
        lines=[pb.PurchaseLine(sku="LAMP", quantity=1, total=Money(minor=1990, currency="EUR"))],
        total=Money(minor=1990, currency="EUR"),
        channel=pb.PURCHASE_CHANNEL_TILL,
    )
    message.purchase_time.FromDatetime(at)
    return message


async def taken_in(house: House, purchases: Iterable[pb.Purchase]) -> ImportProgress:
    """The last answer, with the rejections of all."""

    async def items() -> AsyncIterator[pb.ImportPurchasesRequest]:
        for number, one in enumerate(purchases, 1):
            yield pb.ImportPurchasesRequest(number=number, purchase=one)

    rejections, progress = list[Rejection](), ImportProgress()
    async for answer in house.history.ImportPurchases(items(), metadata=TILL):
        progress = answer.progress
        rejections += progress.rejections
    del progress.rejections[:]
    progress.rejections.extend(rejections)
    return progress


def listed(customer_id: str = "", *, size: int = 0, token: str = "") -> pb.ListPurchasesRequest:
    return pb.ListPurchasesRequest(customer_id=customer_id, page_size=size, page_token=token)


async def test_purchases_are_listed_newest_first(house: House) -> None:
    made = await house.sign_up()
    customer_id = made.profile.customer_id
    of_days = {day: NOON - timedelta(days=day) for day in (2, 0, 1)}
    await taken_in(house, [purchase(f"p{d}", customer_id, at=at) for d, at in of_days.items()])

    answer = await house.history.ListPurchases(listed(), metadata=as_customer(made))
    assert [one.purchase_id for one in answer.purchases] == ["p0", "p1", "p2"]


async def test_a_purchase_comes_back_as_it_went_in(house: House) -> None:
    made = await house.sign_up()
    sent = purchase("p1", made.profile.customer_id, at=NOON - timedelta(milliseconds=7))
    await taken_in(house, [sent])

    answer = await house.history.ListPurchases(listed(), metadata=as_customer(made))
    assert list(answer.purchases) == [sent]


async def test_a_time_is_kept_to_the_millisecond(house: House) -> None:
    made = await house.sign_up()
    fine = purchase("p1", made.profile.customer_id)
    fine.purchase_time.nanos = 123_456_789
    for written_count in (1, 0):
        progress = await taken_in(house, [fine])
        assert progress.written_count == written_count

    answer = await house.history.ListPurchases(listed(), metadata=as_customer(made))
    assert answer.purchases[0].purchase_time.nanos == 123_000_000


async def test_pages_join_into_the_whole(records: MakeRecords) -> None:
    clock = Clock()
    async with opened_house(await records(KINDS, clock=clock), clock) as house:
        made = await house.sign_up()
        customer_id, own = made.profile.customer_id, as_customer(made)
        # Three at each instant, so that pages end among equals.
        times = [NOON - timedelta(hours=number // 3) for number in range(9)]
        sent = [purchase(f"p{n}", customer_id, at=at) for n, at in enumerate(times)]
        await taken_in(house, sent)
        whole, token = list[str](), ""
        for _ in range(5):
            answer = await house.history.ListPurchases(listed(size=2, token=token), metadata=own)
            whole += [one.purchase_id for one in answer.purchases]
            token = answer.next_page_token

    assert whole == ["p2", "p1", "p0", "p5", "p4", "p3", "p8", "p7", "p6"]
    assert token == ""


async def test_a_page_token_is_good_for_its_own_customer(house: House) -> None:
    annas, bens = await house.sign_up(), await house.sign_up("ben@example.com")
    await taken_in(house, [purchase(f"p{n}", annas.profile.customer_id) for n in range(2)])
    first = await house.history.ListPurchases(listed(size=1), metadata=as_customer(annas))

    for token in (first.next_page_token, "!!!!"):
        call = house.history.ListPurchases(listed(token=token), metadata=as_customer(bens))
        assert await refused(call) == "INVALID_PAGE"


async def test_another_customers_purchases_do_not_exist(house: House) -> None:
    annas, bens = await house.sign_up(), await house.sign_up("ben@example.com")

    call = house.history.ListPurchases(
        listed(bens.profile.customer_id), metadata=as_customer(annas)
    )
    assert await refused(call) == "UNKNOWN_CUSTOMER"


async def test_a_staff_read_of_purchases_is_logged(house: House) -> None:
    customer_id = (await house.sign_up()).profile.customer_id
    await house.history.ListPurchases(listed(customer_id), metadata=ASSOCIATE)

    (read,) = await house.records.select(STAFF_READS, Where(limit=10))
    assert (read.staff_id, read.method) == ("carl", "ListPurchases")


async def test_an_import_taken_in_twice_changes_nothing(house: House) -> None:
    customer_id = (await house.sign_up()).profile.customer_id
    sent = [purchase(f"p{number}", customer_id) for number in range(700)]
    first, again = await taken_in(house, sent), await taken_in(house, sent)

    assert (first.read_count, first.written_count, first.unchanged_count) == (700, 700, 0)
    assert (again.read_count, again.written_count, again.unchanged_count) == (700, 0, 700)


async def test_a_bad_purchase_is_told_and_the_others_go_in(house: House) -> None:
    customer_id = (await house.sign_up()).profile.customer_id
    bad = purchase("p2", customer_id)
    bad.lines[0].quantity = 0
    undated = pb.Purchase(purchase_id="p4", customer_id=customer_id, lines=bad.lines)
    far = purchase("p5", customer_id)
    far.purchase_time.seconds = 2**60
    sent = [purchase("p1", customer_id), bad, purchase("p3", "nobody"), undated, far]
    progress = await taken_in(house, sent)

    assert [(rejection.number, rejection.reason) for rejection in progress.rejections] == [
        (2, "INVALID_PURCHASE"),
        (3, "UNKNOWN_CUSTOMER"),
        (4, "INVALID_PURCHASE"),
        (5, "INVALID_PURCHASE"),
    ]
    assert (progress.read_count, progress.written_count) == (5, 1)


async def test_a_purchase_taken_in_is_told_to_others(house: House) -> None:
    customer_id = (await house.sign_up()).profile.customer_id
    await taken_in(house, [purchase("p1", customer_id), purchase("p1", customer_id)])

    told = [event for event in await events_of(house.records) if event[0] == "purchase_recorded"]
    assert told == [("purchase_recorded", "p1")]


@pytest.mark.parametrize("metadata", [ASSOCIATE, calling_as("till", "client:sale.write")])
async def test_purchases_come_from_those_who_may_write_customers(
    house: House, metadata: tuple[tuple[str, str], ...]
) -> None:
    async def nothing() -> AsyncIterator[pb.ImportPurchasesRequest]:
        return
        yield

    call = house.history.ImportPurchases(nothing(), metadata=metadata)
    assert await refused(call.read()) == "ACCESS_DENIED"


async def test_purchases_stay_when_the_customers_key_is_gone(house: House) -> None:
    customer_id = (await house.sign_up()).profile.customer_id
    await taken_in(house, [purchase("p1", customer_id)])
    await house.vault.destroy(customer_id)

    answer = await house.history.ListPurchases(listed(customer_id), metadata=ASSOCIATE)
    assert [one.purchase_id for one in answer.purchases] == ["p1"]
    assert await house.records.find(PURCHASES, "p1") is not None
