"""The six services as processes of this machine, told what the manifests tell their pods.

Only where things are is another: ports and files of this machine for those of a pod.
"""

import base64
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deploy.local import ports, processes
from deploy.local.engines import Engines
from tests.chassis.authority import Authority
from tests.deploy.k8s.cluster import GRPC_SERVICES, SERVICES, Cluster

ROOT = Path(__file__).parents[3]
SECRETS = "/run/secrets/comptoir"
SERVES_S_MAX = 60.0


@dataclass(frozen=True)
class Told:
    """`folder` holds a folder of secrets for each service, and their logs."""

    rendered: Cluster
    folder: Path
    engines: Engines
    databases: str  # What their names begin with.

    def address(self, name: str) -> str:
        return f"127.0.0.1:{ports.claim(self.folder, name).port}"

    def write_secrets(self, authority: Authority) -> None:
        for service in SERVICES:
            folder = authority.write(self.folder / service / "tls", service).parent
            for path in self.rendered.files(service):
                file = folder / Path(path).relative_to(SECRETS)
                if file.name == "mongo-uri":
                    file.write_text(self.engines.mongo_uri)
                elif file.parent == folder:
                    file.write_text(base64.b64encode(os.urandom(32)).decode())

    def environment(self, service: str, addresses: Mapping[str, str]) -> dict[str, str]:
        """What its config map says, of this machine."""
        here = {
            SECRETS: str(self.folder / service),
            "redis://valkey:6379/0": self.engines.redis_url,
        }
        here |= {"0.0.0.0:8080": addresses[service], "comptoir_": self.databases}
        here |= {f"{name}:8080": addresses[name] for name in SERVICES}
        if service in GRPC_SERVICES:
            here["0.0.0.0:8081"] = self.address(f"{service} health")
        told = self.rendered.environment(service)
        changed = {name: replaced(value, here) for name, value in told.items()}
        if service in GRPC_SERVICES:
            port = self.address(f"{service} metrics").rpartition(":")[2]
            changed[f"{service.upper()}_METRICS_PORT"] = port
        return changed

    def command(self, service: str, addresses: Mapping[str, str]) -> processes.Command:
        return processes.Command(
            name=service,
            argv=(sys.executable, "-m", f"services.{service}.main"),
            env={
                "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}",
                f"{service.upper()}_UNREADY_S": "0",  # Nobody routes to them.
                **self.environment(service, addresses),
            },
        )


def replaced(text: str, parts: Mapping[str, str]) -> str:
    for old, new in parts.items():
        text = text.replace(old, new)
    return text


@asynccontextmanager
async def running(told: Told) -> AsyncIterator[Mapping[str, str]]:
    """All six listening inside the block; yields their addresses."""
    addresses = {service: told.address(service) for service in SERVICES}
    async with AsyncExitStack() as stack:
        children = [
            await stack.enter_async_context(
                processes.running(told.command(service, addresses), told.folder)
            )
            for service in SERVICES
        ]
        for child in children:
            port = int(addresses[child.command.name].partition(":")[2])
            await child.ready(partial(ports.answers, port), timeout_s=SERVES_S_MAX)
        yield addresses
