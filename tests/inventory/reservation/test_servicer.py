"""Reservations through a real gRPC server and stub, so that what is tested is the contract."""

from datetime import UTC, timedelta
from uuid import uuid4

import grpc
import pytest
from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from chassis.remote import app_error_from
from tests.inventory.asking import commit, found_line, level, line, release, renew, reserve
from tests.inventory.house import ANNA, COLLECT, ERP, MARKET, TILL, House, refused


async def hold(house: House, quantity: int, hold_s: int = 600) -> pb.Reservation:
    answer = await house.reservations.Reserve(
        reserve(line(quantity), hold_s=hold_s), metadata=COLLECT
    )
    return answer.reservation


async def test_what_is_held_is_not_available(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    made = await hold(any_house, 2)

    shown = await any_house.availability("LAMP")
    assert (shown.on_hand_quantity, shown.held_quantity, shown.available_quantity) == (5, 2, 3)
    assert shown.valid_until_time == made.expire_time


async def test_a_retry_gets_the_first_answer_and_holds_nothing_more(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    asked = reserve(line(2))
    first = await any_house.reservations.Reserve(asked, metadata=COLLECT)
    asked.request_id = asked.request_id.upper()

    assert await any_house.reservations.Reserve(asked, metadata=COLLECT) == first
    assert (await any_house.availability("LAMP")).held_quantity == 2


async def test_the_same_request_id_with_another_body_is_refused(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    request_id = str(uuid4())
    await house.reservations.Reserve(reserve(line(1), request_id=request_id), metadata=COLLECT)

    again = house.reservations.Reserve(reserve(line(2), request_id=request_id), metadata=COLLECT)
    assert await refused(again) == "ALREADY_EXISTS REQUEST_ID_REUSED"


async def test_a_line_that_cannot_be_held_leaves_none_held(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    asked = reserve(line(2), line(1, location_id="lille"))

    refusal = await refused(any_house.reservations.Reserve(asked, metadata=COLLECT))
    assert refusal == "FAILED_PRECONDITION INSUFFICIENT_STOCK"
    assert (await any_house.availability("LAMP")).held_quantity == 0


async def test_a_refusal_names_the_line_and_what_is_left(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    await house.put_on_shelf("CORD", 1)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        asked = reserve(line(5), line(2, sku="CORD"))
        await house.reservations.Reserve(asked, metadata=COLLECT)
    assert app_error_from(caught.value).metadata == {
        "line": "1",
        "location_id": "lyon",
        "sku": "CORD",
        "available_quantity": "1",
        "quantity": "2",
    }


async def test_safety_stock_is_not_promised(house: House) -> None:
    await house.import_levels(level("LAMP", 5, safety=3))

    three = house.reservations.Reserve(reserve(line(3)), metadata=COLLECT)
    assert await refused(three) == "FAILED_PRECONDITION INSUFFICIENT_STOCK"
    assert await hold(house, 2)


async def test_an_unknown_location_is_not_found(any_house: House) -> None:
    asked = reserve(line(1, location_id="atlantis"))

    refusal = await refused(any_house.reservations.Reserve(asked, metadata=COLLECT))
    assert refusal == "NOT_FOUND UNKNOWN_LOCATION"


async def test_a_reservation_is_active_until_it_lapses(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    made = await hold(house, 2)
    get = pb.GetReservationRequest(reservation_id=made.reservation_id)

    assert (await house.reservations.GetReservation(get, metadata=COLLECT)).reservation == made
    house.clock.now = made.expire_time.ToDatetime(UTC)
    after = (await house.reservations.GetReservation(get, metadata=COLLECT)).reservation
    assert after.state == pb.RESERVATION_STATE_LAPSED


async def test_what_has_lapsed_is_available_again_with_no_job(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    made = await hold(any_house, 5)
    any_house.clock.now = made.expire_time.ToDatetime(UTC)

    assert (await any_house.availability("LAMP")).available_quantity == 5
    assert await hold(any_house, 5)


async def test_a_hold_whose_units_were_lent_again_is_refused_by_a_clock_behind(
    any_house: House,
) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    first = await hold(any_house, 5)
    any_house.clock.now = first.expire_time.ToDatetime(UTC)
    await hold(any_house, 5)
    any_house.clock.now -= timedelta(minutes=5)

    late = any_house.reservations.Commit(commit(first.reservation_id), metadata=COLLECT)
    assert await refused(late) == "FAILED_PRECONDITION HOLD_LAPSED"


async def test_releasing_gives_every_line_back(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    made = await hold(any_house, 5)
    answer = await any_house.reservations.Release(release(made.reservation_id), metadata=COLLECT)

    assert answer.reservation.state == pb.RESERVATION_STATE_RELEASED
    assert (await any_house.availability("LAMP")).available_quantity == 5


async def test_renewing_holds_the_same_lines_until_later(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    made = await hold(any_house, 5)
    asked = renew(made.reservation_id, 3600)
    renewed = (await any_house.reservations.Renew(asked, metadata=COLLECT)).reservation

    assert renewed.expire_time.seconds == made.expire_time.seconds + 3000
    shown = await any_house.availability("LAMP")
    assert (shown.held_quantity, shown.valid_until_time) == (5, renewed.expire_time)


async def test_renewing_never_shortens_a_hold(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    made = await hold(house, 5, hold_s=3600)
    asked = renew(made.reservation_id, 60)

    assert (await house.reservations.Renew(asked, metadata=COLLECT)).reservation == made


async def test_committing_moves_what_was_found_and_writes_off_what_was_not(
    any_house: House,
) -> None:
    await any_house.put_on_shelf("LAMP", 10)
    made = await hold(any_house, 5)
    asked = commit(made.reservation_id, found_line(3, 1))
    answer = await any_house.reservations.Commit(asked, metadata=COLLECT)

    assert answer.reservation.state == pb.RESERVATION_STATE_COMMITTED
    shown = await any_house.availability("LAMP")
    assert (shown.on_hand_quantity, shown.held_quantity) == (6, 0)
    assert await any_house.is_balanced("LAMP")


async def test_a_line_left_out_of_a_commit_was_found_whole(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    made = await hold(house, 5)
    await house.reservations.Commit(commit(made.reservation_id), metadata=COLLECT)

    assert (await house.availability("LAMP")).on_hand_quantity == 0


async def test_an_ended_reservation_does_not_end_again(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    made = await hold(house, 5)
    await house.reservations.Commit(commit(made.reservation_id), metadata=COLLECT)

    again = house.reservations.Release(release(made.reservation_id), metadata=COLLECT)
    assert await refused(again) == "FAILED_PRECONDITION RESERVATION_ENDED"


async def test_another_owners_reservation_does_not_exist(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    made = await hold(any_house, 2)
    stubs = any_house.reservations
    get = pb.GetReservationRequest(reservation_id=made.reservation_id)
    calls = (
        stubs.GetReservation(get, metadata=MARKET),
        stubs.Release(release(made.reservation_id), metadata=MARKET),
        stubs.Renew(renew(made.reservation_id, 60), metadata=MARKET),
        stubs.Commit(commit(made.reservation_id), metadata=MARKET),
    )

    assert {await refused(call) for call in calls} == {"NOT_FOUND UNKNOWN_RESERVATION"}


async def test_pages_join_into_the_whole_and_belong_to_one_owner(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    made = [await hold(any_house, 1) for _ in range(3)]
    pages = any_house.reservations.ListReservations
    first = await pages(pb.ListReservationsRequest(page_size=2), metadata=COLLECT)
    following = pb.ListReservationsRequest(page_size=2, page_token=first.next_page_token)
    rest = await pages(following, metadata=COLLECT)

    whole = [*first.reservations, *rest.reservations]
    assert whole == sorted(made, key=lambda r: r.reservation_id)
    assert rest.next_page_token == ""
    assert await refused(pages(following, metadata=MARKET)) == "INVALID_ARGUMENT INVALID_PAGE"


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        (reserve(), "INVALID_LINES"),
        (reserve(line(0)), "INVALID_LINES"),
        (reserve(line(1_000_000_001)), "INVALID_LINES"),
        (reserve(line(1), line(2)), "INVALID_LINES"),
        (reserve(line(1, sku="")), "INVALID_LINES"),
        (reserve(line(1, sku="A LAMP")), "INVALID_LINES"),
        (reserve(line(1, location_id="")), "INVALID_LINES"),
        (reserve(*(line(1, sku=f"LAMP-{n}") for n in range(201))), "INVALID_LINES"),
        (reserve(line(1), document_id="x" * 129), "INVALID_LINES"),
        (reserve(line(1), request_id="1"), "INVALID_REQUEST_ID"),
        (reserve(line(1), hold_s=0), "INVALID_HOLD"),
        (reserve(line(1), hold_s=-1), "INVALID_HOLD"),
        (reserve(line(1), hold_s=7 * 86_400 + 1), "INVALID_HOLD"),
        (reserve(line(1), hold_s=2**62), "INVALID_HOLD"),
    ],
)
async def test_a_refusal_says_why(house: House, asked: pb.ReserveRequest, refusal: str) -> None:
    call = house.reservations.Reserve(asked, metadata=COLLECT)
    assert await refused(call) == f"INVALID_ARGUMENT {refusal}"


@pytest.mark.parametrize(
    ("found", "target", "refusal"),
    [
        (found_line(6, 0), stock_pb.BUCKET_STAGED, "INVALID_LINES"),
        (found_line(4, 2), stock_pb.BUCKET_STAGED, "INVALID_LINES"),
        (found_line(-1, 1), stock_pb.BUCKET_STAGED, "INVALID_LINES"),
        (found_line(1, 0, sku="CORD"), stock_pb.BUCKET_STAGED, "INVALID_LINES"),
        (found_line(5, 0), stock_pb.BUCKET_SELLABLE, "INVALID_MOVEMENT"),
        (found_line(5, 0), stock_pb.BUCKET_SHORT, "INVALID_MOVEMENT"),
        (found_line(5, 0), 99, "INVALID_MOVEMENT"),
    ],
)
async def test_a_commit_moves_what_was_held_to_where_it_was_not(
    house: House, found: pb.FoundLine, target: stock_pb.Bucket.ValueType, refusal: str
) -> None:
    await house.put_on_shelf("LAMP", 5)
    asked = commit((await hold(house, 5)).reservation_id, found, target=target)

    call = house.reservations.Commit(asked, metadata=COLLECT)
    assert await refused(call) == f"INVALID_ARGUMENT {refusal}"


async def test_a_renewal_says_for_how_long(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    made = await hold(house, 5)
    asked = pb.RenewRequest(request_id=str(uuid4()), reservation_id=made.reservation_id)

    call = house.reservations.Renew(asked, metadata=COLLECT)
    assert await refused(call) == "INVALID_ARGUMENT INVALID_HOLD"


async def test_customers_and_tills_reserve_nothing(house: House) -> None:
    for metadata in (ANNA, TILL, ERP):
        call = house.reservations.Reserve(reserve(line(1)), metadata=metadata)
        assert await refused(call) == "PERMISSION_DENIED ACCESS_DENIED"
