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
SERVICES = (*GRPC_SERVICES, "gateway")
HEALTH_OFFSET = 10  # The health port of a service is its own port and ten,
METRICS_OFFSET = 5  # that of its metrics its own and five.
BEHIND_OFFSET = 16  # A gateway of several listens here, behind their one port.
REPLICA_OFFSET = 20  # The ports of each further replica begin so much higher.
REPLICAS_MAX = 4
BOOTSTRAP_CLIENT = "bootstrap"
MONGO_DRIVERS = ("motor", "pymongo")
STOP_S = 15.0
# From not ready to refusing. Nothing routes to one process alone, so nothing need hear of it;
# of several, whoever calls must have turned to the others by then.
UNREADY_ALONE_S, UNREADY_S = "0.1", "2"


@dataclass(frozen=True, slots=True)
class Replica:
    """One process of a service, numbered from 1; its name says the number where there are more."""

    service: str
    number: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Ports count up from the gateway's. `folder` holds secrets, logs and pid files.

    Attributes:
        gateway_port: Where the gateway is called, or what stands before its replicas.
        replicas_count: Processes of each service,
        alone: but of these, which have one however many the others have.
        otlp_endpoint: Where spans go; nowhere without.
    """

    folder: Path
    gateway_port: int
    engines: Engines
    replicas_count: int = 1
    alone: frozenset[str] = frozenset()
    mongo_driver: str = MONGO_DRIVERS[0]
    otlp_endpoint: str = ""

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.gateway_port}"

    @property
    def replicas(self) -> list[Replica]:
        return [
            self.replica(service, number)
            for service in SERVICES
            for number in self.numbers(service)
        ]

    def numbers(self, service: str) -> range:
        """Of its replicas."""
        return range(1, 2 if service in self.alone else self.replicas_count + 1)

    def replica(self, service: str, number: int) -> Replica:
        several = len(self.numbers(service)) > 1
        return Replica(service, number, f"{service}-{number}" if several else service)

    def port(self, service: str, number: int = 1) -> int:
        """Where a replica listens."""
        first = self.gateway_port + REPLICA_OFFSET * (number - 1)
        if service == "gateway":
            return first + BEHIND_OFFSET if len(self.numbers(service)) > 1 else first
        return first + 1 + GRPC_SERVICES.index(service)

    def address(self, service: str, number: int = 1) -> str:
        return f"127.0.0.1:{self.port(service, number)}"

    def target(self, service: str) -> str:
        """Where all replicas are, for a gRPC channel that balances over them."""
        addresses = [self.address(service, number) for number in self.numbers(service)]
        return f"ipv4:///{','.join(addresses)}" if len(addresses) > 1 else addresses[0]

    def health_address(self, service: str, number: int = 1) -> str:
        return f"127.0.0.1:{self.port(service, number) + HEALTH_OFFSET}"

    def ports(self) -> dict[str, int]:
        """Every port the suite listens on, by what listens there."""
        found = {"gateway": self.gateway_port}
        for replica in self.replicas:
            port = self.port(replica.service, replica.number)
            found[replica.name] = port
            if replica.service != "gateway":
                found[f"{replica.name} metrics"] = port + METRICS_OFFSET
                found[f"{replica.name} health"] = port + HEALTH_OFFSET
        return found

    def commands(self) -> list[Command]:
        return [self.command(replica.service, replica.number) for replica in self.replicas]

    def command(self, service: str, number: int = 1) -> Command:
        return Command(
            name=self.replica(service, number).name,
            argv=(sys.executable, "-m", module_of(service)),
            env={**self.shared(service, number), **self.own(service, number)},
            patience_s=STOP_S,
        )

    def shared(self, service: str, number: int) -> Mapping[str, str]:
        peers = {name: self.target(name) for name in GRPC_SERVICES if name != service}
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
            "UNREADY_S": UNREADY_S if len(self.numbers(service)) > 1 else UNREADY_ALONE_S,
            "CHECK_INTERVAL_S": "1",
            "OTLP_ENDPOINT": self.otlp_endpoint,
        }
        if service != "gateway":
            settings["ADDRESS"] = self.address(service, number)
            settings["HEALTH_ADDRESS"] = self.health_address(service, number)
            settings["METRICS_PORT"] = str(self.port(service, number) + METRICS_OFFSET)
        return {**inherited(), **prefixed(service, settings)}

    def own(self, service: str, number: int) -> Mapping[str, str]:
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
            "collect": {
                "CODE_KEY_FILE": str(key_file(self.secrets, "collect-code")),
                # As late as the day behind the slot's.
                "RESOURCE_LATE_S_MAX": "86400",
            },
            "associate": {
                "PEPPER_FILE": str(key_file(self.secrets, "associate-pepper")),
                "REFRESH_KEY_FILE": str(key_file(self.secrets, "associate-refresh")),
                "CLIENT_KEY_FILE": str(key_file(self.secrets, "associate-client")),
                "BOOTSTRAP_CLIENT": BOOTSTRAP_CLIENT,
                "BOOTSTRAP_SECRET_FILE": str(password_file(self.secrets, BOOTSTRAP_CLIENT)),
            },
            "gateway": {
                "ADDRESS": self.address("gateway", number),
                "PICTURES_DIR": str(ROOT / "deploy" / "local" / "demo" / "pictures"),
            },
        }[service]
        return prefixed(service, settings)


def module_of(service: str) -> str:
    return f"services.{service}.main"


def inherited() -> dict[str, str]:
    """What a process needs of ours. Not all of it: a service reads its own variables alone."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
    return {**kept, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}", "PYTHONUNBUFFERED": "1"}


def prefixed(service: str, settings: Mapping[str, str]) -> dict[str, str]:
    return {f"{service.upper()}_{name}": value for name, value in settings.items()}
