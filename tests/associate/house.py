"""The whole service behind a real server, a shop's terminal, and time that tests move."""

from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import grpc
import jwt
import pytest
from comptoir.associate.v1 import client_service_pb2_grpc as client_grpc
from comptoir.associate.v1 import staff_service_pb2 as staff_pb
from comptoir.associate.v1 import staff_service_pb2_grpc as staff_grpc
from comptoir.associate.v1 import terminal_service_pb2 as terminal_pb
from comptoir.associate.v1 import terminal_service_pb2_grpc as terminal_grpc
from comptoir.inventory.v1 import location_service_pb2 as location_pb
from comptoir.inventory.v1 import location_service_pb2_grpc as location_grpc
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.interceptors import Context
from chassis.keys import Keyring, MemoryKeyStore, Wrapping
from chassis.memory_records import MemoryRecords
from chassis.passwords import Passwords
from chassis.records import Records
from chassis.tokens import Issuer
from services.associate.client.servicer import ClientServicer
from services.associate.staff.servicer import StaffServicer
from services.associate.terminal.locations import Locations
from services.associate.terminal.servicer import TerminalServicer
from tests.serving import calling_as, reason_of, serving

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SECRET = b"s" * 32
PIN, BADGE = "314159", "B-1001"
GATEWAY = calling_as("gateway", "service:gateway")
OPERATORS_TOOLS = calling_as(
    "client:tools", "client:terminal.enrol", "client:staff.write", "client:client.write"
)
KNOWN_LOCATIONS = ("lyon-1", "lille-2")


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        self.now += by


class Inventory(location_grpc.LocationServiceServicer):
    """The neighbour, as far as this service knows it."""

    async def BatchGetLocations(
        self, request: location_pb.BatchGetLocationsRequest, context: Context
    ) -> location_pb.BatchGetLocationsResponse:
        found = [x for x in request.location_ids if x in KNOWN_LOCATIONS]
        return location_pb.BatchGetLocationsResponse(
            locations=[location_pb.Location(location_id=x) for x in found]
        )


