"""Sourcing through a real server."""

from datetime import UTC, timedelta
from typing import Any

import pytest
from comptoir.inventory.v1 import location_service_pb2 as location_pb
from comptoir.inventory.v1 import sourcing_service_pb2 as pb
from comptoir.inventory.v1 import sourcing_service_pb2_grpc as pb_grpc
from google.protobuf.duration_pb2 import Duration

from tests.inventory.asking import line, reserve, shop
from tests.inventory.house import ANNA, COLLECT, ERP, MARKET, House, refused
from tests.inventory.sourcing.conftest import sourcing_of

HOUR_S = 3600


def way(source: str = "", target: str = "", *, hours: int = 24, **fields: Any) -> pb.TransferRule:
    band = pb.DistanceBand(lead_duration=Duration(seconds=hours * HOUR_S), parcel_cost=500)
    return pb.TransferRule(
        source_location_id=source, target_location_id=target, **{"bands": [band], **fields}
    )


def put(*rules: pb.TransferRule) -> pb.PutTransferRulesRequest:
    return pb.PutTransferRulesRequest(rules=rules)


def ask(*skus: str, quantity: int = 1, **fields: Any) -> pb.SourceRequest:
    lines = [pb.SourcingLine(sku=sku, quantity=quantity) for sku in skus]
    return pb.SourceRequest(**{"pick_up_location_id": "lyon", "lines": lines, **fields})


def served(answer: pb.SourceResponse) -> dict[str, list[str]]:
    return {parcel.location_id: [x.sku for x in parcel.lines] for parcel in answer.parcels}


async def test_a_plan_says_who_serves_what_when_it_is_ready_and_what_it_costs(
    any_house: House, any_sourcing: "pb_grpc.SourcingServiceAsyncStub"
) -> None:
    await any_house.put_on_shelf("LAMP", 2)
    await any_house.put_on_shelf("CHAIR", 2, location_id="lille")
    rule = way("lille", cut_off_minutes=[14 * 60])  # 13:00 UTC in winter, an hour from now.
    await any_sourcing.PutTransferRules(put(rule), metadata=ERP)

    answer = await any_sourcing.Source(ask("LAMP", "CHAIR"), metadata=COLLECT)

    assert served(answer) == {"lyon": ["LAMP"], "lille": ["CHAIR"]}
    own, sent = answer.parcels
    now = any_house.clock.now
    assert not own.HasField("leave_time")
    assert own.ready_time.ToDatetime(UTC) == now
    assert sent.leave_time.ToDatetime(UTC) == now + timedelta(hours=1)
    assert sent.ready_time == answer.ready_time
    assert answer.ready_time.ToDatetime(UTC) == now + timedelta(hours=25)
    assert (answer.cost, answer.exact) == (500, True)
    assert (answer.considered_location_count, answer.left_out_location_count) == (2, 0)


async def test_all_of_it_is_ready_when_the_last_parcel_is_and_not_a_second_before(
    house: House, sourcing: "pb_grpc.SourcingServiceAsyncStub"
) -> None:
    house.clock.now += timedelta(milliseconds=750)
    await house.put_on_shelf("LAMP", 2)
    answer = await sourcing.Source(ask("LAMP"), metadata=COLLECT)
    assert answer.ready_time == answer.parcels[0].ready_time
    assert answer.ready_time.ToDatetime(UTC) == house.clock.now


async def test_a_plan_writes_nothing(
    house: House, sourcing: "pb_grpc.SourcingServiceAsyncStub"
) -> None:
    await house.put_on_shelf("LAMP", 2)
    before, head = await house.availability("LAMP"), await house.log.head()
    await sourcing.Source(ask("LAMP"), metadata=COLLECT)
    assert await house.availability("LAMP") == before
    assert await house.log.head() == head


async def test_what_is_held_serves_nobody_until_the_hold_has_lapsed(
    house: House, sourcing: "pb_grpc.SourcingServiceAsyncStub"
) -> None:
    await house.put_on_shelf("LAMP", 2)
    await house.reservations.Reserve(reserve(line(2), hold_s=600), metadata=MARKET)
    now = await sourcing.Source(ask("LAMP"), metadata=COLLECT)
    assert [each.total_quantity for each in now.unserved_lines] == [0]

    later = ask("LAMP")
    later.at_time.FromDatetime(house.clock.now + timedelta(hours=1))
    assert served(await sourcing.Source(later, metadata=COLLECT)) == {"lyon": ["LAMP"]}


