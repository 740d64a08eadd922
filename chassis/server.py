"""Runs a gRPC service: interceptors, health apart, and a drain that loses no request."""

import asyncio
import errno
import gc
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

import grpc
import uvloop
from google.protobuf.descriptor import ServiceDescriptor
from prometheus_client import CollectorRegistry

from chassis import known_paths, logs
from chassis.access import Authenticate, access_interceptor, declared
from chassis.auth import Revocations
from chassis.certificates import certificates_in, server_credentials
from chassis.deadline import deadline_interceptor
from chassis.decoding import Decoding
from chassis.health import Health, report
from chassis.interceptors import error_interceptor
from chassis.limits import StreamAge, call_limit, stream_limit
from chassis.metrics_page import metrics_served
from chassis.receiving import Arriving, Receiving
from chassis.stream_rights import StreamRights
from chassis.telemetry import Metrics, telemetry_interceptor
from chassis.tracing import Tracing, exporting, otlp

log = logging.getLogger(__name__)

# Whoever connects and says nothing, or half of a greeting, is hung up on; gRPC waits for 120 s.
HANDSHAKE_MS_MAX = 10_000

# Of a call, while nobody reads on. Who reads a larger message is sent it as fast as it comes.
UNREAD_BYTES_MAX = 16 << 10

# Raises unless the service can do its work, e.g. lost its database.
Check: TypeAlias = Callable[[], Awaitable[object]]


class AddressInUseError(Exception):
    """Another process listens there."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a server runs; a service's Config extends it. The defaults suit one machine."""

    address: str = "127.0.0.1:8080"
    health_address: str = "127.0.0.1:0"  # Plaintext, for probes alone. Port 0 is any free one.
    metrics_port: int = 0  # Of /metrics in plain HTTP, on the host of health; 0 for none.
    tls_dir: str = ""  # Holds tls.crt, tls.key and ca.crt, for mTLS; plaintext without.
    reuse_port: bool = False  # Lets a second process take the port, a forgotten one too.
    otlp_endpoint: str = ""  # Where spans go; nowhere without.
    log_level: str = "INFO"
    calls_max: int = 256  # Unary calls at once; the rest are refused with TOO_MANY_CALLS.
    streams_max: int = 32  # Streams at once of one subject; the rest get TOO_MANY_STREAMS.
    stream_age_s: float = 3600.0  # ± 20 %, then they end and clients call again.
    stream_grace_s: float = 60.0  # How long a stream may outlive its caller's token.
    message_bytes_max: int = 1 << 20
    # A connection that never ends never moves to a new replica. Streams outlive it by
    # the grace, which is longer than any stream may last.
    connection_age_s: float = 300.0
    connection_grace_s: float = 75 * 60.0
    # Kubernetes stops routing to a pod some seconds after it sends SIGTERM.
    # Refusing calls before then turns every rollout into a burst of errors.
    unready_s: float = 3.0
    drain_s: float = 10.0
    check_interval_s: float = 5.0


@dataclass(frozen=True, kw_only=True)
class Service:
    """A gRPC service, ready to run.

    Attributes:
        name: Error domain, e.g. "inventory.comptoir".
        descriptors: Every proto service it serves; a method of another is closed to all.
        authenticate: Turns metadata into a verified caller.
        resources: Opens what it needs in the running loop, adds its servicers
            to the server, yields its check, closes after the last request.
        revocations: The sessions that `authenticate` refuses, which end their streams too.
        registry: Where its metrics are kept.
    """

    name: str
    descriptors: Sequence[ServiceDescriptor]
    authenticate: Authenticate
    resources: Callable[[grpc.aio.Server], AbstractAsyncContextManager[Check]]
    revocations: Revocations = field(default_factory=Revocations)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    @property
    def short_name(self) -> str:
        """What tokens and environment variables call it, e.g. "inventory"."""
        return self.name.partition(".")[0]


class ServingEndedError(Exception):
    """gRPC has shut the server down by itself: whoever is to serve must begin anew."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a running service listens.

    `ended` is done once the server is, which before the drain is a fault of gRPC's own.
    """

    port: int
    health_port: int
    ended: "asyncio.Task[bool]"


def run(service: Service, settings: Settings) -> None:
    """Serve until SIGTERM: what a service's `main` ends with."""
    logs.configure(service.short_name, level=settings.log_level)
    try:
        uvloop.run(serve(service, settings, started=settle_memory))
    except AddressInUseError as error:
        raise SystemExit(str(error)) from None


