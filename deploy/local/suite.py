"""The six services on one machine: where each listens, its environment, its secrets."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.engines import Engines
from deploy.local.processes import Command
from deploy.local.secrets import key_file, password_file, text_file

ROOT = Path(__file__).parents[2]
GRPC_SERVICES = ("catalog", "inventory", "customer", "collect", "associate")
HEALTH_OFFSET = 10  # The health port of a service is its own port and ten,
METRICS_OFFSET = 5  # that of its metrics its own and five.
BOOTSTRAP_CLIENT = "stack"
MONGO_DRIVERS = ("motor", "pymongo")
STOP_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Ports count up from the gateway's. `folder` holds secrets, logs and pid files."""

    folder: Path
    gateway_port: int
    engines: Engines
    mongo_driver: str = MONGO_DRIVERS[0]
    otlp_endpoint: str = ""  # Where spans go; nowhere without.

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.gateway_port}"

    def port(self, service: str) -> int:
        return self.gateway_port + 1 + GRPC_SERVICES.index(service)

    def address(self, service: str) -> str:
        return f"127.0.0.1:{self.port(service)}"

    def health_address(self, service: str) -> str:
        return f"127.0.0.1:{self.port(service) + HEALTH_OFFSET}"

    def ports(self) -> dict[str, int]:
        """Every port the suite listens on, by what listens there."""
        services = {service: self.port(service) for service in GRPC_SERVICES}
        healths = {f"{name} health": port + HEALTH_OFFSET for name, port in services.items()}
        metrics = {f"{name} metrics": port + METRICS_OFFSET for name, port in services.items()}
        return {"gateway": self.gateway_port, **services, **metrics, **healths}

    def commands(self) -> list[Command]:
        return [self.command(service) for service in (*GRPC_SERVICES, "gateway")]

    def command(self, service: str) -> Command:
        return Command(
            name=service,
            argv=(sys.executable, "-m", f"services.{service}.main"),
            env={**self.shared(service), **self.own(service)},
            patience_s=STOP_S,
        )

    def shared(self, service: str) -> Mapping[str, str]:
        peers = {name: self.address(name) for name in GRPC_SERVICES if name != service}
        if service != "gateway":
            peers["gateway"] = f"{self.url}/.well-known/jwks.json"
        uri_file = text_file(self.secrets, "mongo-uri", self.engines.mongo_uri)
        settings = {
            "MONGO_URI_FILE": str(uri_file),
            "MONGO_DRIVER": self.mongo_driver,
            "DATABASE": f"comptoir_{service}",
            "REDIS_URL": self.engines.redis_url,
            "KEY_FILE": str(key_file(self.secrets, service)),
            "PEERS": ",".join(f"{name}={where}" for name, where in peers.items()),
            # Nothing routes to us here, so nothing need hear that we go.
            "UNREADY_S": "0.1",
            "CHECK_INTERVAL_S": "1",
            "OTLP_ENDPOINT": self.otlp_endpoint,
        }
        if service != "gateway":
            settings["ADDRESS"] = self.address(service)
            settings["HEALTH_ADDRESS"] = self.health_address(service)
            settings["METRICS_PORT"] = str(self.port(service) + METRICS_OFFSET)
        return {**inherited(), **prefixed(service, settings)}

    def own(self, service: str) -> Mapping[str, str]:
        """What one service alone is told."""
        settings = {
            "catalog": {},
            "inventory": {},
            "customer": {
                "KEYS_DATABASE": "comptoir_customer_keys",
                "ERASURES_DATABASE": "comptoir_customer_erasures",
                "VAULT_KEY_FILE": str(key_file(self.secrets, "customer-vault")),
                "ADDRESS_KEY_FILE": str(key_file(self.secrets, "customer-address")),
                "REFRESH_KEY_FILE": str(key_file(self.secrets, "customer-refresh")),
            },
            "collect": {"CODE_KEY_FILE": str(key_file(self.secrets, "collect-code"))},
            "associate": {
                "PEPPER_FILE": str(key_file(self.secrets, "associate-pepper")),
                "REFRESH_KEY_FILE": str(key_file(self.secrets, "associate-refresh")),
                "CLIENT_KEY_FILE": str(key_file(self.secrets, "associate-client")),
                "BOOTSTRAP_CLIENT": BOOTSTRAP_CLIENT,
                "BOOTSTRAP_SECRET_FILE": str(password_file(self.secrets, BOOTSTRAP_CLIENT)),
            },
            "gateway": {
                "ADDRESS": f"127.0.0.1:{self.gateway_port}",
                "PICTURES_DIR": str(ROOT / "deploy" / "local" / "demo" / "pictures"),
            },
        }[service]
        return prefixed(service, settings)


def inherited() -> dict[str, str]:
    """What a process needs of ours. Not all of it: a service reads its own variables alone."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
    return {**kept, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}", "PYTHONUNBUFFERED": "1"}


def prefixed(service: str, settings: Mapping[str, str]) -> dict[str, str]:
    return {f"{service.upper()}_{name}": value for name, value in settings.items()}
