"""What the gateway opens: its keys, Redis, channels to the services, and who has signed out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import grpc
from comptoir.type.v1 import event_service_pb2_grpc, key_service_pb2, key_service_pb2_grpc

from chassis import mongo, redis
from chassis.auth import Revocations, Verifier, trusted
from chassis.background import background, every, forever
from chassis.certificates import Certificates, certificates_in
from chassis.client import channel
from chassis.clock import utc_now
from chassis.config import ConfigError
from chassis.engine import check_engine
from chassis.key_records import WRAPPED_KEYS
from chassis.keys import Keyring
from chassis.mongo_records import MongoRecords
from chassis.revocations import ISSUERS, follow_revocations
from chassis.runtime import KEYS_S, keyring_of, peers_from
from chassis.tokens import Issuer
from services.gateway import peers as names
from services.gateway.config import Config
from services.gateway.invalidation import SOURCES, Invalidation
from services.gateway.mobile.product_pages import ProductPages
from services.gateway.near_cache import NearCache
from services.gateway.parts import Parts
from services.gateway.peers import peers_over
from services.gateway.product_views import ProductViews
from services.gateway.streams import Streams

NAME = "gateway"
# Without these no page shows anything; without the others some do.
NEEDED = ("catalog", "inventory")

Work: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What is open, and the tasks that keep it so.

    Attributes:
        hearing: What follows the services, from `hear` on.
    """

    parts: Parts
    cache: NearCache
    keyring: Keyring
    redis: redis.Client
    channels: dict[str, grpc.aio.Channel]
    tasks: set[asyncio.Task[None]]
    hearing: Sequence[Work]

    def hear(self) -> None:
        """Follow the services. Not before the gateway listens: they fetch the keys that it
        serves to see who calls, and who finds nobody asks again no sooner than a second later.
        """
        self.tasks.update(asyncio.create_task(forever(work)) for work in self.hearing)

    async def check(self) -> None:
        """Raises unless what pages cannot do without answers."""
        await asyncio.gather(*(answers(self.channels[name]) for name in NEEDED))


async def answers(to: grpc.aio.Channel) -> None:
    stub = key_service_pb2_grpc.KeyServiceStub(to)
    await stub.ListKeys(key_service_pb2.ListKeysRequest())


@asynccontextmanager
async def opened(cfg: Config) -> AsyncIterator[Opened]:
    """Raises ConfigError."""
    async with AsyncExitStack() as stack:
        keyring = await open_keyring(cfg, stack)
        client = await stack.enter_async_context(redis.connect(cfg.redis_url))
        yield await stack.enter_async_context(house(cfg, keyring, client))


@asynccontextmanager
async def house(cfg: Config, keyring: Keyring, client: redis.Client) -> AsyncIterator[Opened]:
    """All but the engines. Raises ConfigError."""
    addresses, revocations = addresses_of(cfg), Revocations()
    certificates = certificates_in(cfg.tls_dir)
    async with AsyncExitStack() as stack:
        issuer = Issuer(NAME, keyring)
        channels = await open_channels(addresses, issuer, certificates, stack)
        peers = peers_over(channels)
        views = ProductViews(peers)
        stack.push_async_callback(views.close)
        cache = NearCache(SOURCES if cfg.near_cache else ())
        tasks = await stack.enter_async_context(background())
        hearing = following(channels, revocations)
        if cfg.near_cache:
            hearing += invalidating(channels, Invalidation(cache, views))
        tasks.add(asyncio.create_task(forever(partial(every, KEYS_S, keyring.refresh))))
        parts = Parts(
            peers=peers,
            pages=ProductPages(cache, views),
            streams=Streams(),
            verifier=Verifier(NAME, trusted(addresses, certificates), revocations=revocations),
            clock=utc_now,
            secure_cookies=cfg.secure_cookies,
        )
        yield Opened(
            parts=parts,
            cache=cache,
            keyring=keyring,
            redis=client,
            channels=channels,
            tasks=tasks,
            hearing=hearing,
        )


async def open_keyring(cfg: Config, stack: AsyncExitStack) -> Keyring:
    uri = cfg.mongo_uri_file.read_text().strip()
    database = await stack.enter_async_context(
        mongo.connect(uri, cfg.database, driver=cfg.mongo_driver)
    )
    await check_engine(database)
    records = MongoRecords(database, [WRAPPED_KEYS])
    await records.ensure_indexes()
    return await keyring_of(NAME, records, cfg.key_file)


async def open_channels(
    addresses: dict[str, str],
    issuer: Issuer,
    certificates: Certificates | None,
    stack: AsyncExitStack,
) -> dict[str, grpc.aio.Channel]:
    return {
        name: await stack.enter_async_context(
            channel(where, audience=name, issuer=issuer, certificates=certificates)
        )
        for name, where in addresses.items()
    }


def following(channels: dict[str, grpc.aio.Channel], revocations: Revocations) -> list[Work]:
    return [
        partial(follow_revocations, events_of(channels[issuer]), revocations)
        for issuer in sorted(ISSUERS)
    ]


def invalidating(channels: dict[str, grpc.aio.Channel], invalidation: Invalidation) -> list[Work]:
    return [partial(invalidation.follow, name, events_of(channels[name])) for name in SOURCES]


def events_of(channel: grpc.aio.Channel) -> "event_service_pb2_grpc.EventServiceAsyncStub":
    return event_service_pb2_grpc.EventServiceStub(channel)


def addresses_of(cfg: Config) -> dict[str, str]:
    """Raises ConfigError, naming every service that is missing."""
    given = peers_from(cfg.peers)
    if missing := [name for name in names.NAMES if name not in given]:
        raise ConfigError(f"GATEWAY_PEERS does not say where these are: {', '.join(missing)}")
    return {name: given[name] for name in names.NAMES}
