"""Whom the door counts as one."""

import re
from pathlib import Path

import pytest

from services.gateway.limiting import source_of
from services.gateway.table import ROUTES

OPERATIONS = Path(__file__).parents[2] / "docs/operations.md"


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
        ("x" * 100, "x" * 64),
    ],
)
def test_a_line_is_one_source(address: str, source: str) -> None:
    assert source_of(address) == source


def limits() -> dict[str, tuple[int, set[str]]]:
    """By name: how many a minute, and of which routes together."""
    found: dict[str, tuple[int, set[str]]] = {}
    for route in ROUTES:
        if route.limit is not None:
            _, routes = found.setdefault(route.limit.name, (route.limit.per_minute_max, set()))
            routes.add(f"{route.method} {route.path}")
    return found


def limits_told() -> dict[str, tuple[int, set[str]]]:
    """As operators read them."""
    text = OPERATIONS.read_text().partition("\n## Soft limits\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \| ([\d,]+) \| (.+) \|$", text, re.MULTILINE)
    return {
        name: (int(count.replace(",", "")), set(re.findall(r"`([^`]+)`", routes)))
        for name, count, routes in rows
    }


def test_operators_are_told_every_limit() -> None:
    assert limits_told() == limits()


@pytest.mark.parametrize(
    "dear",
    [
        "GET /v1/products",
        "POST /v1/products/batch",
        "POST /v1/pickup-options",
        "POST /v1/orders/quote",
        "POST /v1/sessions/refresh",
        "POST /v1/staff/sessions/refresh",
    ],
)
def test_what_is_dear_and_open_to_visitors_has_a_limit_of_its_own(dear: str) -> None:
    assert [routes for _, routes in limits().values() if dear in routes] == [{dear}]
