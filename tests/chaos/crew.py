"""Who acts under load: customers, associates, other teams' programs, with tokens that stay good."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp
import grpc
from comptoir.associate.v1 import client_service_pb2 as client_pb
from comptoir.associate.v1 import terminal_service_pb2 as terminal_pb
from comptoir.associate.v1.client_service_pb2_grpc import ClientServiceStub
from comptoir.associate.v1.terminal_service_pb2_grpc import TerminalServiceStub
from comptoir.collect.v1 import point_service_pb2 as point_pb
from comptoir.collect.v1.point_service_pb2_grpc import PointServiceStub
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from chassis.background import background
from comptoir_client import Credentials, Session, open_channel
from deploy.local.demo import chain
from deploy.local.demo.sending import Stream, send, sign_in
from deploy.local.suite import BOOTSTRAP_CLIENT
from tests.chaos.desk import session
from tests.chaos.rig import Rig
from tests.people import Person, associate
from tests.people import customer as signed_in_customer

SHOP, COUNTER, LOCKER = "paris-bastille", "paris-bastille-counter", "paris-bastille-locker"
CUSTOMERS_COUNT, BADGES = 10, ("B-1042", "B-1057", "B-1009")
PASSWORD = "quatre mots bien choisis"
# Sold by the piece; of the first there is plenty, of the last never enough.
PLENTY = (
    *("PER-1802", "SCI-3002", "PER-0401", "PER-0402"),
    *("PER-1201", "PER-1202", "PER-2301", "PER-2302"),
)
SCARCE = ("PER-1803", "SCI-3003")
PLENTY_COUNT, SCARCE_COUNT, PLACES_A_SLOT = 100_000, 3, 1_000
# Another team that holds stock for its own customers; what it may watch.
CHANNEL, CHANNEL_SCOPES = (
    "marketplace",
    ("stock.reserve", "sale.write", "stock.read", "events.read"),
)
RENEW_S, AGAIN_S = 240.0, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Attributes:
    slots: Where an order may be collected, by point: what was offered at the start.
    channels: To every service, over all its replicas.
    """

    customers: tuple[Person, ...]
    sellers: tuple[Person, ...]
    slots: dict[str, list[str]]
    session: Session
    channels: dict[str, grpc.aio.Channel]


@asynccontextmanager
async def crewed(rig: Rig) -> AsyncIterator[Crew]:
    """Everybody signed in, with plenty to sell, inside the block."""
    async with AsyncExitStack() as stack:
        channels = {
            name: open_channel(rig.suite.target(name))
            for name in ("inventory", "collect", "associate")
        }
        for channel in channels.values():
            stack.push_async_callback(channel.close, None)
        await stocked(rig, channels)
        secret = await registered(rig, channels["associate"])
        http = await stack.enter_async_context(session(rig.suite.url))
        emails = [f"{uuid4().hex}@example.org" for _ in range(CUSTOMERS_COUNT)]
        customers = [await signed_up(http, email) for email in emails]
        sellers = [await on_terminal(rig, channels, http, badge) for badge in BADGES]
        tasks = await stack.enter_async_context(background())
        for person, email in zip(customers, emails, strict=True):
            tasks.add(asyncio.create_task(renewing(person, again(http, email))))
        yield Crew(
            customers=tuple(customers),
            sellers=tuple(sellers),
            slots=await slots_of(customers[0]),
            session=Session(Credentials(CHANNEL, secret), channels["associate"]),
            channels=channels,
        )


async def stocked(rig: Rig, channels: dict[str, grpc.aio.Channel]) -> None:
    """Goods and places for as many orders as may come; of some goods too few."""
    secret = rig.accounts.clients["importer"]
    bearer = await sign_in(channels["associate"], "importer", secret)
    points = [point for point in chain.points() if point.location_id == SHOP]
    for point in points:
        point.slot_capacity_count = PLACES_A_SLOT
    sent_points = [point_pb.ImportPointsRequest(point=point) for point in points]
    await send(
        Stream("points", PointServiceStub(channels["collect"]).ImportPoints, sent_points), bearer
    )
    counts = {**dict.fromkeys(PLENTY, PLENTY_COUNT), **dict.fromkeys(SCARCE, SCARCE_COUNT)}
    levels = [
        stock_pb.ImportStockRequest(location_id=SHOP, sku=sku, sellable_quantity=count)
        for sku, count in counts.items()
    ]
    await send(Stream("stock", StockServiceStub(channels["inventory"]).ImportStock, levels), bearer)


async def registered(rig: Rig, associate_channel: grpc.aio.Channel) -> str:
    """The secret of the channel's client."""
    secret = (rig.suite.secrets / f"{BOOTSTRAP_CLIENT}.secret").read_text().strip()
    bearer = await sign_in(associate_channel, BOOTSTRAP_CLIENT, secret)
    request = client_pb.PutClientRequest(
        request_id=str(uuid4()), client_id=CHANNEL, scopes=CHANNEL_SCOPES, renew_secret=True
    )
    stub = ClientServiceStub(associate_channel)
    return str((await stub.PutClient(request, metadata=bearer.metadata)).secret)


async def signed_up(http: aiohttp.ClientSession, email: str) -> Person:
    body = {"email": email, "password": PASSWORD, "given_name": "Jeanne"}
    answer = await Person(http).post("/v1/customers", body)
    return Person(http, answer.ok()["tokens"]["access_token"])


def again(http: aiohttp.ClientSession, email: str) -> Callable[[], Awaitable[Person]]:
    return lambda: signed_in_customer(http, email=email, password=PASSWORD)


async def renewing(person: Person, sign_in_again: Callable[[], Awaitable[Person]]) -> None:
    """A token lives ten minutes; whoever cannot sign in while a fault lasts tries on."""
    while True:
        await asyncio.sleep(random.uniform(RENEW_S / 2, RENEW_S))
        while True:
            try:
                person.token = (await sign_in_again()).token
                break
            except (AssertionError, aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(AGAIN_S)


async def on_terminal(
    rig: Rig, channels: dict[str, grpc.aio.Channel], http: aiohttp.ClientSession, badge: str
) -> Person:
    """An associate on a terminal of their own."""
    secret = rig.accounts.clients["installer"]
    bearer = await sign_in(channels["associate"], "installer", secret)
    request = terminal_pb.CreateEnrolmentCodeRequest(
        request_id=str(uuid4()), location_id=SHOP, label=f"Chaos {badge}"
    )
    stub = TerminalServiceStub(channels["associate"])
    code = (await stub.CreateEnrolmentCode(request, metadata=bearer.metadata)).code
    pin = next(member["pin"] for member in rig.accounts.staff if member["badge"] == badge)
    return await associate(http, code=code, badge=badge, pin=pin)


async def slots_of(person: Person) -> dict[str, list[str]]:
    """By point, all but the first, which may pass meanwhile."""
    body = {"lines": [{"sku": PLENTY[0], "quantity": 1}], "location_ids": [SHOP]}
    options: list[Any] = (await person.post("/v1/pickup-options", body)).ok()["options"]
    return {
        option["point_id"]: [slot["slot_id"] for slot in option["slots"][1:]]
        for option in options
        if option["available"]
    }
