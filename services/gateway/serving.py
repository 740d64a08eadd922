"""Runs the gateway: opens what it needs, listens, and drains without losing a request."""

import asyncio
import errno
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from prometheus_client import CollectorRegistry

from chassis.certificates import certificates_in, https_server_context
from chassis.config import ConfigError
from chassis.process_metrics import process_metrics
from chassis.redis import Limits
from chassis.server import AddressInUseError
from chassis.tracing import Tracing, exporting, otlp
from services.gateway.app import app_of
from services.gateway.auth import Gate
from services.gateway.cache_metrics import CacheMetrics
from services.gateway.config import Config
from services.gateway.connections import Runner
from services.gateway.endpoint import Endpoint
from services.gateway.headers import say_https_alone
from services.gateway.limiting import Limiter
from services.gateway.openapi import document
from services.gateway.opening import NAME, Opened, opened
from services.gateway.probes import Probes
from services.gateway.readiness import Readiness
from services.gateway.reference.serving import Reference
from services.gateway.table import ROUTES
from services.gateway.telemetry import Telemetry

log = logging.getLogger(__name__)

# Longer than load balancers keep a connection that rests (60 s is common): were we the first
# to close it, a write that they send just then would be lost. nginx's is the same.
IDLE_S_MAX = 75.0


async def serve(cfg: Config, *, started: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGTERM or SIGINT, then drain. Raises what `running` does."""
    stopping = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stopping.set)
    async with running(cfg) as port:
        started()
        log.info("listening on port %d", port)
        await stopping.wait()


@asynccontextmanager
async def running(cfg: Config) -> AsyncIterator[int]:
    """Serve inside the block, then drain; yields the port.

    Raises ConfigError, AddressInUseError.
    """
    with exporting(NAME, otlp(cfg.otlp_endpoint)) as traces:
        async with opened(cfg) as house, serving(cfg, house, traces) as port:
            yield port


@asynccontextmanager
async def serving(cfg: Config, house: Opened, traces: Tracing) -> AsyncIterator[int]:
    readiness, registry = Readiness(), CollectorRegistry()
    house.tasks.add(asyncio.create_task(process_metrics(registry).run()))
    house.tasks.add(asyncio.create_task(readiness.follow(house.check, cfg.check_interval_s)))
    async with listening(cfg, built(cfg, house, traces, readiness, registry)) as port:
        house.hear()
        try:
            yield port
        finally:
            readiness.drain()
            await asyncio.sleep(cfg.unready_s)
            house.parts.streams.ending.set()


def built(
    cfg: Config,
    house: Opened,
    traces: Tracing,
    readiness: Readiness,
    registry: CollectorRegistry,
) -> web.Application:
    registry.register(CacheMetrics(house.cache))
    telemetry = Telemetry(registry, traces, sample_ratio=cfg.sample_ratio)
    gate = Gate(house.parts.verifier)
    limits = Limits(house.redis, prefix=f"{cfg.database}:limit")
    limiter = Limiter(limits, proxies_count=cfg.proxies_count)
    endpoints = [
        (
            route,
            Endpoint(
                route,
                parts=house.parts,
                gate=gate,
                limiter=limiter,
                telemetry=telemetry,
                readiness=readiness,
            ),
        )
        for route in ROUTES
    ]
    probes = Probes(readiness, registry, house.keyring)
    pictures = Path(cfg.pictures_dir) if cfg.pictures_dir else None
    reference = Reference(document(ROUTES))
    app = app_of(endpoints, probes=probes, reference=reference, pictures=pictures)
    if cfg.tls_dir or cfg.secure_cookies:
        app.on_response_prepare.append(say_https_alone)
    return app


@asynccontextmanager
async def listening(cfg: Config, app: web.Application) -> AsyncIterator[int]:
    host, port = host_and_port(cfg.address)
    certificates = certificates_in(cfg.tls_dir)
    context = None if certificates is None else https_server_context(certificates)
    runner = Runner(
        app,
        access_log=None,
        keepalive_timeout=IDLE_S_MAX,
        auto_decompress=False,
        handler_cancellation=True,
        shutdown_timeout=cfg.drain_s,
    )
    await runner.setup()
    try:
        reuse_port = cfg.reuse_port or None
        site = web.TCPSite(runner, host, port, reuse_port=reuse_port, ssl_context=context)
        await started(site, cfg.address)
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def started(site: web.TCPSite, address: str) -> None:
    """Raises AddressInUseError, saying what to set."""
    try:
        await site.start()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise AddressInUseError(
            f"{address} is in use: stop what listens there, or set GATEWAY_ADDRESS to another"
        ) from error


def host_and_port(address: str) -> tuple[str, int]:
    """Raises ConfigError."""
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or not host:
        raise ConfigError(f"GATEWAY_ADDRESS must read host:port, not {address!r}")
    return host.strip("[]"), int(port)