@dataclass
class Device:
    """A terminal as it stands in a shop, with the key that never leaves it."""

    terminal_id: str = ""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def public_key(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(self, message: bytes) -> bytes:
        """In the form of Web Crypto (IEEE P1363)."""
        r, s = decode_dss_signature(self.key.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


@dataclass
class House:
    """The service and everyday ways to call it."""

    records: Records
    clock: Clock
    channel: grpc.aio.Channel

    def __post_init__(self) -> None:
        # Generated for both kinds of channel, but typed for one.
        self.staff: Any = staff_grpc.StaffServiceStub(self.channel)
        self.terminals: Any = terminal_grpc.TerminalServiceStub(self.channel)
        self.clients: Any = client_grpc.ClientServiceStub(self.channel)

    async def take_in(
        self, *requests: staff_pb.ImportStaffRequest
    ) -> list[staff_pb.ImportStaffResponse]:
        call = self.staff.ImportStaff(iter(requests), metadata=OPERATORS_TOOLS)
        return [response async for response in call]

    async def code(self, location_id: str = "lyon-1") -> str:
        request = terminal_pb.CreateEnrolmentCodeRequest(
            request_id=new_id(), location_id=location_id, label="Counter"
        )
        response = await self.terminals.CreateEnrolmentCode(request, metadata=OPERATORS_TOOLS)
        return str(response.code)

    async def enrol(
        self, device: Device, code: str, request_id: str = ""
    ) -> terminal_pb.EnrolTerminalResponse:
        request = terminal_pb.EnrolTerminalRequest(
            request_id=request_id or new_id(), code=code, public_key=device.public_key
        )
        response: terminal_pb.EnrolTerminalResponse = await self.terminals.EnrolTerminal(
            request, metadata=GATEWAY
        )
        return response

    async def device(self, location_id: str = "lyon-1") -> Device:
        """One that is enrolled there."""
        device = Device()
        enrolled = await self.enrol(device, await self.code(location_id))
        device.terminal_id = enrolled.terminal.terminal_id
        return device

    async def challenge(self, terminal_id: str) -> bytes:
        request = terminal_pb.CreateChallengeRequest(terminal_id=terminal_id)
        response = await self.terminals.CreateChallenge(request, metadata=GATEWAY)
        return bytes(response.challenge)

    async def sign_in_request(
        self, device: Device, *, badge: str = BADGE, pin: str = PIN
    ) -> terminal_pb.SignInRequest:
        challenge = await self.challenge(device.terminal_id)
        return terminal_pb.SignInRequest(
            request_id=new_id(),
            terminal_id=device.terminal_id,
            challenge=challenge,
            signature=device.sign(challenge),
            badge=badge,
            pin=pin,
        )

    async def send(self, request: terminal_pb.SignInRequest) -> terminal_pb.SignInResponse:
        response: terminal_pb.SignInResponse = await self.terminals.SignIn(
            request, metadata=GATEWAY
        )
        return response

    async def sign_in(
        self, device: Device, *, badge: str = BADGE, pin: str = PIN
    ) -> terminal_pb.SignInResponse:
        return await self.send(await self.sign_in_request(device, badge=badge, pin=pin))

    async def refresh(self, refresh_token: str, request_id: str = "") -> terminal_pb.StaffTokens:
        request = terminal_pb.RefreshRequest(
            request_id=request_id or new_id(), refresh_token=refresh_token
        )
        response = await self.terminals.Refresh(request, metadata=GATEWAY)
        tokens: terminal_pb.StaffTokens = response.tokens
        return tokens

    async def sign_out(self, tokens: terminal_pb.StaffTokens) -> None:
        request = terminal_pb.SignOutRequest(request_id=new_id())
        await self.terminals.SignOut(request, metadata=as_holder(tokens))


def new_id() -> str:
    return str(uuid4())


async def reason(call: Awaitable[object]) -> str:
    """Why the call failed, as it must."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return reason_of(raised.value)


async def revoked(house: House) -> list[str]:
    """The sessions that verifiers have heard the end of, in order."""
    assert isinstance(house.records, MemoryRecords)
    batch = await house.records.log.read(0, 1000, {"session_revoked"})
    return [event.key for event in batch.events]


def listed(
    badge: str = BADGE,
    *,
    pin: str = PIN,
    roles: tuple[staff_pb.StaffRole.ValueType, ...] = (staff_pb.STAFF_ROLE_ASSOCIATE,),
    location_ids: tuple[str, ...] = ("lyon-1",),
    active: bool = True,
    number: int = 1,
) -> staff_pb.ImportStaffRequest:
    member = staff_pb.StaffMember(
        badge=badge,
        display_name="Camille",
        roles=roles,
        location_ids=location_ids,
        active=active,
    )
    return staff_pb.ImportStaffRequest(number=number, member=member, pin=pin)


def claims_of(access_token: str) -> dict[str, Any]:
    """What an access token says. That it is genuine is the verifier's matter, and its tests'."""
    return jwt.decode(access_token, options={"verify_signature": False})


def as_holder(tokens: terminal_pb.StaffTokens) -> Any:
    """Metadata of a call under the access token."""
    claims = claims_of(tokens.access_token)
    return calling_as(
        claims["sub"],
        *claims["grants"],
        locations=tuple(claims["locations"]),
        session_id=claims["sid"],
    )


@asynccontextmanager
async def opened(
    records: Records, passwords: Passwords, clock: Clock, *, secrets: Sequence[bytes] = (SECRET,)
) -> AsyncIterator[House]:
    """The service over these records."""
    keyring = Keyring("associate", MemoryKeyStore(), Wrapping(bytes(32)), clock=clock)
    await keyring.refresh()
    issuer = Issuer("associate", keyring, clock=clock)
    async with inventory() as neighbour:
        servicers = (
            StaffServicer(records, passwords, clock),
            TerminalServicer(
                records, passwords, issuer, Locations(neighbour), secrets=secrets, clock=clock
            ),
            ClientServicer(records, issuer, secret=SECRET, clock=clock),
        )
        async with serving(*servicers) as channel:
            yield House(records, clock, channel)


@asynccontextmanager
async def inventory() -> AsyncIterator[grpc.aio.Channel]:
    server = grpc.aio.server()
    location_grpc.add_LocationServiceServicer_to_server(
        Inventory(),  # type: ignore[abstract]  # We call one of its methods.
        server,
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel
    finally:
        await server.stop(None)
