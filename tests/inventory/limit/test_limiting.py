"""What a limit lets a buyer have, through a real gRPC server and stub."""

from datetime import UTC, datetime, timedelta

import grpc
import pytest
from comptoir.inventory.v1 import reservation_service_pb2 as pb

from chassis.remote import app_error_from
from services.inventory.limit.counters import TAKEN
from services.inventory.limit.taken import TakenKey
from services.inventory.reservation.store import RESERVATIONS
from tests.inventory.asking import (
    commit,
    found_line,
    line,
    release,
    renew,
    reserve,
    sale,
    supersede,
)
from tests.inventory.house import COLLECT, MARKET, TILL, House, refused
from tests.inventory.importing import iter_of
from tests.inventory.limit.buyers import REACHED, held, left, limit, outcome, put
from tests.inventory.reservation.holds import mender


@pytest.fixture(autouse=True)
async def shelves(any_house: House) -> None:
    for location_id in ("lyon", "lille"):
        await any_house.put_on_shelf("LAMP", 20, location_id=location_id)
    await any_house.put_on_shelf("CORD", 20)


async def test_nobody_is_limited_where_no_limit_was_put(any_house: House) -> None:
    await put(any_house, limit(1, sku="CORD"))
    made = await held(any_house, line(9))
    kept = await any_house.records.find(RESERVATIONS, made.reservation_id)
    assert kept is not None and (kept.buyer_id, kept.counted_skus) == ("", ())


async def test_a_buyer_has_so_many_units_over_all_locations_and_reservations(
    any_house: House,
) -> None:
    await put(any_house, limit(3))
    await held(any_house, line(1), line(1, location_id="lille"))
    assert await outcome(any_house, line(1), line(1, location_id="lille")) == REACHED
    assert await outcome(any_house, line(1, location_id="lille")) == ""
    assert await outcome(any_house, line(1)) == REACHED


async def test_each_buyer_of_each_program_is_another_and_who_names_none_is_one(
    any_house: House,
) -> None:
    await put(any_house, limit(1))
    everybody = [("anna", COLLECT), ("ben", COLLECT), ("anna", MARKET), ("", MARKET)]
    for buyer_id, who in everybody:
        assert await outcome(any_house, buyer_id=buyer_id, who=who) == ""
    for buyer_id, who in everybody:
        assert await outcome(any_house, buyer_id=buyer_id, who=who) == REACHED


async def test_a_refusal_says_what_counts_and_until_when(any_house: House) -> None:
    await put(any_house, limit(3, days=30))
    bought = await held(any_house, line(1))
    await any_house.reservations.Commit(commit(bought.reservation_id), metadata=COLLECT)
    made = await held(any_house, line(1))

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await held(any_house, line(1), line(1, location_id="lille"))
    assert app_error_from(caught.value).metadata == {
        "sku": "LAMP",
        "quantity_max": "3",
        "held_quantity": "1",
        "bought_quantity": "1",
        "quantity": "2",
        "free_time": f"{made.expire_time.ToDatetime():%Y-%m-%dT%H:%M:%SZ}",
    }


async def test_a_hold_that_is_over_counts_no_more_though_nobody_looked(any_house: House) -> None:
    await put(any_house, limit(2))
    made = await held(any_house, line(2), hold_s=600)
    lapse_time = made.expire_time.ToDatetime(UTC)

    any_house.clock.now = lapse_time - timedelta(seconds=1)
    assert await outcome(any_house) == REACHED
    any_house.clock.now = lapse_time
    assert await outcome(any_house, line(2)) == ""


async def test_a_hold_in_whose_place_another_was_granted_is_not_paid_by_a_slow_clock(
    any_house: House,
) -> None:
    await put(any_house, limit(2))
    old = await held(any_house, line(2))
    any_house.clock.now = old.expire_time.ToDatetime(UTC)
    await held(any_house, line(2, location_id="lille"))

    any_house.clock.now -= timedelta(seconds=60)
    reservations, its_id = any_house.reservations, old.reservation_id
    for ending in (
        reservations.Commit(commit(its_id), metadata=COLLECT),
        reservations.Renew(renew(its_id, 6000), metadata=COLLECT),
        reservations.Supersede(supersede(its_id, line(1)), metadata=COLLECT),
    ):
        assert await refused(ending) == "FAILED_PRECONDITION HOLD_LAPSED"


