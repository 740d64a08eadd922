"""Callers who are not whom they say, may not do what they try, or never finish their sentence."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import aiohttp
import grpc
import jwt
import pytest
from comptoir.associate.v1 import client_service_pb2 as client_pb
from comptoir.associate.v1.client_service_pb2_grpc import ClientServiceStub
from comptoir.collect.v1.locker_service_pb2_grpc import LockerServiceStub
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.clock import utc_now
from chassis.key_records import WRAPPED_KEYS
from chassis.mongo_records import MongoRecords
from chassis.runtime import keyring_of
from chassis.tokens import Issuer
from clients.locker import wire
from clients.locker.cabinet import new_memory, now_ms
from tests.driver import connect
from tests.machines import Metadata, signed_in
from tests.people import Person, customer
from tests.serving import reason_of
from tests.suite import Stack

SALE = stock_pb.StockLine(location_id="paris-bastille", sku="PER-1802", quantity=1)
HALF_SENT_COUNT, SLOW_COUNT = 100, 20
HALF_A_HEAD = b"POST /v1/sessions HTTP/1.1\r\nHost: comptoir\r\nContent-Ty"
HALF_A_BODY = (
    b"POST /v1/sessions HTTP/1.1\r\nHost: comptoir\r\nContent-Type: application/json\r\n"
    b"Idempotency-Key: 0190163d-8694-739b-aea5-966c26f8ad91\r\nContent-Length: 500\r\n\r\n"
    b'{"email": "anna@exa'
)
BOUND_S = 60.0


@pytest.fixture(scope="module")
async def signing(stack: Stack) -> AsyncIterator[Issuer]:
    """The hand of `customer`, an hour ago."""
    key_file = stack.folder / "secrets" / "customer.key"
    async with connect(stack.panel["mongo_uri"], "comptoir_customer") as database:
        records = MongoRecords(database, [WRAPPED_KEYS])
        keyring = await keyring_of("customer", records, key_file)
        yield Issuer("customer", keyring, clock=lambda: utc_now() - timedelta(hours=1))


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


async def assert_unknown(http: aiohttp.ClientSession, credentials: str) -> None:
    async with http.get("/v1/orders", headers={"Authorization": credentials}) as response:
        problem = await response.json(content_type=None)
        assert (response.status, problem["reason"]) == (401, "UNAUTHENTICATED"), problem
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert problem["detail"]


@pytest.mark.parametrize(
    "credentials",
    ["Bearer", "Bearer ", "Bearer a.b.c", "Bearer " + "x" * 7_000, "Basic YTpi", "Bearer é"],
)
async def test_what_is_no_token_is_not_let_in(
    http: aiohttp.ClientSession, credentials: str
) -> None:
    await assert_unknown(http, credentials)


async def test_a_visitor_has_no_orders(http: aiohttp.ClientSession) -> None:
    answer = await Person(http).get("/v1/orders")
    assert (answer.status, answer.reason) == (401, "UNAUTHENTICATED")


async def test_a_token_that_has_expired_is_not_let_in(
    http: aiohttp.ClientSession, buyer: Person, signing: Issuer
) -> None:
    subject = claims_of(buyer.token)["sub"]
    await assert_unknown(http, f"Bearer {signing.sign(subject=subject, grants=['customer'])}")


@pytest.mark.parametrize("algorithm", ["EdDSA", "none", "HS256"])
async def test_a_token_signed_by_somebody_else_is_not_let_in(
    http: aiohttp.ClientSession, buyer: Person, algorithm: str
) -> None:
    keys = {"EdDSA": Ed25519PrivateKey.generate(), "none": None, "HS256": "x" * 32}
    forged = jwt.encode(
        claims_of(buyer.token),
        keys[algorithm],  # type: ignore[arg-type] # "none" takes no key
        algorithm=algorithm,
        headers=jwt.get_unverified_header(buyer.token) | {"alg": algorithm},
    )
    await assert_unknown(http, f"Bearer {forged}")


async def test_a_token_that_was_changed_is_not_let_in(
    http: aiohttp.ClientSession, buyer: Person
) -> None:
    head, _, signature = buyer.token.split(".")
    other = (await customer(http)).token.split(".")[1]
    await assert_unknown(http, f"Bearer {head}.{other}.{signature}")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/terminal/queue"),
        ("GET", "/v1/staff/me"),
        ("POST", "/v1/terminal/orders/no-order/hand-over"),
        ("POST", "/v1/terminal/enrolment-codes"),
    ],
)
async def test_a_customer_is_not_let_behind_the_counter(
    buyer: Person, method: str, path: str
) -> None:
    answer = await buyer.call(method, path, key=str(uuid4()))
    assert (answer.status, answer.reason) == (403, "ACCESS_DENIED")


async def test_a_customer_is_not_let_in_at_the_services_door_either(
    stack: Stack, buyer: Person
) -> None:
    assert (
        await reason_of_sale(stack, (("authorization", f"Bearer {buyer.token}"),))
        == "ACCESS_DENIED"
    )


async def test_a_client_without_the_scope_sells_nothing(stack: Stack) -> None:
    metadata = await signed_in(stack, "installer")
    assert await reason_of_sale(stack, metadata) == "ACCESS_DENIED"


async def test_a_client_with_a_wrong_secret_gets_no_token(stack: Stack) -> None:
    request = client_pb.IssueTokenRequest(client_id="till", secret="guessed")
    async with grpc.aio.insecure_channel(stack.address("associate")) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await ClientServiceStub(channel).IssueToken(request)
    assert reason_of(refusal.value) == "WRONG_CREDENTIALS"


async def test_a_cabinet_with_a_strangers_key_gets_no_token(stack: Stack) -> None:
    statement = wire.statement(new_memory("cab-bastille"), now_ms())
    async with grpc.aio.insecure_channel(stack.address("collect")) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await LockerServiceStub(channel).IssueCabinetToken(statement)
    assert refusal.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert reason_of(refusal.value) == "UNKNOWN_CABINET_KEY"


async def test_who_never_finishes_a_request_hinders_nobody(stack: Stack) -> None:
    async with (
        unfinished(stack, HALF_A_HEAD, HALF_SENT_COUNT) as begun,
        unfinished(stack, HALF_A_BODY, SLOW_COUNT) as slow,
        aiohttp.ClientSession(stack.url) as http,
    ):
        assert (await Person(http).get("/v1/products/PER-1802")).status == 200
        async with asyncio.timeout(BOUND_S):
            heads = await asyncio.gather(*(reader.readuntil(b"\r\n") for reader in slow))
            last = await asyncio.gather(*(reader.read() for reader in begun))
    assert set(last) == {b""}  # Hung up on, without an answer to what was no question.
    assert {head.split()[1] for head in heads} == {b"408"}


@asynccontextmanager
async def unfinished(
    stack: Stack, content: bytes, count: int
) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Connections that have sent so much, and no more."""
    port = stack.panel["ports"]["gateway"]
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]
    try:
        for _, writer in opened:
            writer.write(content)
            await writer.drain()
        yield [reader for reader, _ in opened]
    finally:
        for _, writer in opened:
            writer.close()


async def reason_of_sale(stack: Stack, metadata: Metadata) -> str:
    """Why whoever shows this may not sell."""
    request = stock_pb.RecordSaleRequest(request_id=str(uuid4()), lines=[SALE])
    async with grpc.aio.insecure_channel(stack.address("inventory")) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await StockServiceStub(channel).RecordSale(request, metadata=metadata)
    return reason_of(refusal.value)
