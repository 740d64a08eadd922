"""What may be shipped: nothing of ours that stands for something of the operator's."""

import copy
from typing import Any

from deploy.k8s.__main__ import main
from deploy.k8s.release import PLACEHOLDER, image_refusals, refusals
from deploy.k8s.rendering import kept_file
from tests.deploy.k8s.cluster import DUMPS, SERVICES, Cluster

REAL = "registry.fargue.fr/catalog@sha256:" + "4f" * 32


def test_production_as_it_stands_here_is_refused_for_every_image(production: Cluster) -> None:
    refused = list(refusals(production.resources))
    for name in (*SERVICES, "valkey"):
        assert any(line.startswith(f"Deployment {name}: ") for line in refused)
    for name in DUMPS:
        assert any(line.startswith(f"CronJob {name}: ") for line in refused)
    assert any("gatewayClassName" in line for line in refused)
    assert any("hostnames is still comptoir.example" in line for line in refused)


def test_an_image_that_may_be_another_tomorrow_is_refused() -> None:
    (refusal,) = image_refusals("registry.fargue.fr/catalog:1.4")
    assert "named by no digest" in refusal


def test_a_digest_of_zeros_is_refused() -> None:
    (refusal,) = image_refusals(f"registry.fargue.fr/catalog@sha256:{PLACEHOLDER}")
    assert "is a placeholder" in refusal


def test_what_names_everything_is_fit(production: Cluster) -> None:
    assert list(refusals(replaced(one) for one in production.resources)) == []


def test_the_command_says_so_by_its_status(capsys: Any) -> None:
    assert main(["release", str(kept_file("production"))]) == 1
    assert "is a placeholder" in capsys.readouterr().err


def replaced(resource: dict[str, Any]) -> dict[str, Any]:
    """As an operator fills it in."""

    def filled(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: filled(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [filled(inner, key) for inner in value]
        if key == "image":
            return REAL
        return value.replace("example", "fargue.fr") if isinstance(value, str) else value

    changed: dict[str, Any] = filled(copy.deepcopy(resource))
    return changed
