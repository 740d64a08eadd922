"""What every gRPC service opens: engine, records, event log, keys, tokens, channels.

A service's `main` says which kinds it keeps and which servicers it has; everything that
is the same for all stands here. Opened in the running loop, closed after the last call.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import grpc
from comptoir.type.v1 import event_service_pb2_grpc
from google.protobuf.descriptor import FileDescriptor, ServiceDescriptor
from prometheus_client import CollectorRegistry

from chassis import mongo, redis, server
from chassis.acts import ACTS
from chassis.auth import Revocations, Verifier, trusted
from chassis.background import background, every, forever
from chassis.backlogs import Backlogs
from chassis.certificates import Certificates, certificates_in
from chassis.client import channel
from chassis.clock import utc_now
from chassis.config import ConfigError
from chassis.consumer import Consumer
from chassis.engine import EngineClock, check_writable
from chassis.event_servicer import Detail
from chassis.events import LoggedEvent
from chassis.house_services import HOUSE_DESCRIPTORS, add_house_services
from chassis.key_records import WRAPPED_KEYS, RecordsKeyStore
from chassis.keys import Keyring, Wrapping
from chassis.mongo_log import MongoLog
from chassis.mongo_records import MongoRecords
from chassis.process_metrics import process_metrics
from chassis.progress import CONSUMER_KINDS
from chassis.records import Kind
from chassis.retention import keep_trimmed, kept_for
from chassis.revocations import ISSUERS, follow_own_revocations, follow_revocations
from chassis.sequencer import Sequencer
from chassis.server import Check, Service
from chassis.storage import Settings as StorageSettings
from chassis.storage import Storage, storage_at
from chassis.tail import Tail, by_key
from chassis.tokens import Issuer

TEND_S = 3600.0
KEYS_S = timedelta(hours=1).total_seconds()


@dataclass(frozen=True, kw_only=True)
class Settings(server.Settings, StorageSettings):
    """Environment of a service: `<SERVICE>_<FIELD>`.

    Attributes:
        key_file: 32 random bytes in base64 that wrap the signing keys.
        log_retention_s: For how long its events are kept. Who comes back later takes a snapshot.
        peers: The other services as `name=host:port`, separated by commas; the gateway
            as `gateway=http://…/jwks.json`, where its keys are. A service at several fixed
            addresses is `name=ipv4:///host:port,host:port`.
    """

    key_file: Path
    peers: str
    log_retention_s: float = 14 * 24 * 3600.0


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a service is made of.

    Attributes:
        name: As peers and tokens know it, e.g. `inventory`.
        kinds: What it keeps.
        descriptors: The files of its own proto services.
        add: Opens the rest and adds its servicers to the server.
        details: How the details of its events are sent, by event name.
        subjects: Who is concerned by an event, besides its key.
    """

    name: str
    kinds: Collection[Kind[Any]]
    descriptors: Iterable[FileDescriptor]
    add: "Add"
    details: dict[str, Detail] = field(default_factory=dict)
    subjects: Callable[[LoggedEvent], Iterable[str]] = by_key


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """What is open while a service serves."""

    name: str
    database: mongo.Database
    records: MongoRecords
    log: MongoLog
    tail: Tail
    redis: redis.Client
    keyring: Keyring
    issuer: Issuer
    clock: EngineClock
    peers: dict[str, str]
    certificates: Certificates | None
    registry: CollectorRegistry
    stack: AsyncExitStack
    tasks: set[asyncio.Task[None]]
    consumers: dict[str, Consumer] = field(default_factory=dict)

    async def channel(self, peer: str, *, affinity: bool = False) -> grpc.aio.Channel:
        """A channel to another service, under this one's own token, for calls `near` a place
        with `affinity`. Raises ConfigError.
        """
        if peer not in self.peers:
            raise ConfigError(f"{self.name.upper()}_PEERS does not say where {peer} is")
        opened = channel(
            self.peers[peer],
            audience=peer,
            issuer=self.issuer,
            certificates=self.certificates,
            affinity=affinity,
        )
        return await self.stack.enter_async_context(opened)

    def spawn(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Keep `run` running in the background until the service ends."""
        self.tasks.add(asyncio.create_task(forever(run)))

    def follow(self, consumer: Consumer) -> None:
        """Keep it running, and let operators see what it parks."""
        self.consumers[consumer.name] = consumer
        self.spawn(consumer.run)


Add: TypeAlias = Callable[[Runtime, grpc.aio.Server], Awaitable[None]]


def service_of(parts: Parts, settings: Settings) -> Service:
    """The service, ready for `chassis.server.run`. Raises ConfigError."""
    peers = peers_from(settings.peers)
    own = OwnKeys()
    revocations = Revocations()
    table = trusted({**peers, parts.name: own.public_keys}, certificates_in(settings.tls_dir))
    verifier = Verifier(parts.name, table, revocations=revocations)
    registry = CollectorRegistry()

    @asynccontextmanager
    async def resources(grpc_server: grpc.aio.Server) -> AsyncIterator[Check]:
        async with opened(parts, settings, peers, own, registry) as runtime:
            add_house_services(
                grpc_server,
                records=runtime.records,
                log=runtime.tail,
                details=parts.details,
                keyring=runtime.keyring,
                consumers=runtime.consumers,
                clock=runtime.clock,
            )
            await hear_revocations(runtime, revocations)
            await parts.add(runtime, grpc_server)
            yield partial(check, runtime)

    return Service(
        name=f"{parts.name}.comptoir",
        descriptors=[*services_in(parts.descriptors), *services_in(HOUSE_DESCRIPTORS)],
        authenticate=verifier.authenticate,
        revocations=revocations,
        resources=resources,
        registry=registry,
    )


class OwnKeys:
    """Where the service's own verifier finds its keyring once that is open."""

    keyring: Keyring

    async def public_keys(self) -> dict[str, bytes]:
        return await self.keyring.public_keys()


@asynccontextmanager
async def opened(
    parts: Parts,
    settings: Settings,
    peers: dict[str, str],
    own: OwnKeys,
    registry: CollectorRegistry,
) -> AsyncIterator[Runtime]:
    retention = kept_for(settings.log_retention_s)
    kinds = [*parts.kinds, *CONSUMER_KINDS, ACTS, WRAPPED_KEYS]
    async with AsyncExitStack() as stack:
        storage = await stack.enter_async_context(storage_at(settings, kinds, registry))
        own.keyring = await keyring_of(parts.name, storage.records, settings.key_file)
        runtime = Runtime(
            name=parts.name,
            database=storage.database,
            records=storage.records,
            log=storage.log,
            tail=Tail(storage.log, subjects=parts.subjects),
            redis=storage.redis,
            keyring=own.keyring,
            issuer=Issuer(parts.name, own.keyring),
            clock=storage.clock,
            peers=peers,
            certificates=certificates_in(settings.tls_dir),
            registry=registry,
            stack=stack,
            tasks=await stack.enter_async_context(background()),
        )
        begin_upkeep(runtime, storage, retention=retention)
        yield runtime


def begin_upkeep(runtime: Runtime, storage: Storage, *, retention: timedelta) -> None:
    """What every service does while it serves, besides answering."""
    sequencer = Sequencer(storage.database, outbox=storage.outbox, appended=storage.appended)
    registry, clock = runtime.registry, storage.clock
    log, records = storage.log, storage.records
    backlogs = Backlogs(storage.database, log, records, registry=registry, clock=clock)
    for run in (storage.outbox.run, storage.appended.run, sequencer.run, runtime.tail.run):
        runtime.spawn(run)
    runtime.spawn(backlogs.run)
    runtime.spawn(partial(keep_trimmed, log, kept=retention, clock=clock))
    runtime.spawn(process_metrics(registry).run)
    runtime.spawn(lambda: every(TEND_S, records.tend))
    runtime.spawn(lambda: every(KEYS_S, runtime.keyring.refresh))


async def keyring_of(name: str, records: MongoRecords, key_file: Path) -> Keyring:
    keyring = Keyring(name, RecordsKeyStore(records), Wrapping.from_file(key_file), clock=utc_now)
    await keyring.refresh()
    return keyring


async def check(runtime: Runtime) -> None:
    """Raises while the engine takes no writes, or its time is not what it was."""
    await check_writable(runtime.database)
    await runtime.clock.read(runtime.database)


async def hear_revocations(runtime: Runtime, revocations: Revocations) -> None:
    """Hear of sessions that end: here from our own log, elsewhere over the wire."""
    for issuer in ISSUERS & runtime.peers.keys():
        source = event_service_pb2_grpc.EventServiceStub(await runtime.channel(issuer))
        runtime.spawn(partial(follow_revocations, source, revocations))
    if runtime.name in ISSUERS:
        runtime.spawn(partial(follow_own_revocations, runtime.tail, revocations))


def peers_from(text: str) -> dict[str, str]:
    """Raises ConfigError unless it reads `name=where,name=where`.

    `where` may be `ipv4:` or `ipv6:` and several addresses, which commas separate too.
    """
    peers: dict[str, str] = {}
    name = ""
    for part in (part.strip() for part in text.split(",")):
        begun, is_named, where = part.partition("=")
        if is_named and begun and where:
            name = begun
            peers[name] = where
        elif part and not is_named and peers.get(name, "").startswith(("ipv4:", "ipv6:")):
            peers[name] += f",{part}"
        elif part:
            raise ConfigError("peers must read name=host:port,name=host:port")
    return peers


def services_in(files: Iterable[FileDescriptor]) -> list[ServiceDescriptor]:
    return [service for file in files for service in file.services_by_name.values()]
