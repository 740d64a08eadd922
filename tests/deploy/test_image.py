"""What an image holds: what its service imports, and nothing that it does not."""

import re
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("catalog", "inventory", "customer", "collect", "associate", "gateway")
REPOSITORY = ("chassis", "services", "clients", "deploy")
COPIED = re.compile(r"^COPY (?!--from)(\S+)", re.MULTILINE)


@cache
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(*REPOSITORY, include_external_packages=True)


def imported_by(service: str) -> set[str]:
    """Modules of ours and packages of others that its main imports, directly or not."""
    return imports().find_upstream_modules(f"services.{service}.main")


def locked(service: str) -> set[str]:
    text = (ROOT / "requirements" / f"{service}.txt").read_text()
    return {name.lower() for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)}


@pytest.mark.parametrize("service", SERVICES)
def test_the_lock_of_a_service_has_what_it_imports(service: str) -> None:
    bringing = packages_distributions()
    for module in imported_by(service):
        package = module.partition(".")[0]
        if package in bringing:
            names = {name.lower().replace("_", "-") for name in bringing[package]}
            assert names & locked(service), f"{service} imports {package}"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_imports_no_module_that_its_image_lacks(service: str) -> None:
    own = ("chassis", f"services.{service}")
    ours = {module for module in imported_by(service) if module.partition(".")[0] in REPOSITORY}
    assert {module for module in ours - {"services"} if not module.startswith(own)} == set()
    assert "chassis.config" in ours  # Else the graph saw nothing.


def test_an_image_is_made_of_the_contracts_the_chassis_and_one_service() -> None:
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    assert COPIED.findall(dockerfile) == [
        "requirements/${SERVICE}.txt",
        "gen",
        "chassis",
        "services/__init__.py",
        "services/${SERVICE}",
    ]
    assert "USER 65532:65532" in dockerfile


@pytest.mark.parametrize("tool", ["pytest", "typer", "rich", "grpcio-tools", "mypy", "pyyaml"])
def test_no_service_brings_tools_of_development(tool: str) -> None:
    assert [service for service in SERVICES if tool in locked(service)] == []


def test_pages_are_in_the_gateway_alone() -> None:
    assert {path.parent.name for path in (ROOT / "services").glob("*/web")} == {"gateway"}
