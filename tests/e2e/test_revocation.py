"""Who has signed out, or was taken away, hears nothing more, on streams opened before either."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import aiohttp
import grpc
import jwt
import pytest
from comptoir.associate.v1 import client_service_pb2 as client_pb
from comptoir.associate.v1 import terminal_service_pb2 as terminal_pb
from comptoir.associate.v1.client_service_pb2_grpc import ClientServiceStub
from comptoir.associate.v1.terminal_service_pb2_grpc import TerminalServiceStub
from comptoir.collect.v1 import order_service_pb2 as pb
from comptoir.collect.v1.order_service_pb2_grpc import OrderServiceStub
from comptoir.type.v1 import event_service_pb2 as event_pb
from comptoir.type.v1.event_service_pb2_grpc import EventServiceStub

from deploy.local.demo import clients as demo_clients
from deploy.local.demo.sending import sign_in
from tests.machines import enrolment_code, signed_in
from tests.people import Person, associate
from tests.shopping import BOUND_S, DRILL, SHOP, ordered
from tests.suite import Stack
from tests.waiting import until


async def test_a_watch_ends_when_its_customer_signs_out(
    stack: Stack, buyer: Person, seller: Person
) -> None:
    order_id = (await ordered(buyer, [{"sku": DRILL, "quantity": 1}]))["order_id"]
    metadata = (("authorization", f"Bearer {buyer.token}"),)
    async with grpc.aio.insecure_channel(stack.address("collect")) as collect:
        request = pb.WatchOrderRequest(order_id=order_id)
        watch = aiter(OrderServiceStub(collect).WatchOrder(request, metadata=metadata))
        assert (await anext(watch)).order.order_id == order_id

        assert (await buyer.delete("/v1/sessions/current")).status == 204
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            async with asyncio.timeout(BOUND_S):
                async for _ in watch:
                    pass
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED

    # Nobody but the shop can give the drill back now.
    cancelled = await seller.post(
        f"/v1/terminal/orders/{order_id}/cancel", {"cause": "the test is over"}
    )
    assert cancelled.status == 200


@pytest.fixture
async def office(stack: Stack) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(stack.address("associate")) as channel:
        yield channel


async def test_a_client_that_is_taken_away_is_let_in_nowhere_nor_served_any_more(
    stack: Stack, office: grpc.aio.Channel
) -> None:
    clients, maker = ClientServiceStub(office), await signed_in(stack, "bootstrap")
    client_id = f"leaving-{uuid4()}"
    put = client_pb.PutClientRequest(
        request_id=str(uuid4()), client_id=client_id, scopes=["events.read"]
    )
    secret = (await clients.PutClient(put, metadata=maker)).secret
    asked = client_pb.IssueTokenRequest(client_id=client_id, secret=secret)
    token = (await clients.IssueToken(asked)).access_token
    metadata = (("authorization", f"Bearer {token}"),)

    async with grpc.aio.insecure_channel(stack.address("inventory")) as inventory:
        watch = EventServiceStub(inventory).WatchEvents(
            event_pb.WatchEventsRequest(), metadata=metadata
        )
        assert await watch.read() is not grpc.aio.EOF
        revoke = client_pb.RevokeClientRequest(
            request_id=str(uuid4()), client_id=client_id, cause="the test is over"
        )
        assert (await clients.RevokeClient(revoke, metadata=maker)).client.revoked
        # Read to its end: a stream that nobody reads waits with its next answer, not for it.
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            async with asyncio.timeout(BOUND_S):
                while await watch.read() is not grpc.aio.EOF:
                    pass
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED

    with pytest.raises(grpc.aio.AioRpcError, match="client id or secret are wrong"):
        await clients.IssueToken(asked)


async def test_a_client_of_the_demo_that_was_taken_away_is_let_in_at_each_later_start(
    stack: Stack, office: grpc.aio.Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_id = f"demo-{uuid4()}"
    (tmp_path / "bootstrap.secret").write_text(stack.panel["clients"]["bootstrap"])
    monkeypatch.setattr(demo_clients, "CLIENTS", {client_id: ("stock.read",)})
    first, again = [await demo_clients.put_clients(tmp_path, office) for _ in range(2)]
    assert first == again

    revoke = client_pb.RevokeClientRequest(
        request_id=str(uuid4()), client_id=client_id, cause="the test is over"
    )
    maker = await signed_in(stack, "bootstrap")
    await ClientServiceStub(office).RevokeClient(revoke, metadata=maker)
    # More starts than wrong guesses are let pass.
    later = [await demo_clients.put_clients(tmp_path, office) for _ in range(8)]

    assert later[0][client_id] != first[client_id]
    assert all(each == later[0] for each in later)
    assert (await sign_in(office, client_id, later[0][client_id])).token


async def test_whoever_is_signed_in_on_a_terminal_that_is_taken_away_is_signed_out(
    stack: Stack, office: grpc.aio.Channel, http: aiohttp.ClientSession
) -> None:
    member, code = stack.accounts["staff"][0], await enrolment_code(stack, SHOP)
    person = await associate(http, code=code, badge=member["badge"], pin=member["pin"])
    assert (await person.get("/v1/staff/me")).status == 200
    terminal_id = jwt.decode(person.token, options={"verify_signature": False})["terminal"]

    revoke = terminal_pb.RevokeTerminalRequest(
        request_id=str(uuid4()), terminal_id=terminal_id, cause="the test is over"
    )
    metadata = await signed_in(stack, "installer")
    await TerminalServiceStub(office).RevokeTerminal(revoke, metadata=metadata)

    async def is_signed_out() -> bool:
        return (await person.get("/v1/staff/me")).status == 401

    await until(is_signed_out, timeout_s=BOUND_S)
