"""Two replicas share what callers ask for, or their ratio to one would say nothing."""

from benchmarks.replicas import SKUS_A_SHOP, shops_of_all_partitions
from benchmarks.reservers import Load, requests, shares
from chassis.partitions import PARTITIONS_COUNT, partition_of

LOAD = Load(callers_count=1, lines_count=2, skus_count=SKUS_A_SHOP, seconds=1.0)


def test_there_is_a_shop_in_each_partition_and_ten_thousand_rows_in_all() -> None:
    shops = shops_of_all_partitions()

    assert [partition_of(shop) for shop in shops] == list(range(PARTITIONS_COUNT))
    assert 10_000 <= len(shops) * SKUS_A_SHOP < 10_100


def test_a_caller_with_affinity_keeps_to_a_shop_and_one_without_does_not() -> None:
    told = {"location_ids": ["here", "there"]}

    assert shares({**told, "affinity": True}) == [["here"], ["there"]]
    assert shares({**told, "affinity": False}) == shares(told) == [["here", "there"]]


def test_a_reservation_is_of_one_shop() -> None:
    next_request = requests(["here", "there"], LOAD)
    asked = [{line.location_id for line in next_request().lines} for _ in range(100)]

    assert all(len(locations) == 1 for locations in asked)
    assert set.union(*asked) == {"here", "there"}
