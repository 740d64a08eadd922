"""Those who ask about stock ask what the service takes, and the baseline reads as many rows."""

import random
from datetime import UTC, datetime

from comptoir.inventory.v1 import sourcing_service_pb2 as sourcing_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from benchmarks.askers import availability_requests, source_requests
from benchmarks.availability import LINES_COUNT, ROWS_A_CALL, SOURCES_COUNT, rules, shop
from benchmarks.bare.finds import places_by_chance
from services.inventory.location.domain import check_location
from services.inventory.location.messages import location_from_pb
from services.inventory.sourcing.domain import check_rules
from services.inventory.sourcing.messages import rule_from_pb, wanted_from_pb
from services.inventory.sourcing.planning import check_wanted
from services.inventory.sourcing.reaching import PAIRS_MAX
from services.inventory.stock.domain import check_pairs
from services.inventory.stock.messages import asked_from_pb

SHOPS = ["shop-1", "shop-2"]


def test_a_question_is_for_a_hundred_articles_at_one_location() -> None:
    made = availability_requests(SHOPS, skus_count=1000, rows_count=ROWS_A_CALL)
    request = stock_pb.BatchGetAvailabilityRequest.FromString(made())
    check_pairs(request.skus, request.location_ids)
    assert (len(request.skus), len(request.location_ids)) == (ROWS_A_CALL, 1)
    assert asked_from_pb(request, datetime(2026, 1, 2, tzinfo=UTC)).at is None


def test_a_plan_is_of_every_article_at_as_many_locations_as_are_looked_at() -> None:
    made = source_requests(SHOPS, skus_count=LINES_COUNT, rows_count=0)
    request = sourcing_pb.SourceRequest.FromString(made())
    check_wanted([wanted_from_pb(line) for line in request.lines])
    assert len(request.lines) * SOURCES_COUNT == PAIRS_MAX


def test_shops_and_rules_are_such_as_are_taken() -> None:
    check_location(location_from_pb(shop("bench-source-001", random.Random(1))))
    check_rules([rule_from_pb(rule, actor="importer") for rule in rules().rules])


def test_the_baseline_reads_as_many_rows_each_once() -> None:
    chance = random.Random(1)
    some = places_by_chance(chance, SHOPS, 1000, ROWS_A_CALL)
    everywhere = places_by_chance(chance, SHOPS, 5, 10)
    assert (len(set(some)), len({at for at, _ in some})) == (ROWS_A_CALL, 1)
    assert len(set(everywhere)) == 10
