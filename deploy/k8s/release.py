"""What may not go to a cluster that serves: placeholders of ours, images that can change."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from deploy.k8s.schemas import named

DIGEST = re.compile(r"@sha256:([0-9a-f]{64})$")
PLACEHOLDER = "0" * 64
# A name that nobody can own (RFC 2606), and the class that we give the edge.
EXAMPLE = re.compile(r"(^|\.)example($|[/:.])")


def refusals(resources: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Why these are not fit to be released; nothing where they are."""
    for resource in resources:
        for path, value in leaves(resource):
            if path.endswith(".image"):
                yield from (f"{named(resource)}: {why}" for why in image_refusals(value))
            elif EXAMPLE.search(value):
                yield f"{named(resource)}: {path} is still {value}"


def image_refusals(image: str) -> Iterator[str]:
    digest = DIGEST.search(image)
    if digest is None:
        yield f"{image} is named by no digest, and may be another tomorrow"
    elif digest[1] == PLACEHOLDER:
        yield f"{image} is a placeholder: kustomize edit set image NAME=REGISTRY/NAME@sha256:…"
    if EXAMPLE.search(image.partition("/")[0]):
        yield f"{image} is of no registry"


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every string, with the way to it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    elif isinstance(value, str):
        yield path, value
