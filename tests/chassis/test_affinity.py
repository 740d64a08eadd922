"""Calls about one partition go to one replica while that answers, and elsewhere while not."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest

from chassis.client import RemoteError, channel
from chassis.errors import AppError, Kind
from chassis.interceptors import Context, error_interceptor
from chassis.partitions import KEY, PARTITIONS_COUNT, UNLOCKED_BY, near, partition_of
from tests.waiting import until

METHOD, STREAM = "/t.T/unary", "/t.T/stream"
REPLICAS_COUNT = 3
SHOPS = [f"shop-{number}" for number in range(64)]
CALL_S, DEAF_S = 10.0, 3.0


class AwayError(AppError):
    kind, reason = Kind.UNAVAILABLE, "DATABASE_UNAVAILABLE"


class FullError(AppError):
    kind, reason = Kind.RESOURCE_EXHAUSTED, "TOO_MANY_WRITES"


@dataclass(slots=True, kw_only=True)
class Replica:
    """Answers with its address; `failing` with an error of its own, `aborting` with a status
    that says no more than gRPC's own do."""

    port: int = 0
    failing: type[AppError] | None = None
    aborting: grpc.StatusCode | None = None
    asked: list[dict[str, str | bytes]] = field(default_factory=list)
    server: grpc.aio.Server | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def begin(self) -> None:
        self.server = grpc.aio.server(interceptors=[error_interceptor("far.comptoir")])
        methods: dict[str, Any] = {
            "unary": grpc.unary_unary_rpc_method_handler(self._answer),
            "stream": grpc.stream_stream_rpc_method_handler(self._stream),
        }
        handler = grpc.method_handlers_generic_handler("t.T", methods)
        self.server.add_generic_rpc_handlers((handler,))
        self.port = self.server.add_insecure_port(self.address)
        await self.server.start()

    async def end(self) -> None:
        if self.server is not None:
            await self.server.stop(None)
            self.server = None

    async def _answer(self, _word: bytes, context: Context) -> bytes:
        self.asked.append(dict(context.invocation_metadata() or ()))
        if self.failing is not None:
            raise self.failing("not now")
        if self.aborting is not None:
            await context.abort(self.aborting)
        return self.address.encode()

    async def _stream(
        self, requests: AsyncIterator[bytes], _context: Context
    ) -> AsyncIterator[bytes]:
        async for _word in requests:
            yield self.address.encode()


@pytest.fixture
async def replicas() -> AsyncIterator[Sequence[Replica]]:
    made = [Replica() for _ in range(REPLICAS_COUNT)]
    for replica in made:
        await replica.begin()
    yield made
    for replica in made:
        await replica.end()


@asynccontextmanager
async def called(*addresses: str) -> AsyncIterator[grpc.aio.Channel]:
    async with channel(f"ipv4:///{','.join(addresses)}", affinity=True) as opened:
        yield opened


@pytest.fixture
async def opened(replicas: Sequence[Replica]) -> AsyncIterator[grpc.aio.Channel]:
    async with called(*(replica.address for replica in replicas)) as made:
        yield made


async def asked(opened: grpc.aio.Channel, shop: str, timeout_s: float = CALL_S) -> str:
    """Who answers about a shop."""
    method: Any = opened.unary_unary(METHOD)
    with near(shop):
        answer: bytes = await method(b"", timeout=timeout_s)
    return answer.decode()


async def homes(opened: grpc.aio.Channel) -> dict[str, str]:
    return {shop: await asked(opened, shop) for shop in SHOPS}


@pytest.mark.parametrize(
    ("place", "partition"),
    [("paris-bastille", 6), ("lyon", 15), ("Müller", 5), ("", 0), ("123456789", 6)],
)
def test_a_places_partition_is_the_same_in_every_release(place: str, partition: int) -> None:
    assert partition_of(place) == partition


def test_every_partition_has_places() -> None:
    assert {partition_of(f"l-{number}") for number in range(1000)} == set(range(PARTITIONS_COUNT))


async def test_a_partition_is_at_home_at_one_replica_for_every_caller(
    replicas: Sequence[Replica], opened: grpc.aio.Channel
) -> None:
    first, again = await homes(opened), await homes(opened)
    # The order in which names are resolved is nobody's to rely on.
    async with called(*(replica.address for replica in reversed(replicas))) as other:
        others = await homes(other)

    assert first == again == others
    of_partition = {partition_of(shop): home for shop, home in first.items()}
    assert all(first[shop] == of_partition[partition_of(shop)] for shop in SHOPS)
    assert len(set(first.values())) > 1


async def test_a_call_about_no_place_goes_anywhere(
    replicas: Sequence[Replica], opened: grpc.aio.Channel
) -> None:
    method: Any = opened.unary_unary(METHOD)
    answered = {bytes(await method(b"", timeout=CALL_S)).decode() for _ in range(200)}

    assert len(answered) > 1
    assert not any(KEY in metadata for replica in replicas for metadata in replica.asked)


async def test_a_channel_without_affinity_says_no_partition(replicas: Sequence[Replica]) -> None:
    async with channel(replicas[0].address) as plain:
        await asked(plain, SHOPS[0])

    assert KEY not in replicas[0].asked[0]


