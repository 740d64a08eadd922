"""The guide for other teams is whole: every method, scope and reason of the contracts is in it."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from comptoir.type.v1.access_pb2 import access

from services.associate.client.domain import SCOPES

ROOT = Path(__file__).parents[2]
PROTOS = ROOT / "protos"
GUIDE = (ROOT / "docs" / "api.md").read_text()

ROW = re.compile(r"^\|(.*)\|$", re.MULTILINE)
METHOD = re.compile(r"`(\w+Service\.\w+)`")
QUOTED = re.compile(r"`([^`]+)`")
REASON = re.compile(r"`([A-Z]+(?:_[A-Z]+)+)`")
REASON_IN_TABLE = re.compile(r"`([A-Z]+(?:_[A-Z]+)*)`")
RPC = re.compile(r"((?:^  //.*\n)+)^  rpc (\w+)\(", re.MULTILINE)
SERVICE = re.compile(r"((?:^//.*\n)+)^service (\w+) \{", re.MULTILINE)


def open_to_others() -> dict[str, set[str]]:
    """Methods that another team may call, and as whom."""
    return {
        f"{service.name}.{method.name}": who
        for service in services()
        for method in service.methods
        if (who := outsiders(method.GetOptions().Extensions[access]))
    }


def services() -> Iterator[Any]:
    for file in sorted(PROTOS.rglob("*_service.proto")):
        module = ".".join(file.relative_to(PROTOS).with_suffix("").parts)
        yield from importlib.import_module(f"{module}_pb2").DESCRIPTOR.services_by_name.values()


def outsiders(declared: Any) -> set[str]:
    alone = {"cabinets": declared.locker, "anyone": declared.public}
    return set(declared.client_scopes) | {name for name, said in alone.items() if said}


def documented() -> dict[str, set[str]]:
    """The reasons that each method, and each service for all of its methods, says it fails with."""
    found: dict[str, set[str]] = {}
    for file in sorted(PROTOS.rglob("*_service.proto")):
        text = file.read_text()
        for comment, name in SERVICE.findall(text):
            found[name] = set(REASON.findall(comment))
            for said, method in RPC.findall(text[text.index(f"service {name} {{") :]):
                begin = re.search(r"Fails |Reasons:", said)
                found[f"{name}.{method}"] = set(
                    REASON.findall(said[begin.start() :] if begin else "")
                )
    return found


def section(title: str) -> str:
    return GUIDE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def cells(title: str) -> list[list[str]]:
    return [[cell.strip() for cell in row.split("|")] for row in ROW.findall(section(title))]


def methods_told() -> dict[str, list[str]]:
    return {name: row for row in cells("Methods") if (name := "".join(METHOD.findall(row[0])))}


def reasons_told() -> set[str]:
    return {reason for row in cells("Reasons") for reason in REASON_IN_TABLE.findall(row[0])}


def test_every_method_that_is_open_to_others_stands_there_with_who_may_call_it() -> None:
    told = {name: set(QUOTED.findall(row[1])) or {row[1]} for name, row in methods_told().items()}

    assert told == open_to_others()


@pytest.mark.parametrize("method", sorted(open_to_others()))
def test_a_method_stands_there_with_the_reasons_of_its_contract(method: str) -> None:
    told = set(REASON.findall(methods_told()[method][3]))

    assert documented()[method] <= told
    assert told <= reasons_told()


def test_every_reason_that_a_service_gives_for_all_of_its_methods_is_explained() -> None:
    names = {method.partition(".")[0] for method in open_to_others()}
    given = set.union(*(documented()[name] for name in names))

    assert "REQUEST_ID_REUSED" in given
    assert given <= reasons_told()


def test_every_reason_that_is_explained_is_given_by_somebody() -> None:
    code = "".join(
        file.read_text() for root in ("chassis", "services") for file in (ROOT / root).rglob("*.py")
    )

    assert {reason for reason in reasons_told() if f'"{reason}"' not in code} == set()


def test_every_scope_stands_there_and_no_other() -> None:
    told = {scope for row in cells("Credentials") for scope in QUOTED.findall(row[0])}

    assert told == SCOPES
