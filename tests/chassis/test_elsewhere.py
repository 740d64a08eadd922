"""Who answers about a partition and cannot is left for another, within what time there is."""

from collections.abc import Sequence

import grpc
import pytest

from chassis.client import RemoteError
from chassis.partitions import KEY
from tests.chassis.replicated import CALL_S, SHOPS, AwayError, FullError, Replica, asked, homes
from tests.waiting import until


async def test_who_answers_and_cannot_is_left_for_another(
    replicas: Sequence[Replica], near_channel: grpc.aio.Channel
) -> None:
    before = await homes(near_channel)
    ill = next(replica for replica in replicas if replica.address == before[SHOPS[0]])
    ill.failing = AwayError

    async def is_answered() -> bool:
        # Chance may lead to the same replica three times.
        try:
            return await asked(near_channel, SHOPS[0]) != ill.address
        except RemoteError as error:
            assert error.reason == AwayError.reason
            return False

    await until(is_answered)
    ill.failing = None
    assert await homes(near_channel) == before


async def test_who_answers_that_he_cannot_is_asked_once_as_the_right_one(
    replicas: Sequence[Replica], near_channel: grpc.aio.Channel
) -> None:
    """Each time may take it a second, which the others would lack."""
    for replica in replicas:
        replica.failing = AwayError

    with pytest.raises(RemoteError) as failed:
        await asked(near_channel, SHOPS[0])

    assert failed.value.reason == AwayError.reason
    assert sum(KEY in metadata for replica in replicas for metadata in replica.asked) == 1


async def ill_at_home(
    replicas: Sequence[Replica], near_channel: grpc.aio.Channel
) -> tuple[Replica, list[Replica]]:
    """Who cannot answer about SHOPS[0] and should, and the others."""
    # Where no partition is said, only who is connected is chosen.
    at_home = await homes(near_channel)
    ill = next(replica for replica in replicas if replica.address == at_home[SHOPS[0]])
    ill.failing = AwayError
    for replica in replicas:
        replica.asked.clear()
    return ill, [replica for replica in replicas if replica is not ill]


@pytest.mark.parametrize("status", ["UNAVAILABLE", "DEADLINE_EXCEEDED"])
async def test_what_nobody_says_elsewhere_does_not_hide_what_was_said_at_home(
    replicas: Sequence[Replica], near_channel: grpc.aio.Channel, status: str
) -> None:
    _ill, others = await ill_at_home(replicas, near_channel)
    for other in others:
        other.aborting = grpc.StatusCode[status]

    for _ in range(5):
        with pytest.raises(RemoteError) as failed:
            await asked(near_channel, SHOPS[0])
        assert failed.value.reason == AwayError.reason
    assert sum(len(other.asked) for other in others) > 0


async def test_what_another_says_counts(
    replicas: Sequence[Replica], near_channel: grpc.aio.Channel
) -> None:
    _ill, others = await ill_at_home(replicas, near_channel)
    for other in others:
        other.failing = FullError

    async def is_refused() -> bool:
        # Chance may lead to the same replica three times.
        with pytest.raises(RemoteError) as failed:
            await asked(near_channel, SHOPS[0])
        return failed.value.reason == FullError.reason

    await until(is_refused)


async def test_where_hardly_any_time_is_left_nobody_else_is_asked(
    replicas: Sequence[Replica], near_channel: grpc.aio.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ill, others = await ill_at_home(replicas, near_channel)
    monkeypatch.setattr("chassis.client.ELSEWHERE_S_MIN", 2 * CALL_S)

    with pytest.raises(RemoteError) as failed:
        await asked(near_channel, SHOPS[0])

    assert failed.value.reason == AwayError.reason
    assert not any(other.asked for other in others)


async def test_whoever_says_no_is_not_gone_round(
    replicas: Sequence[Replica], near_channel: grpc.aio.Channel
) -> None:
    for replica in replicas:
        replica.failing = FullError

    with pytest.raises(RemoteError) as refused:
        await asked(near_channel, SHOPS[0])

    assert refused.value.reason == FullError.reason
    assert sum(len(replica.asked) for replica in replicas) == 1
