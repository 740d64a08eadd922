"""Other teams' programs on the running suite, by the client package that they are given."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import grpc
import pytest
from comptoir.associate.v1 import client_service_pb2 as client_pb
from comptoir.associate.v1.client_service_pb2_grpc import ClientServiceStub

from comptoir_client import Credentials, Session, call, open_channel
from deploy.local.suite import BOOTSTRAP_CLIENT
from tests.promises.follower import Follower
from tests.promises.programs import Keeper, Seller
from tests.suite import Stack

SCOPES = ("stock.reserve", "sale.write", "stock.read", "inventory.write")
Channels = dict[str, grpc.aio.Channel]


@pytest.fixture
async def channels(stack: Stack) -> AsyncIterator[Channels]:
    async with AsyncExitStack() as opened:
        found = {name: open_channel(stack.address(name)) for name in ("inventory", "associate")}
        for channel in found.values():
            opened.push_async_callback(channel.close)
        yield found


@pytest.fixture
async def bootstrap(stack: Stack, channels: Channels) -> Session:
    """Who makes clients."""
    file = stack.folder / "secrets" / f"{BOOTSTRAP_CLIENT}.secret"
    return Session(Credentials(BOOTSTRAP_CLIENT, file.read_text().strip()), channels["associate"])


@pytest.fixture
async def shop(channels: Channels, bootstrap: Session) -> Seller:
    return Seller(channels["inventory"], await signed_up(channels, bootstrap))


@pytest.fixture
async def market(channels: Channels, bootstrap: Session) -> Seller:
    """Another channel, which sells from the same shelves."""
    return Seller(channels["inventory"], await signed_up(channels, bootstrap))


@pytest.fixture
async def keeper(channels: Channels, bootstrap: Session) -> Keeper:
    return Keeper(channels["inventory"], await signed_up(channels, bootstrap))


@pytest.fixture
async def follower(
    stack: Stack, channels: Channels, bootstrap: Session, tmp_path: Path
) -> AsyncIterator[Follower]:
    credentials = await registered(channels, bootstrap)
    session = Session(credentials, channels["associate"])
    following = Follower(tmp_path, stack, credentials, channels["inventory"], session)
    yield following
    await following.die()


async def signed_up(channels: Channels, bootstrap: Session) -> Session:
    return Session(await registered(channels, bootstrap), channels["associate"])


async def registered(channels: Channels, bootstrap: Session) -> Credentials:
    request = client_pb.PutClientRequest(
        request_id=str(uuid4()),
        client_id=f"promises-{uuid4().hex}",
        scopes=SCOPES,
        renew_secret=True,
    )
    stub = ClientServiceStub(channels["associate"])
    made = await call(stub.PutClient, request, bootstrap)
    return Credentials(request.client_id, made.secret)
