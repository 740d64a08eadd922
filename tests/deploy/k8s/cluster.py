"""The rendered overlays as the tests ask of them: resources by kind and name, pods, settings."""

import dataclasses
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chassis import runtime
from deploy.k8s import rendering

SERVICES = ("catalog", "inventory", "customer", "collect", "associate", "gateway")
GRPC_SERVICES = SERVICES[:-1]
# What dumps the databases, in overlays that have it.
DUMPS = ("backup", "backup-erasures")
SERVES = "comptoir-serves"
NAME = "app.kubernetes.io/name"

Resource = dict[str, Any]


@dataclass(frozen=True)
class Cluster:
    """One overlay."""

    overlay: str
    resources: tuple[Resource, ...]

    def all(self, kind: str) -> list[Resource]:
        return [resource for resource in self.resources if resource["kind"] == kind]

    def one(self, kind: str, name: str) -> Resource:
        (found,) = [one for one in self.all(kind) if one["metadata"]["name"] == name]
        return found

    def pod(self, deployment: str) -> Resource:
        """The template of its pods' spec."""
        spec: Resource = self.one("Deployment", deployment)["spec"]["template"]["spec"]
        return spec

    def container(self, deployment: str) -> Resource:
        (container,) = self.pod(deployment)["containers"]
        found: Resource = container
        return found

    @property
    def dumps(self) -> tuple[str, ...]:
        return DUMPS if self.overlay == "production" else ()

    def environment(self, service: str) -> dict[str, str]:
        """All that its process is told; from its config map alone."""
        (source,) = self.container(service)["envFrom"]
        data: dict[str, str] = self.one("ConfigMap", source["configMapRef"]["name"])["data"]
        return data

    def pods(self) -> Iterator[tuple[str, Resource]]:
        """Every pod that is made here, the engines' too, by name."""
        for deployment in self.all("Deployment"):
            yield deployment["metadata"]["name"], deployment["spec"]["template"]
        for scheduled in self.all("CronJob"):
            yield (
                scheduled["metadata"]["name"],
                scheduled["spec"]["jobTemplate"]["spec"]["template"],
            )
        for database in self.all("MongoDBCommunity"):
            yield database["metadata"]["name"], database["spec"]["statefulSet"]["spec"]["template"]

    def files(self, service: str) -> dict[str, tuple[str, str]]:
        """Every file it is given: path to (secret, key)."""
        mounts = {m["name"]: m["mountPath"] for m in self.container(service)["volumeMounts"]}
        return {
            f"{mounts[volume['name']]}/{item['path']}": (secret["name"], item["key"])
            for volume in self.pod(service)["volumes"]
            for secret in (source["secret"] for source in volume["projected"]["sources"])
            for item in secret["items"]
        }


@cache
def cluster(overlay: str) -> Cluster:
    return Cluster(overlay, tuple(rendering.kept(overlay)))


def settings_of(service: str) -> type[Any]:
    """What the service reads from its environment."""
    if service == "gateway":
        module = importlib.import_module("services.gateway.config")
    else:
        module = importlib.import_module(f"services.{service}.main")
    found: type[Any] = getattr(module, "Config", runtime.Settings)
    return found


def variables(service: str) -> dict[str, dataclasses.Field[Any]]:
    """The fields of its settings, by the variables that set them."""
    fields = dataclasses.fields(settings_of(service))
    return {f"{service}_{field.name}".upper(): field for field in fields}


def is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING


def is_path(field: dataclasses.Field[Any]) -> bool:
    return field.type in (Path, "Path")
