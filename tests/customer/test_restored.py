"""The service put back to a point before an erasure, both of its databases or one of them."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from uuid import uuid4

import grpc
import pytest
from comptoir.customer.v1 import identity_service_pb2 as identity_pb
from comptoir.customer.v1 import identity_service_pb2_grpc as identity_grpc
from comptoir.customer.v1 import privacy_service_pb2 as pb
from comptoir.customer.v1 import privacy_service_pb2_grpc as pb_grpc
from comptoir.type.v1 import event_service_pb2 as event_pb
from comptoir.type.v1 import event_service_pb2_grpc as event_grpc

from tests import backup
from tests.backup import Backup
from tests.customer.house import refused, sign_in, sign_up
from tests.customer.wired import Wired, wired
from tests.driver import connect

RECORDS, KEYS, ERASURES = range(3)


@pytest.fixture
async def service(tmp_path: Path, mongo_uri: str, redis_url: str) -> AsyncIterator[Wired]:
    async with wired(tmp_path, mongo_uri, redis_url) as opened:
        yield opened


async def backed_up(service: Wired, mongo_uri: str) -> Mapping[int, Backup]:
    taken = {}
    for number, name in enumerate(service.databases):
        async with connect(mongo_uri, name) as database:
            taken[number] = await backup.taken(database)
    return taken


async def put_back(
    service: Wired, mongo_uri: str, taken: Mapping[int, Backup], *which: int
) -> None:
    for number in which:
        async with connect(mongo_uri, service.databases[number]) as database:
            await backup.put_back(database, taken[number])


async def signed_up(
    service: Wired, channel: grpc.aio.Channel, email: str
) -> identity_pb.SignUpResponse:
    return await identity_grpc.IdentityServiceStub(channel).SignUp(
        sign_up(email), metadata=service.gateway()
    )


async def signs_in(service: Wired, channel: grpc.aio.Channel, email: str) -> str:
    """The reason why they cannot; empty where they can."""
    identity = identity_grpc.IdentityServiceStub(channel)
    return await refused(identity.SignIn(sign_in(email), metadata=service.gateway()))


async def erase(service: Wired, channel: grpc.aio.Channel, customer_id: str) -> None:
    request = pb.EraseCustomerRequest(
        request_id=str(uuid4()), customer_id=customer_id, cause="letter 7"
    )
    officer = service.client("customer.erase")
    await pb_grpc.PrivacyServiceStub(channel).EraseCustomer(request, metadata=officer)


@pytest.mark.parametrize(
    "which", [(RECORDS, KEYS), (RECORDS,), (KEYS,)], ids=["both", "records", "keys"]
)
async def test_who_was_erased_is_gone_after_a_restore_before_anybody_is_served(
    service: Wired, mongo_uri: str, which: tuple[int, ...]
) -> None:
    async with service.running() as channel:
        anna = await signed_up(service, channel, "anna@example.com")
        await signed_up(service, channel, "ben@example.com")
        taken = await backed_up(service, mongo_uri)
        await erase(service, channel, anna.profile.customer_id)
        await signed_up(service, channel, "cleo@example.com")
    await put_back(service, mongo_uri, taken, *which)
    async with service.running(restored="noon") as channel:
        async with connect(mongo_uri, service.databases[KEYS]) as keys:
            kept = await keys.collection("customer_keys").find_one(
                {"_id": anna.profile.customer_id}
            )
        assert kept is not None and kept["wrapped"] == b""
        assert await signs_in(service, channel, "anna@example.com") == "WRONG_CREDENTIALS"
        assert await signs_in(service, channel, "ben@example.com") == ""
        # Who came after the backup is lost where records or keys are: they sign up again.
        assert await signs_in(service, channel, "cleo@example.com") == "WRONG_CREDENTIALS"


async def test_without_the_list_the_erased_would_be_back(service: Wired, mongo_uri: str) -> None:
    """The control: it alone must never be put back to an earlier point."""
    async with service.running() as channel:
        anna = await signed_up(service, channel, "anna@example.com")
        taken = await backed_up(service, mongo_uri)
        await erase(service, channel, anna.profile.customer_id)
    await put_back(service, mongo_uri, taken, RECORDS, KEYS, ERASURES)
    async with service.running(restored="noon") as channel:
        assert await signs_in(service, channel, "anna@example.com") == ""


async def test_a_cursor_of_before_the_restore_is_too_old_and_the_next_start_changes_nothing(
    service: Wired, mongo_uri: str
) -> None:
    async def head(channel: grpc.aio.Channel) -> str:
        events = event_grpc.EventServiceStub(channel)
        metadata = service.client("events.read")
        return str((await events.GetHead(event_pb.GetHeadRequest(), metadata=metadata)).cursor)

    async def goes_on(channel: grpc.aio.Channel, cursor: str) -> str:
        events = event_grpc.EventServiceStub(channel)
        request = event_pb.WatchEventsRequest(cursor=cursor)
        call = events.WatchEvents(request, metadata=service.client("events.read"))
        reason = await refused(call.read())
        call.cancel()
        return reason

    async with service.running() as channel:
        taken = await backed_up(service, mongo_uri)
        cursor = await head(channel)
    await put_back(service, mongo_uri, taken, RECORDS)
    async with service.running(restored="noon") as channel:
        assert await goes_on(channel, cursor) == "CURSOR_TOO_OLD"
        new = await head(channel)
    for name in ("noon", ""):
        async with service.running(restored=name) as channel:
            assert await goes_on(channel, new) == ""
