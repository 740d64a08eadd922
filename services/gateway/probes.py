"""What the platform asks of a process: probes, metrics, and the keys that verify our word."""

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry

from chassis.keys import Keyring, jwks
from chassis.telemetry import metrics_text
from services.gateway.headers import NO_STORE
from services.gateway.readiness import Readiness

JWKS_TYPE = "application/jwk-set+json"


class Probes:
    def __init__(self, readiness: Readiness, registry: CollectorRegistry, keyring: Keyring) -> None:
        self._readiness = readiness
        self._registry = registry
        self._keyring = keyring

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/healthz", self.live)
        app.router.add_get("/readyz", self.ready)
        app.router.add_get("/metrics", self.metrics)
        app.router.add_get("/.well-known/jwks.json", self.keys)

    async def live(self, request: web.Request) -> web.Response:
        """True to the end: starting us anew brings no engine back."""
        return web.Response(text="live\n", headers=NO_STORE)

    async def ready(self, request: web.Request) -> web.Response:
        if self._readiness.ready:
            return web.Response(text="ready\n", headers=NO_STORE)
        return web.Response(status=503, text="not ready\n", headers=NO_STORE)

    async def metrics(self, request: web.Request) -> web.Response:
        headers = {**NO_STORE, "Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=metrics_text(self._registry), headers=headers)

    async def keys(self, request: web.Request) -> web.Response:
        body = msgspec.json.encode(jwks(self._keyring))
        return web.Response(body=body, headers={**NO_STORE, "Content-Type": JWKS_TYPE})
