"""What other teams install: the contracts and a thin helper, and it needs what it says."""

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from clients.python.building import ROOT, build
from tests.clients.python.installed import install

PACKAGE = tomllib.loads((ROOT / "clients/python/pyproject.toml").read_text())["project"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXAMPLES = {"till.py": "", "watch.py": "", "locker.py": "locker"}
PARTS = {"cabinet.py"}  # Of an example.


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("dist")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    return install(tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="module")
def with_extra(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    return install(tmp_path_factory.mktemp("with_extra"), extra="locker")


def sources() -> dict[str, bytes]:
    """What the repository has of it, by its place in the package."""
    roots = (ROOT / "gen" / "comptoir", ROOT / "comptoir_client")
    return {
        str(file.relative_to(root.parent)): file.read_bytes()
        for root in roots
        for file in root.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def test_the_wheel_holds_the_contracts_and_the_helper_alone(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        held = {name: wheel.read(name) for name in wheel.namelist() if ".dist-info/" not in name}

    assert held == sources() | {"comptoir/py.typed": b""}


def test_the_helper_is_thin() -> None:
    lines = [len(file.read_text().splitlines()) for file in (ROOT / "comptoir_client").glob("*.py")]

    assert sum(lines) < 800


def test_the_sdist_holds_all_that_the_wheel_is_made_of(built: Path) -> None:
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {f"src/{name}" for name in sources()} <= names
    assert {
        "pyproject.toml",
        "README.md",
        *(f"examples/{name}" for name in {*EXAMPLES, *PARTS}),
    } <= names


def test_it_has_the_version_of_the_suite() -> None:
    assert PACKAGE["version"] == PROJECT["version"]
    assert PACKAGE["requires-python"] == PROJECT["requires-python"]


def test_it_asks_for_what_the_contracts_were_generated_for() -> None:
    lowest = dict(re.findall(r"([a-z-]+)>=([0-9.]+)", " ".join(PACKAGE["dependencies"])))
    generated = ROOT / "gen/comptoir/inventory/v1"
    grpc = (generated / "stock_service_pb2_grpc.py").read_text()
    protobuf = (generated / "stock_service_pb2.py").read_text()

    assert f"GRPC_GENERATED_VERSION = '{lowest['grpcio']}'" in grpc
    assert f"# Protobuf Python Version: {lowest['protobuf']}\n" in protobuf


def test_installed_alone_it_has_all_contracts(installed: Mapping[str, str]) -> None:
    modules = [
        name.removesuffix(".py").replace("/", ".") for name in sources() if name.endswith(".py")
    ]
    script = "\n".join(f"import {module}" for module in modules)

    assert ran(installed, "-c", f"{script}\nprint('all')") == "all\n"


def test_all_examples_are_run() -> None:
    examples = (ROOT / "clients/python/examples").glob("*.py")

    assert {file.name for file in examples} == {*EXAMPLES, *PARTS}


def test_installed_alone_it_has_nothing_of_the_house(installed: Mapping[str, str]) -> None:
    others = ("chassis", "clients", "pip", "cryptography")
    script = f"import importlib.util as u; print(*map(u.find_spec, {others}))"

    assert ran(installed, "-c", script) == "None None None None\n"


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_says_how_it_is_called(
    installed: Mapping[str, str], with_extra: Mapping[str, str], example: str
) -> None:
    python = with_extra if EXAMPLES[example] else installed
    said = ran(python, ROOT / "clients/python/examples" / example, "--help")

    assert said.startswith(f"usage: {example}")


def ran(environment: Mapping[str, str], *arguments: str | Path) -> str:
    """What that Python prints; away from here, or the house would be on its path."""
    ended = subprocess.run(
        [sys.executable, "-S", "-B", *arguments],
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
