"""A call is repeated under its id where that may help, and says why where it may not."""

import time
from typing import Any
from uuid import UUID

import grpc
import pytest
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo

from comptoir_client import CallError, Session, call, new_request_id, request_id_of
from tests.clients.behaving import STOCK, SignedIn, channel_to, refuse
from tests.clients.shop import Shop

SALE = pb.RecordSaleRequest(request_id="one")


class Stock:
    """Refuses as told, one refusal a call; then answers."""

    def __init__(self, *refusals: tuple[Any, ...]) -> None:
        self.refusals = list(refusals)
        self.taken = list[str]()

    async def record(self, request: pb.RecordSaleRequest, context: Any) -> pb.RecordSaleResponse:
        self.taken.append(request.request_id)
        if self.refusals:
            await refuse(context, *self.refusals.pop(0))
        return pb.RecordSaleResponse()

    async def told(self, session: Session, *, tries_max: int = 3) -> None:
        async with channel_to(STOCK, RecordSale=self.record) as channel:
            await call(StockServiceStub(channel).RecordSale, SALE, session, tries_max=tries_max)


async def test_what_may_have_happened_is_said_again_under_its_id() -> None:
    stock = Stock(*2 * [(grpc.StatusCode.DEADLINE_EXCEEDED, "DATABASE_TIMEOUT")])
    await stock.told(SignedIn())

    assert stock.taken == ["one"] * 3


async def test_it_is_said_so_many_times_and_no_more() -> None:
    stock = Stock(*4 * [(grpc.StatusCode.DEADLINE_EXCEEDED, "DATABASE_TIMEOUT")])
    with pytest.raises(CallError, match="DATABASE_TIMEOUT"):
        await stock.told(SignedIn())

    assert stock.taken == ["one"] * 3


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    ],
)
async def test_a_no_is_told_at_once(code: grpc.StatusCode) -> None:
    stock = Stock((code, "SO_IT_IS"))
    with pytest.raises(CallError) as refused:
        await stock.told(SignedIn())

    assert (refused.value.code, refused.value.reason) == (code, "SO_IT_IS")
    assert stock.taken == ["one"]


async def test_a_limit_that_says_when_is_waited_for() -> None:
    soon = RetryInfo(retry_delay=Duration(nanos=50_000_000))
    stock = Stock((grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_CALLS", soon))
    began_s = time.monotonic()
    await stock.told(SignedIn())

    assert stock.taken == ["one"] * 2
    assert time.monotonic() - began_s >= 0.05


async def test_a_limit_of_an_hour_is_told_with_its_time() -> None:
    late = RetryInfo(retry_delay=Duration(seconds=3600))
    stock = Stock((grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_CALLS", late))
    with pytest.raises(CallError) as refused:
        await stock.told(SignedIn())

    assert refused.value.retry_after_s == 3600


async def test_a_refused_token_is_renewed_once() -> None:
    unauthenticated = (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED")
    session, stock = SignedIn(), Stock(unauthenticated)
    await stock.told(session)
    assert session.forgotten_count == 1

    with pytest.raises(CallError, match="UNAUTHENTICATED"):
        await Stock(unauthenticated, unauthenticated).told(session)


async def test_a_token_that_ended_while_nobody_was_there_is_renewed() -> None:
    """A laptop that slept believes its token younger than it is."""
    session = SignedIn()
    away, ended = grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAUTHENTICATED
    await Stock((away, "DATABASE_TIMEOUT"), (ended, "UNAUTHENTICATED")).told(session)

    assert session.forgotten_count == 1


async def test_an_error_has_all_that_the_service_said(house: Shop) -> None:
    async with (
        house.access.channel("associate") as associate,
        house.access.channel("inventory") as channel,
    ):
        session = Session(house.credentials, associate)
        line = pb.StockLine(location_id="nowhere", sku="LAMP", quantity=1)
        request = pb.RecordSaleRequest(request_id=new_request_id(), lines=[line])
        with pytest.raises(CallError) as unknown:
            await call(StockServiceStub(channel).RecordSale, request, session)
        del request.lines[:]
        with pytest.raises(CallError) as empty:
            await call(StockServiceStub(channel).RecordSale, request, session)

    assert (unknown.value.reason, unknown.value.domain) == ("UNKNOWN_LOCATION", "shop.comptoir")
    assert "nowhere" in unknown.value.metadata.values()
    assert [violation.field for violation in empty.value.violations] == ["lines"]


def test_new_ids_are_of_version_7_and_sort_as_they_were_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = list[str]()
    for second in range(3):
        monkeypatch.setattr("time.time_ns", lambda now=second: now * 10**9)
        ids.append(new_request_id())

    assert [UUID(made).version for made in ids] == [7, 7, 7]
    assert [UUID(made).variant for made in ids] == ["specified in RFC 4122"] * 3
    assert [UUID(made).int >> 80 for made in ids] == [0, 1000, 2000]
    assert len({new_request_id() for _ in range(100)}) == 100


def test_an_id_of_names_is_the_same_for_the_same_names_alone() -> None:
    assert request_id_of("lyon", "R-1") == request_id_of("lyon", "R-1")
    assert request_id_of("lyon", "R-1") != request_id_of("lyonR", "-1")
