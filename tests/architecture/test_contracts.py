"""Each import contract sees its own breach: one that cannot fail guards nothing."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
AGGREGATE = "services/inventory/reservation"
# Without them the copy takes no time.
IGNORED = shutil.ignore_patterns("__pycache__", "web")

BREACHES = [
    ("services do not import each other", "services/collect/main.py", "services.inventory.main"),
    (
        "what is kept knows nobody who asks for it",
        f"{AGGREGATE}/store.py",
        "services.inventory.reservation.servicer",
    ),
    (
        "a workflow knows no servicer",
        "services/collect/order/workflow.py",
        "services.collect.order.servicer",
    ),
    ("a domain is pure", f"{AGGREGATE}/domain.py", "google.protobuf"),
    ("a domain is pure", f"{AGGREGATE}/domain.py", "chassis.paging"),
    ("a domain is pure", f"{AGGREGATE}/domain.py", f"{AGGREGATE.replace('/', '.')}.store"),
    ("a domain is pure", "chassis/errors.py", "grpc"),
    ("the chassis knows no service", "chassis/paging.py", "comptoir.inventory.v1"),
    ("only the chassis knows the drivers", f"{AGGREGATE}/store.py", "pymongo"),
    ("a servicer knows no engine", f"{AGGREGATE}/servicer.py", "chassis.mongo"),
    ("a store knows no wire format", f"{AGGREGATE}/store.py", "grpc"),
    (
        "clients are other teams: they know the contract alone",
        "clients/locker/rules.py",
        "chassis.errors",
    ),
    (
        "clients are other teams: they know the contract alone",
        "comptoir_client/calling.py",
        "chassis.errors",
    ),
]


def test_every_contract_has_a_breach() -> None:
    contracts = {c["name"] for c in PROJECT["tool"]["importlinter"]["contracts"]}

    assert contracts == {name for name, _, _ in BREACHES}


@pytest.mark.parametrize(("contract", "path", "imported"), BREACHES)
def test_a_breach_is_seen(tmp_path: Path, contract: str, path: str, imported: str) -> None:
    for folder in (
        "chassis",
        "services",
        "clients",
        "comptoir_client",
        "gen",
        "tests/architecture",
    ):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=IGNORED)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    broken = tmp_path / path
    broken.parent.mkdir(exist_ok=True)
    (broken.parent / "__init__.py").touch()
    with broken.open("a") as file:
        file.write(f"\nimport {imported}\n")

    seen = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": ".:gen"},
        capture_output=True,
        text=True,
    )

    assert f"{contract} BROKEN" in seen.stdout, seen.stdout + seen.stderr
