"""Checks resources against the schemas of the Kubernetes versions that are maintained."""

from collections.abc import Iterable, Iterator
from typing import Any

import kubernetes_validate

VERSIONS = ("1.35", "1.36", "1.37")
# Kinds that Kubernetes itself does not know. For these the policy tests are the only check
# here, so that each must have one in tests/deploy/k8s/test_extensions.py.
EXTENSIONS = frozenset(
    {
        ("cert-manager.io/v1", "Certificate"),
        ("cert-manager.io/v1", "Issuer"),
        ("gateway.networking.k8s.io/v1", "BackendTLSPolicy"),
        ("gateway.networking.k8s.io/v1", "GRPCRoute"),
        ("gateway.networking.k8s.io/v1", "Gateway"),
        ("gateway.networking.k8s.io/v1", "HTTPRoute"),
        ("mongodbcommunity.mongodb.com/v1", "MongoDBCommunity"),
    }
)


def problems(resources: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Each fault of each resource, in each version; nothing where all are well."""
    for resource in resources:
        if kind_of(resource) not in EXTENSIONS:
            for version in VERSIONS:
                yield from problems_in(resource, version)


def problems_in(resource: dict[str, Any], version: str) -> Iterator[str]:
    try:
        # Strict: a field that is misspelt would be dropped without a word.
        kubernetes_validate.validate(resource, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        place = ".".join(map(str, error.path))
        yield f"{named(resource)} in {version}: {place}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError:
        yield f"{named(resource)} in {version}: there is no schema of {resource['apiVersion']}"


def kind_of(resource: dict[str, Any]) -> tuple[str, str]:
    return resource["apiVersion"], resource["kind"]


def named(resource: dict[str, Any]) -> str:
    return f"{resource['kind']} {resource['metadata']['name']}"