async def test_a_stream_is_where_its_place_is_at_home(opened: grpc.aio.Channel) -> None:
    at_home = await homes(opened)
    method: Any = opened.stream_stream(STREAM)
    answers = {}
    for shop in SHOPS[:8]:
        with near(shop):
            stream = method(iter([b"", b""]), timeout=CALL_S)
        answers[shop] = {answer.decode() async for answer in stream}

    assert answers == {shop: {at_home[shop]} for shop in answers}


async def test_a_partition_moves_when_its_replica_goes_and_back_when_it_is_back(
    replicas: Sequence[Replica], opened: grpc.aio.Channel
) -> None:
    before = await homes(opened)
    gone = next(replica for replica in replicas if replica.address == before[SHOPS[0]])

    await gone.end()
    meanwhile = await homes(opened)
    await gone.begin()

    assert {shop: home for shop, home in meanwhile.items() if before[shop] != gone.address} == {
        shop: home for shop, home in before.items() if home != gone.address
    }
    assert gone.address not in meanwhile.values()

    async def are_home() -> bool:
        return await homes(opened) == before

    await until(are_home)


async def test_a_call_outlives_a_replica_that_takes_connections_and_says_nothing(
    replicas: Sequence[Replica],
) -> None:
    """As one that stands still does. Until the keepalive gives it up would be 4 s, each time."""
    with deaf() as address:
        async with called(address, replicas[0].address) as opened:
            answered = await asyncio.gather(*(asked(opened, shop, DEAF_S) for shop in SHOPS))

    assert set(answered) == {replicas[0].address}


async def test_who_answers_and_cannot_is_left_for_another(
    replicas: Sequence[Replica], opened: grpc.aio.Channel
) -> None:
    before = await homes(opened)
    ill = next(replica for replica in replicas if replica.address == before[SHOPS[0]])
    ill.failing = AwayError

    async def is_answered() -> bool:
        # Chance may lead to the same replica three times.
        try:
            return await asked(opened, SHOPS[0]) != ill.address
        except RemoteError as error:
            assert error.reason == AwayError.reason
            return False

    await until(is_answered)
    ill.failing = None
    assert await homes(opened) == before


async def test_who_answers_that_he_cannot_is_asked_once_as_the_right_one(
    replicas: Sequence[Replica], opened: grpc.aio.Channel
) -> None:
    """Each time may take it a second, which the others would lack."""
    for replica in replicas:
        replica.failing = AwayError

    with pytest.raises(RemoteError) as failed:
        await asked(opened, SHOPS[0])

    assert failed.value.reason == AwayError.reason
    assert sum(KEY in metadata for replica in replicas for metadata in replica.asked) == 1


async def ill_at_home(
    replicas: Sequence[Replica], opened: grpc.aio.Channel
) -> tuple[Replica, list[Replica]]:
    """Who cannot answer about SHOPS[0] and should, and the others."""
    at_home = await homes(opened)  # Where no partition is said, only who is connected is chosen.
    ill = next(replica for replica in replicas if replica.address == at_home[SHOPS[0]])
    ill.failing = AwayError
    for replica in replicas:
        replica.asked.clear()
    return ill, [replica for replica in replicas if replica is not ill]


@pytest.mark.parametrize("status", ["UNAVAILABLE", "DEADLINE_EXCEEDED"])
async def test_what_nobody_says_elsewhere_does_not_hide_what_was_said_at_home(
    replicas: Sequence[Replica], opened: grpc.aio.Channel, status: str
) -> None:
    _ill, others = await ill_at_home(replicas, opened)
    for other in others:
        other.aborting = grpc.StatusCode[status]

    for _ in range(5):
        with pytest.raises(RemoteError) as failed:
            await asked(opened, SHOPS[0])
        assert failed.value.reason == AwayError.reason
    assert sum(len(other.asked) for other in others) > 0


async def test_what_another_says_counts(
    replicas: Sequence[Replica], opened: grpc.aio.Channel
) -> None:
    _ill, others = await ill_at_home(replicas, opened)
    for other in others:
        other.failing = FullError

    async def is_refused() -> bool:
        # Chance may lead to the same replica three times.
        with pytest.raises(RemoteError) as failed:
            await asked(opened, SHOPS[0])
        return failed.value.reason == FullError.reason

    await until(is_refused)


async def test_where_hardly_any_time_is_left_nobody_else_is_asked(
    replicas: Sequence[Replica], opened: grpc.aio.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ill, others = await ill_at_home(replicas, opened)
    monkeypatch.setattr("chassis.client.ELSEWHERE_S_MIN", 2 * CALL_S)

    with pytest.raises(RemoteError) as failed:
        await asked(opened, SHOPS[0])

    assert failed.value.reason == AwayError.reason
    assert not any(other.asked for other in others)


async def test_whoever_says_no_is_not_gone_round(
    replicas: Sequence[Replica], opened: grpc.aio.Channel
) -> None:
    for replica in replicas:
        replica.failing = FullError

    with pytest.raises(RemoteError) as refused:
        await asked(opened, SHOPS[0])

    assert refused.value.reason == FullError.reason
    assert sum(len(replica.asked) for replica in replicas) == 1


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