def settle_memory() -> None:
    """What lives from the start lives to the end: the collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


async def serve(
    service: Service, settings: Settings, *, started: Callable[[], None] = lambda: None
) -> None:
    """Serve until SIGTERM or SIGINT, then drain. Raises what `running` does, ServingEndedError."""
    stopping = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stopping.set)
    async with running(service, settings) as ports:
        started()
        log.info("listening on port %d, health on %d", ports.port, ports.health_port)
        told = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait({told, ports.ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()
        if not stopping.is_set():
            # Its port is closed, while health, a server of its own, would go on telling of it.
            raise ServingEndedError("gRPC serves no more")


@asynccontextmanager
async def running(service: Service, settings: Settings) -> AsyncIterator[Ports]:
    """Serve inside the block, then drain.

    Raises UndeclaredAccessError and AddressInUseError.
    """
    with exporting(service.short_name, otlp(settings.otlp_endpoint)) as traces:
        rights = StreamRights(service.revocations, grace_s=settings.stream_grace_s)
        ages = StreamAge(settings.stream_age_s, rights)
        server = new_server(service, settings, traces, ages)
        health = Health(["", *(descriptor.full_name for descriptor in service.descriptors)])
        health_port = listen(health.server, settings.health_address, service, "HEALTH_ADDRESS")
        async with (
            metrics(service, settings),
            service.resources(server) as check,
            health.serving(),
        ):
            port = listen(server, settings.address, service, "ADDRESS", settings.tls_dir)
            await server.start()
            checks = asyncio.create_task(report(check, health, settings.check_interval_s))
            ended = asyncio.create_task(server.wait_for_termination())
            try:
                yield Ports(port, health_port, ended)
            finally:
                checks.cancel()
                await asyncio.wait([checks])
                await health.ready(False)
                await asyncio.sleep(settings.unready_s)
                ages.end_all()
                await server.stop(settings.drain_s)


@asynccontextmanager
async def metrics(service: Service, settings: Settings) -> AsyncIterator[None]:
    """Raises AddressInUseError."""
    if not settings.metrics_port:
        yield
        return
    host = settings.health_address.rpartition(":")[0].strip("[]")
    async with AsyncExitStack() as stack:
        page = metrics_served(service.registry, host=host, port=settings.metrics_port)
        try:
            await stack.enter_async_context(page)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise address_in_use(
                f"{host}:{settings.metrics_port}", service, "METRICS_PORT"
            ) from error
        yield


def new_server(
    service: Service, settings: Settings, traces: Tracing, ages: StreamAge
) -> grpc.aio.Server:
    opens = declared(service.descriptors)
    return known_paths.new_server(
        # From the outermost in: telemetry sees the status that is sent, the next makes it.
        interceptors=[
            Arriving(),
            telemetry_interceptor(traces, Metrics(service.registry)),
            error_interceptor(service.name),
            access_interceptor(opens, service.authenticate),
            Receiving(opens, domain=service.name),
            call_limit(settings.calls_max),
            stream_limit(settings.streams_max),
            deadline_interceptor(),
            ages,
            Decoding(),
        ],
        options=options(settings),
    )


def options(settings: Settings) -> list[tuple[str, int]]:
    return [
        ("grpc.so_reuseport", int(settings.reuse_port)),
        ("grpc.max_receive_message_length", settings.message_bytes_max),
        # Else what nobody reads yet may grow with the speed of the line, to megabytes a call.
        ("grpc.http2.bdp_probe", 0),
        ("grpc.http2.lookahead_bytes", UNREAD_BYTES_MAX),
        ("grpc.server_handshake_timeout_ms", HANDSHAKE_MS_MAX),
        ("grpc.max_connection_age_ms", round(settings.connection_age_s * 1000)),
        ("grpc.max_connection_age_grace_ms", round(settings.connection_grace_s * 1000)),
        ("grpc.keepalive_time_ms", 120_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        # Services ping each other every 2 s; at exactly that, jitter would have us hang up on them.
        ("grpc.http2.min_ping_interval_without_data_ms", 1_000),
        ("grpc.keepalive_permit_without_calls", 1),
    ]


def listen(
    server: grpc.aio.Server, address: str, service: Service, variable: str, tls_dir: str = ""
) -> int:
    """Take `address`; returns the port.

    Raises AddressInUseError, saying what to set, and ConfigError for its certificate.
    """
    certificates = certificates_in(tls_dir)
    try:
        if certificates is not None:
            return server.add_secure_port(address, server_credentials(certificates))
        return server.add_insecure_port(address)
    except RuntimeError as error:
        if not in_use(address):
            raise
        raise address_in_use(address, service, variable) from error


def address_in_use(address: str, service: Service, variable: str) -> AddressInUseError:
    name = f"{service.short_name}_{variable}".upper()
    return AddressInUseError(
        f"{address} is in use: stop what listens there, or set {name} to another address"
    )


def in_use(address: str) -> bool:
    """Whether that is why gRPC, which does not say, could not take it."""
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    with socket.socket(family) as probe:
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
        except ValueError:
            return False
    return False
