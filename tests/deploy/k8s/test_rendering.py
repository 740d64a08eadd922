"""What is kept is what the sources say, and valid; what is not is told."""

import copy
import shutil
from typing import Any

import pytest

from deploy.k8s import rendering, schemas
from tests.deploy.k8s.cluster import Cluster


def test_what_is_kept_was_rendered_from_the_sources_of_today(rendered: Cluster) -> None:
    assert rendering.kept_digest(rendered.overlay) == rendering.sources_digest(), "run `make k8s`"


# The digest says so everywhere; this shows that it does not lie.
@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on the path")
def test_what_is_kept_is_what_kubectl_renders(rendered: Cluster) -> None:
    text = rendering.render(rendered.overlay)
    assert rendering.documents(text) == list(rendered.resources)


def test_every_resource_is_valid_in_the_oldest_version(rendered: Cluster) -> None:
    known = (one for one in rendered.resources if schemas.kind_of(one) not in schemas.EXTENSIONS)
    found = [problem for one in known for problem in schemas.problems_in(one, schemas.VERSIONS[0])]
    assert found == []


def test_the_extensions_listed_are_those_in_use(production: Cluster) -> None:
    """One that is listed and unused would let a misspelt kind pass."""
    kinds = {schemas.kind_of(one) for one in production.resources}
    assert kinds >= schemas.EXTENSIONS


def broken(resource: dict[str, Any], **changes: Any) -> list[str]:
    changed = copy.deepcopy(resource)
    changed.update(changes)
    return list(schemas.problems([changed]))


def test_a_field_that_is_misspelt_is_a_problem(production: Cluster) -> None:
    (first, *_) = broken(production.one("Service", "catalog"), spce={})
    assert first.startswith("Service catalog in 1.35: ") and "spce" in first


def test_a_kind_without_a_schema_is_a_problem(production: Cluster) -> None:
    found = broken(production.one("Service", "catalog"), kind="Servce")
    assert len(found) == len(schemas.VERSIONS)
    assert "there is no schema of v1" in found[0]
