"""Calls about one partition go to one replica while that answers, and elsewhere while not."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import grpc
import pytest

from chassis.client import channel
from chassis.partitions import KEY, PARTITIONS_COUNT, UNLOCKED_BY, near, partition_of
from tests.chassis.replicated import CALL_S, METHOD, SHOPS, STREAM, Replica, asked, called, homes
from tests.waiting import until

DEAF_S = 3.0


@pytest.mark.parametrize(
    ("place", "partition"),
    [("paris-bastille", 6), ("lyon", 15), ("Müller", 5), ("", 0), ("123456789", 6)],
)
def test_a_places_partition_is_the_same_in_every_release(place: str, partition: int) -> None:
    assert partition_of(place) == partition


def test_every_partition_has_places() -> None:
    assert {partition_of(f"l-{number}") for number in range(1000)} == set(range(PARTITIONS_COUNT))


async def test_a_partition_is_at_home_at_one_replica_for_every_caller(
    replicas: Sequence[Replica], near_channel: grpc.aio.Channel
) -> None:
    first, again = await homes(near_channel), await homes(near_channel)
    # The order in which names are resolved is nobody's to rely on.
    async with called(*(replica.address for replica in reversed(replicas))) as other:
        others = await homes(other)

    assert first == again == others
    of_partition = {partition_of(shop): home for shop, home in first.items()}
    assert all(first[shop] == of_partition[partition_of(shop)] for shop in SHOPS)
    assert len(set(first.values())) > 1


async def test_a_call_about_no_place_goes_anywhere(
    replicas: Sequence[Replica], near_channel: grpc.aio.Channel
) -> None:
    method: Any = near_channel.unary_unary(METHOD)
    answered = {bytes(await method(b"", timeout=CALL_S)).decode() for _ in range(200)}

    assert len(answered) > 1
    assert not any(KEY in metadata for replica in replicas for metadata in replica.asked)


async def test_a_channel_without_affinity_says_no_partition(replicas: Sequence[Replica]) -> None:
    async with channel(replicas[0].address) as plain:
        await asked(plain, SHOPS[0])

    assert KEY not in replicas[0].asked[0]


async def test_a_stream_is_where_its_place_is_at_home(near_channel: grpc.aio.Channel) -> None:
    at_home = await homes(near_channel)
    method: Any = near_channel.stream_stream(STREAM)
    answers = {}
    for shop in SHOPS[:8]:
        with near(shop):
            stream = method(iter([b"", b""]), timeout=CALL_S)
        answers[shop] = {answer.decode() async for answer in stream}

    assert answers == {shop: {at_home[shop]} for shop in answers}


async def test_a_partition_moves_when_its_replica_goes_and_back_when_it_is_back(
    replicas: Sequence[Replica], near_channel: grpc.aio.Channel
) -> None:
    before = await homes(near_channel)
    gone = next(replica for replica in replicas if replica.address == before[SHOPS[0]])

    await gone.end()
    meanwhile = await homes(near_channel)
    await gone.begin()

    assert {shop: home for shop, home in meanwhile.items() if before[shop] != gone.address} == {
        shop: home for shop, home in before.items() if home != gone.address
    }
    assert gone.address not in meanwhile.values()

    async def are_home() -> bool:
        return await homes(near_channel) == before

    await until(are_home)


async def test_a_call_outlives_a_replica_that_takes_connections_and_says_nothing(
    replicas: Sequence[Replica],
) -> None:
    """As one that stands still does. Until the keepalive gives it up would be 4 s, each time."""
    with deaf() as address:
        async with called(address, replicas[0].address) as opened:
            answered = await asyncio.gather(*(asked(opened, shop, DEAF_S) for shop in SHOPS))

    assert set(answered) == {replicas[0].address}


async def test_an_environment_that_forbids_it_is_not_asked(
    replicas: Sequence[Replica], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(UNLOCKED_BY, "false")
    async with called(*(replica.address for replica in replicas)) as opened:
        assert await homes(opened)


@contextmanager
def deaf() -> Iterator[str]:
    """An address whose connections nobody reads of."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"
