"""Alerts, and what an operator reads each day: each has a place in docs/operations.md."""

import json
import re
import subprocess
from typing import Any

import pytest
import yaml

from deploy.local.suite import ROOT

RULES: dict[str, Any] = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text())
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]
PAGE = (ROOT / "docs/operations.md").read_text()
READING = PAGE.split("\n## Daily reading\n")[1].split("\n## ")[0]
PANELS = {
    panel["title"]
    for file in (ROOT / "deploy/grafana").glob("*.json")
    for panel in json.loads(file.read_text())["panels"]
}


def cells(column: int) -> set[str]:
    """What stands in a column of its tables, head and all."""
    rows = [line.strip("|").split("|") for line in READING.splitlines() if line[:1] == "|"]
    return {row[column].strip() for row in rows}


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: str(rule["alert"]))
def test_an_alert_says_how_urgent_it_is_and_what_is_wrong(rule: dict[str, Any]) -> None:
    assert rule["labels"] in ({"severity": "page"}, {"severity": "look"})
    assert rule["annotations"]["summary"]
    assert re.fullmatch(r"[0-9]+[mh]", rule["for"])


def test_the_page_says_what_to_do_about_every_alert_and_no_other() -> None:
    written = set(re.findall(r"`(Comptoir\w+)`", READING))
    assert written == {rule["alert"] for rule in ALERTS}


def test_the_page_says_of_every_panel_what_is_normal() -> None:
    assert PANELS <= cells(0)


def test_the_file_is_what_a_prometheus_rule_holds() -> None:
    """By the line of the page that makes one."""
    (command,) = re.findall(r"^(\{ printf .*?\}) \| kubectl", PAGE, re.MULTILINE)
    made = subprocess.run(
        ["sh", "-euc", command], cwd=ROOT, capture_output=True, text=True, check=True
    )
    resource = yaml.safe_load(made.stdout)
    assert (resource["kind"], resource["metadata"]["namespace"]) == ("PrometheusRule", "comptoir")
    assert resource["spec"] == RULES
