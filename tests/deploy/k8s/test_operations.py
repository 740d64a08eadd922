"""The table of configuration in docs/operations.md, against what services read."""

import dataclasses
import re
from pathlib import Path

from deploy.k8s import secrets
from tests.deploy.k8s.cluster import GRPC_SERVICES, SERVICES, Cluster, is_required, variables

TEXT = (Path(__file__).parents[3] / "docs" / "operations.md").read_text()
ROW = re.compile(r"^\| `(?P<name>[A-Z_<>]+)` \|(?P<default>[^|]*)\|", re.MULTILINE)
GROUPS = {"<SERVICE>": SERVICES, "<GRPC>": GRPC_SERVICES}


def written() -> dict[str, str]:
    """Default by variable, with the rows of many services as a row for each."""
    found: dict[str, str] = {}
    for row in ROW.finditer(TEXT):
        group, _, field = row["name"].partition("_")
        owners = [name.upper() for name in GROUPS.get(group, (group,))]
        found |= {f"{owner}_{field}": row["default"].strip().strip("`") for owner in owners}
    return found


def default_of(field: dataclasses.Field[object]) -> str:
    """Empty where it may be left out and then is not there."""
    if is_required(field):
        return "required"
    return "" if field.default is None else str(field.default)


def test_the_table_has_every_variable_with_its_default() -> None:
    read = {
        name: default_of(field)
        for service in SERVICES
        for name, field in variables(service).items()
    }
    assert written() == read


def test_every_key_that_is_brought_is_explained(production: Cluster) -> None:
    rows = set(re.findall(r"^\| `([a-z*-]+)`, `([a-z-]+)` \|", TEXT, re.MULTILINE))
    for name, keys in secrets.needed(production.resources).items():
        for key in keys:
            _, _, kind = name.partition("-")
            assert {(name, key), (f"*-{kind}", key)} & rows, (name, key)