async def test_distances_are_by_coordinates(
    house: House, sourcing: "pb_grpc.SourcingServiceAsyncStub"
) -> None:
    at = location_pb.Coordinates
    await house.import_locations(
        shop("lyon", coordinates=at(latitude=45.76, longitude=4.84)),
        shop("vienne", coordinates=at(latitude=45.53, longitude=4.87)),
        shop("lille", coordinates=at(latitude=50.63, longitude=3.06)),
    )
    await house.put_on_shelf("CHAIR", 2, location_id="vienne")
    await house.put_on_shelf("CHAIR", 2, location_id="lille")
    near = pb.DistanceBand(distance_max_m=50_000, lead_duration=Duration(seconds=HOUR_S))
    await sourcing.PutTransferRules(put(way(bands=[near])), metadata=ERP)

    answer = await sourcing.Source(ask("CHAIR"), metadata=COLLECT)

    assert served(answer) == {"vienne": ["CHAIR"]}
    assert 25_000 < answer.parcels[0].distance_m < 27_000
    rejected = {each.location_id: each.cause for each in answer.rejected_locations}
    assert rejected == {
        "lyon": pb.REJECTION_CAUSE_NO_LINE,
        "lille": pb.REJECTION_CAUSE_NO_TRANSFER,
    }


async def test_another_plan_is_told_with_what_decided_against_it(
    house: House, sourcing: "pb_grpc.SourcingServiceAsyncStub"
) -> None:
    await house.import_locations(shop("metz"))
    for at in ("lille", "metz"):
        await house.put_on_shelf("CHAIR", 2, location_id=at)
    await sourcing.PutTransferRules(put(way("lille"), way("metz", hours=48)), metadata=ERP)

    answer = await sourcing.Source(ask("CHAIR"), metadata=COLLECT)

    (other,) = answer.alternatives
    assert served(answer) == {"lille": ["CHAIR"]}
    assert list(other.location_ids) == ["metz"]
    assert (other.parcel_count, other.cost) == (1, 500)
    assert other.cause == pb.ALTERNATIVE_CAUSE_LATER
    assert other.ready_time.ToDatetime(UTC) == house.clock.now + timedelta(hours=48)


async def test_only_the_sources_asked_for_serve(
    house: House, sourcing: "pb_grpc.SourcingServiceAsyncStub"
) -> None:
    await house.import_locations(shop("metz"))
    for at in ("lille", "metz"):
        await house.put_on_shelf("CHAIR", 2, location_id=at)
    await sourcing.PutTransferRules(put(way("lille"), way("metz", hours=48)), metadata=ERP)
    answer = await sourcing.Source(ask("CHAIR", source_location_ids=["metz"]), metadata=COLLECT)
    assert served(answer) == {"metz": ["CHAIR"]}


async def test_what_the_pick_up_location_has_is_left_out_where_asked_for(
    house: House, sourcing: "pb_grpc.SourcingServiceAsyncStub"
) -> None:
    await house.put_on_shelf("LAMP", 2)
    await house.put_on_shelf("LAMP", 2, location_id="lille")
    await sourcing.PutTransferRules(put(way("lille")), metadata=ERP)
    asked = ask("LAMP", without_pick_up_location=True)
    assert served(await sourcing.Source(asked, metadata=COLLECT)) == {"lille": ["LAMP"]}


async def test_no_more_of_a_line_than_one_location_has(
    house: House, sourcing: "pb_grpc.SourcingServiceAsyncStub"
) -> None:
    await house.put_on_shelf("CHAIR", 2)
    await house.put_on_shelf("CHAIR", 3, location_id="lille")
    await sourcing.PutTransferRules(put(way("lille")), metadata=ERP)
    answer = await sourcing.Source(ask("CHAIR", quantity=4), metadata=COLLECT)
    (unserved,) = answer.unserved_lines
    assert (unserved.quantity, unserved.most_quantity, unserved.total_quantity) == (4, 3, 5)
    assert not answer.parcels and not answer.HasField("ready_time") and answer.exact


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (ask("LAMP", pick_up_location_id="nowhere"), "NOT_FOUND UNKNOWN_LOCATION"),
        (ask("LAMP", source_location_ids=["nowhere"]), "NOT_FOUND UNKNOWN_LOCATION"),
        (ask("LAMP", source_location_ids=["a", "a"]), "INVALID_ARGUMENT INVALID_LOCATION_IDS"),
        (ask(), "INVALID_ARGUMENT INVALID_LINES"),
        (ask("LAMP", quantity=0), "INVALID_ARGUMENT INVALID_LINES"),
        (ask("LAMP", at_time={"seconds": 1}), "INVALID_ARGUMENT INVALID_AT_TIME"),
        (ask("LAMP", at_time={"seconds": 1 << 62}), "INVALID_ARGUMENT INVALID_AT_TIME"),
    ],
)
async def test_a_question_that_breaks_a_rule_is_refused(
    sourcing: "pb_grpc.SourcingServiceAsyncStub", request_: pb.SourceRequest, reason: str
) -> None:
    assert await refused(sourcing.Source(request_, metadata=COLLECT)) == reason


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (way("nowhere"), "NOT_FOUND UNKNOWN_LOCATION"),
        (way("lyon", weekdays=[8]), "INVALID_ARGUMENT INVALID_TRANSFER_RULE"),
        (
            way("lyon", preparation_duration=Duration(nanos=-1)),
            "INVALID_ARGUMENT INVALID_TRANSFER_RULE",
        ),
    ],
)
async def test_a_rule_that_cannot_be_is_refused_and_with_it_all_others(
    sourcing: "pb_grpc.SourcingServiceAsyncStub", rule: pb.TransferRule, reason: str
) -> None:
    call = sourcing.PutTransferRules(put(way("lille"), rule), metadata=ERP)
    assert await refused(call) == reason
    listed = await sourcing.ListTransferRules(pb.ListTransferRulesRequest(), metadata=ERP)
    assert not listed.rules