async def test_what_is_given_back_counts_no_more(any_house: House) -> None:
    await put(any_house, limit(2, days=30))
    released, undone = await held(any_house), reserve(line(1), buyer_id="anna")
    await any_house.reservations.Release(release(released.reservation_id), metadata=COLLECT)
    await any_house.reservations.Reserve(undone, metadata=COLLECT)
    assert await left(any_house) == 1
    undo = pb.CancelReserveRequest(request_id=undone.request_id)
    for _ in range(2):
        await any_house.reservations.CancelReserve(undo, metadata=COLLECT)
    assert await left(any_house) == 2


async def test_a_hold_that_is_renewed_counts_until_its_new_end(any_house: House) -> None:
    await put(any_house, limit(2))
    made = await held(any_house, line(2))
    answer = await any_house.reservations.Renew(renew(made.reservation_id, 6000), metadata=COLLECT)
    any_house.clock.now = made.expire_time.ToDatetime(UTC)
    assert await outcome(any_house) == REACHED
    any_house.clock.now = answer.reservation.expire_time.ToDatetime(UTC)
    assert await outcome(any_house) == ""


@pytest.mark.parametrize(("days", "bought"), [(0, 0), (30, 2)])
async def test_what_was_bought_counts_for_the_period_and_not_beyond(
    any_house: House, days: int, bought: int
) -> None:
    await put(any_house, limit(3, days=days))
    made = await held(any_house, line(3))
    found = commit(made.reservation_id, found_line(2, 1))
    await any_house.reservations.Commit(found, metadata=COLLECT)

    assert await left(any_house) == 3 - bought
    any_house.clock.now += timedelta(days=30)
    assert await left(any_house) == 3 - bought
    # To the end of the day on which it was bought.
    any_house.clock.now = datetime(2026, 2, 2, tzinfo=UTC)
    assert await left(any_house) == 3


async def test_a_period_that_is_put_later_counts_what_was_bought_before(any_house: House) -> None:
    await put(any_house, limit(2))
    made = await held(any_house, line(2))
    await any_house.reservations.Commit(commit(made.reservation_id), metadata=COLLECT)
    assert await left(any_house) == 2
    await put(any_house, limit(2, days=1))
    assert await left(any_house) == 0


async def test_who_replaces_a_hold_has_what_it_held(any_house: House) -> None:
    await put(any_house, limit(3))
    old = await held(any_house, line(2))
    more = supersede(old.reservation_id, line(4), buyer_id="anna")
    replacing = any_house.reservations.Supersede
    assert await refused(replacing(more, metadata=COLLECT)) == REACHED
    fits = supersede(old.reservation_id, line(3, location_id="lille"), buyer_id="anna")
    await replacing(fits, metadata=COLLECT)
    assert await left(any_house) == 0


async def test_a_hold_that_is_replaced_for_another_counts_for_that_one(any_house: House) -> None:
    await put(any_house, limit(2))
    old = await held(any_house, line(2))
    await held(any_house, buyer_id="ben")
    reservations, its_id = any_house.reservations, old.reservation_id
    asked = [supersede(its_id, line(n), buyer_id="ben") for n in (2, 1)]
    assert await refused(reservations.Supersede(asked[0], metadata=COLLECT)) == REACHED
    await reservations.Supersede(asked[1], metadata=COLLECT)
    assert (await left(any_house), await left(any_house, buyer_id="ben")) == (2, 0)


async def test_partly_a_buyer_gets_what_the_limit_leaves(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 1)
    await put(any_house, limit(3))
    asked = reserve(line(3), line(4, location_id="lille"), line(4, sku="CORD"), buyer_id="anna")
    asked.allow_partial = True
    answer = await any_house.reservations.Reserve(asked, metadata=COLLECT)

    lines = [line(1), line(2, location_id="lille"), line(4, sku="CORD")]
    assert list(answer.reservation.lines) == lines
    assert list(answer.unheld_lines) == [line(2), line(2, location_id="lille")]
    again = reserve(line(1, location_id="lille"), buyer_id="anna")
    again.allow_partial = True
    assert await refused(any_house.reservations.Reserve(again, metadata=COLLECT)) == REACHED


