"""The customer service with its servicers on a real server, for the tests of its aggregates."""

from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import grpc
import jwt
from comptoir.customer.v1 import history_service_pb2_grpc as history_grpc
from comptoir.customer.v1 import identity_service_pb2 as identity_pb
from comptoir.customer.v1 import identity_service_pb2_grpc as identity_grpc
from comptoir.customer.v1 import privacy_service_pb2_grpc as privacy_grpc
from comptoir.customer.v1 import profile_service_pb2_grpc as profile_grpc

from chassis.acts import ACTS
from chassis.keys import Keyring, MemoryKeyStore, Wrapping
from chassis.memory_records import MemoryRecords
from chassis.passwords import Passwords, open_passwords
from chassis.records import Records
from chassis.tokens import Issuer
from services.customer.history.servicer import HistoryServicer
from services.customer.identity.servicer import IdentityServicer
from services.customer.kinds import ERASURE_KINDS, KEY_KINDS, KINDS
from services.customer.privacy.servicer import PrivacyServicer
from services.customer.privacy.workflow import Eraser
from services.customer.profile.servicer import ProfileServicer
from services.customer.vault import Vault
from tests.serving import Metadata, calling_as, reason_of, serving

GATEWAY = calling_as("gateway", "service:gateway")
ASSOCIATE = calling_as("carl", "staff:associate", locations=("lyon",))
PASSWORD = "a lamp beside the sea"
ADDRESS_KEY, REFRESH_KEY, WRAPPING_KEY = b"a" * 32, b"r" * 32, b"w" * 32


class Clock:
    now = datetime(2026, 1, 2, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    clock: Clock
    records: Records
    keys: Records
    erasures: Records
    vault: Vault
    eraser: Eraser
    identity: "identity_grpc.IdentityServiceAsyncStub"
    profile: "profile_grpc.ProfileServiceAsyncStub"
    history: "history_grpc.HistoryServiceAsyncStub"
    privacy: "privacy_grpc.PrivacyServiceAsyncStub"

    async def sign_up(self, email: str = "anna@example.com") -> identity_pb.SignUpResponse:
        return await self.identity.SignUp(sign_up(email), metadata=GATEWAY)


@asynccontextmanager
async def opened_house(
    records: Records | None = None,
    clock: Clock | None = None,
    *,
    passwords: Passwords | None = None,
    refresh_keys: Sequence[bytes] = (REFRESH_KEY,),
) -> AsyncIterator[House]:
    clock = clock or Clock()
    records = records or MemoryRecords((*KINDS, ACTS), clock=clock)
    keys = MemoryRecords(KEY_KINDS, clock=clock)
    erasures = MemoryRecords(ERASURE_KINDS, clock=clock)
    vault = Vault(keys, Wrapping(WRAPPING_KEY))
    keyring = Keyring("customer", MemoryKeyStore(), Wrapping(WRAPPING_KEY), clock=clock)
    await keyring.refresh()
    with open_passwords() as own:
        identity = IdentityServicer(
            records,
            vault,
            passwords or own,
            Issuer("customer", keyring, clock=clock),
            clock,
            address_key=ADDRESS_KEY,
            refresh_keys=refresh_keys,
        )
        profile = ProfileServicer(records, vault, clock, address_key=ADDRESS_KEY)
        history = HistoryServicer(records, clock)
        eraser = Eraser(records, vault, erasures, address_key=ADDRESS_KEY, clock=clock)
        privacy = PrivacyServicer(eraser)
        async with serving(identity, profile, history, privacy) as channel:
            yield House(
                clock=clock,
                records=records,
                keys=keys,
                erasures=erasures,
                vault=vault,
                eraser=eraser,
                identity=identity_grpc.IdentityServiceStub(channel),
                profile=profile_grpc.ProfileServiceStub(channel),
                history=history_grpc.HistoryServiceStub(channel),
                privacy=privacy_grpc.PrivacyServiceStub(channel),
            )


def as_customer(opened: identity_pb.SignUpResponse | identity_pb.SignInResponse) -> Metadata:
    """Metadata with which the customer calls in the session that was opened."""
    customer_id = opened.profile.customer_id
    return calling_as(customer_id, "customer", session_id=session_of(opened.tokens))


def session_of(tokens: identity_pb.Tokens) -> str:
    claims = jwt.decode(tokens.access_token, options={"verify_signature": False})
    return str(claims["sid"])


def sign_up(
    email: str = "anna@example.com", password: str = PASSWORD, request_id: str = ""
) -> identity_pb.SignUpRequest:
    return identity_pb.SignUpRequest(
        request_id=request_id or str(uuid4()),
        email=email,
        password=password,
        given_name="Anna",
        family_name="Martin",
    )


def sign_in(
    email: str = "anna@example.com", password: str = PASSWORD, request_id: str = ""
) -> identity_pb.SignInRequest:
    return identity_pb.SignInRequest(
        request_id=request_id or str(uuid4()), email=email, password=password
    )


def refresh(refresh_token: str, request_id: str = "") -> identity_pb.RefreshRequest:
    return identity_pb.RefreshRequest(
        request_id=request_id or str(uuid4()), refresh_token=refresh_token
    )


def sign_out(*, everywhere: bool = False) -> identity_pb.SignOutRequest:
    return identity_pb.SignOutRequest(request_id=str(uuid4()), everywhere=everywhere)


async def events_of(records: Records) -> list[tuple[str, str]]:
    """Names and keys of all that was told, in order."""
    assert isinstance(records, MemoryRecords)
    batch = await records.log.read(0, 1000)
    return [(event.name, event.key) for event in batch.events]


async def refused(call: Awaitable[object]) -> str:
    """The reason with which `call` fails; empty if it does not."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return reason_of(error)
    return ""