async def test_rules_are_put_whole_listed_in_order_and_told_of_once(
    any_house: House, any_sourcing: "pb_grpc.SourcingServiceAsyncStub"
) -> None:
    given = put(way("lyon", "lille", cut_off_minutes=[600], weekdays=[1, 5]), way(), way("lille"))
    first = await any_sourcing.PutTransferRules(given, metadata=ERP)
    again = await any_sourcing.PutTransferRules(given, metadata=ERP)
    assert (first.written_count, again.written_count) == (3, 0)

    page = await any_sourcing.ListTransferRules(
        pb.ListTransferRulesRequest(page_size=2), metadata=ERP
    )
    rest = await any_sourcing.ListTransferRules(
        pb.ListTransferRulesRequest(page_token=page.next_page_token), metadata=ERP
    )
    ways = [(x.source_location_id, x.target_location_id) for x in (*page.rules, *rest.rules)]
    assert ways == [("", ""), ("lille", ""), ("lyon", "lille")]
    (last,) = rest.rules
    assert (list(last.cut_off_minutes), list(last.weekdays)) == ([600], [1, 5])
    assert (last.revision, last.actor) == (1, "erp")
    assert not rest.next_page_token


async def test_a_withdrawn_rule_serves_nobody(
    house: House, sourcing: "pb_grpc.SourcingServiceAsyncStub"
) -> None:
    await house.put_on_shelf("CHAIR", 2, location_id="lille")
    await sourcing.PutTransferRules(put(way("lille")), metadata=ERP)
    await sourcing.PutTransferRules(put(way("lille", withdrawn=True)), metadata=ERP)
    assert not (await sourcing.Source(ask("CHAIR"), metadata=COLLECT)).parcels


async def test_a_change_of_a_rule_is_told(
    house: House, sourcing: "pb_grpc.SourcingServiceAsyncStub"
) -> None:
    head = await house.log.head()
    await sourcing.PutTransferRules(put(way("lille", "lyon")), metadata=ERP)
    batch = await house.log.read(head.position, 10, frozenset({"transfer_rule_changed"}))
    (event,) = batch.events
    assert (event.key, event.revision) == ("lille lyon", 1)
    assert event.detail == {"source_location_id": "lille", "target_location_id": "lyon"}


async def test_one_plan_too_many_is_refused_until_another_ends(house: House) -> None:
    async with sourcing_of(house, plans_max=0) as sourcing:
        call = sourcing.Source(ask("LAMP"), metadata=COLLECT)
        assert await refused(call) == "RESOURCE_EXHAUSTED TOO_MANY_PLANS"
    async with sourcing_of(house, plans_max=1) as sourcing:
        for _ in range(2):
            assert not (await sourcing.Source(ask("LAMP"), metadata=COLLECT)).parcels
        for _ in range(2):
            call = sourcing.Source(ask(), metadata=COLLECT)
            assert await refused(call) == "INVALID_ARGUMENT INVALID_LINES"


async def test_customers_learn_nothing_of_costs_and_rules(
    sourcing: "pb_grpc.SourcingServiceAsyncStub",
) -> None:
    assert await refused(sourcing.Source(ask("A"), metadata=ANNA)) == (
        "PERMISSION_DENIED ACCESS_DENIED"
    )