async def test_a_repeat_gets_the_first_answer_and_counts_once(any_house: House) -> None:
    await put(any_house, limit(2))
    asked = reserve(line(1), buyer_id="anna")
    answers = [await any_house.reservations.Reserve(asked, metadata=COLLECT) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert await left(any_house) == 1


async def test_a_limit_below_what_is_held_takes_nothing_and_gives_nothing(
    any_house: House,
) -> None:
    await put(any_house, limit(5))
    made = await held(any_house, line(4))
    await put(any_house, limit(2))

    assert await outcome(any_house) == REACHED
    await any_house.reservations.Renew(renew(made.reservation_id, 6000), metadata=COLLECT)
    await any_house.reservations.Commit(commit(made.reservation_id), metadata=COLLECT)
    assert await left(any_house) == 2


async def test_without_its_limit_an_article_is_anybodys_and_what_was_counted_still_is(
    any_house: House,
) -> None:
    await put(any_house, limit(2))
    made = await held(any_house, line(2))
    await put(any_house, limit(0))
    await held(any_house, line(9))
    await put(any_house, limit(3))
    assert await left(any_house) == 1
    await any_house.reservations.Release(release(made.reservation_id), metadata=COLLECT)
    assert await left(any_house) == 3


async def test_what_was_reserved_before_there_was_a_limit_ends_as_ever(any_house: House) -> None:
    made = [await held(any_house, line(2)) for _ in range(2)]
    await put(any_house, limit(2, days=30))
    ids = [each.reservation_id for each in made]
    await any_house.reservations.Release(release(ids[0]), metadata=COLLECT)
    await any_house.reservations.Commit(commit(ids[1]), metadata=COLLECT)
    assert await left(any_house) == 2


async def test_a_till_sells_whatever_the_limit_and_what_it_breaks_counts_no_more(
    any_house: House,
) -> None:
    await put(any_house, limit(3, days=30))
    made = await held(any_house, line(3))
    await any_house.stock.RecordSale(sale(line(18)), metadata=TILL)
    await mender(any_house).mend_all()

    get = pb.GetReservationRequest(reservation_id=made.reservation_id)
    shown = (await any_house.reservations.GetReservation(get, metadata=COLLECT)).reservation
    assert list(shown.broken_lines) == [line(1)]
    assert await outcome(any_house, line(1, location_id="lille")) == ""
    assert await outcome(any_house, line(1, location_id="lille")) == REACHED
    # What a picker had in hand all the same is bought.
    found = commit(made.reservation_id, found_line(3, 0))
    await any_house.reservations.Commit(found, metadata=COLLECT)
    key = TakenKey("LAMP", "collect", "anna")
    taken = await any_house.records.find(TAKEN, key)
    assert taken is not None and sum(taken.bought.values()) == 3


async def test_a_counter_is_forgotten_when_nothing_in_it_can_count(any_house: House) -> None:
    await put(any_house, limit(3))
    made = await held(any_house, line(2))
    key = TakenKey("LAMP", "collect", "anna")
    any_house.clock.now += timedelta(days=7)
    assert await any_house.records.find(TAKEN, key) is not None
    any_house.clock.now = made.expire_time.ToDatetime(UTC) + timedelta(days=9)
    assert await any_house.records.find(TAKEN, key) is None
    assert await left(any_house) == 3


async def test_over_a_stream_a_buyer_has_no_more_and_a_refusal_ends_nothing(
    any_house: House,
) -> None:
    await put(any_house, limit(2))
    sent = [
        pb.ReserveStreamRequest(reserve=reserve(line(1), buyer_id=buyer_id))
        for buyer_id in ("anna", "anna", "anna", "ben")
    ]
    call = any_house.reservations.ReserveStream(iter_of(sent), metadata=COLLECT)
    answers = [each async for each in call]
    assert sum(each.HasField("reservation") for each in answers) == 3
    [refusal] = [each.refusal for each in answers if each.HasField("refusal")]
    assert (refusal.code, refusal.reason) == tuple(REACHED.split())
    assert (refusal.metadata["sku"], refusal.metadata["held_quantity"]) == ("LAMP", "2")


async def test_a_buyer_is_no_text_of_any_kind(any_house: House) -> None:
    for buyer_id in ("a b", "a\nb", "x" * 65):
        assert await outcome(any_house, buyer_id=buyer_id) == "INVALID_ARGUMENT INVALID_BUYER"
