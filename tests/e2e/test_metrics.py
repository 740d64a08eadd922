"""What operators scrape of the running suite, and see on the dashboards that come with it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
import yaml

from deploy.local.suite import GRPC_SERVICES, METRICS_OFFSET, ROOT
from tests.people import Person
from tests.shopping import DRILL, SHOP, ordered
from tests.suite import Stack
from tests.waiting import until

DASHBOARDS = {
    file.stem: json.loads(file.read_text())
    for file in sorted((ROOT / "deploy" / "grafana").glob("*.json"))
}
ALERTS = {
    rule["alert"]: rule["expr"]
    for group in yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
}
# A name, with what it is asked for: `name{label="value"}`.
SELECTOR = re.compile(r"\b([a-z]+_[a-z_]+)(?:\{([^}]*)\})?(?=[\[\s)]|$)")
MATCH = re.compile(r'(\w+)(=~|=)"([^"]*)"')
LABELS = re.compile(r"\bby \(([^)]*)\)")
# Prometheus' own, of where it scrapes; and the boundary of a histogram's bucket.
GIVEN = frozenset({"job", "le"})

Series = dict[str, list[dict[str, str]]]


@pytest.mark.parametrize("service", GRPC_SERVICES)
async def test_each_service_shows_what_it_served(stack: Stack, service: str) -> None:
    text = await scraped(metrics_url(stack, service))

    assert "grpc_server_calls_total{" in text
    assert f"comptoir.{service}.v1." in text


@pytest.mark.parametrize("service", [*GRPC_SERVICES, "gateway"])
async def test_each_process_shows_itself(stack: Stack, service: str) -> None:
    found = series_in(await scraped(metrics_url(stack, service)))

    assert {"process_open_fds", "process_resident_memory_bytes"} <= found.keys()
    assert "event_loop_lag_seconds_bucket" in found


@pytest.mark.parametrize("service", GRPC_SERVICES)
async def test_each_service_shows_how_long_commands_wait_for_a_connection(
    stack: Stack, service: str
) -> None:
    text = await scraped(metrics_url(stack, service))

    assert value_of(text, "mongodb_pool_wait_seconds_count") > 0
    assert value_of(text, "mongodb_pool_failures_total") >= 0


@pytest.mark.parametrize("service", ["customer", "associate"])
async def test_who_looks_at_passwords_shows_how_many_wait(stack: Stack, service: str) -> None:
    text = await scraped(metrics_url(stack, service))

    assert value_of(text, "passwords_waiting") >= 0
    assert value_of(text, 'passwords_refused_total{bound="all"}') >= 0


async def test_a_consumer_shows_that_it_comes_to_the_end_of_its_source(stack: Stack) -> None:
    async def at_the_end() -> bool:
        source = value_of(await scraped(metrics_url(stack, "inventory")), "event_log_position")
        text = await scraped(metrics_url(stack, "collect"))
        return 0 < source <= value_of(text, 'consumer_position{consumer="locations"}')

    await until(at_the_end, timeout_s=60)


@pytest.fixture
async def shown(stack: Stack, buyer: Person) -> Series:
    """All that the suite shows once an order was placed and a product looked at."""
    await ordered(buyer, [{"sku": DRILL, "quantity": 1}])
    (await buyer.get(f"/v1/products/{DRILL}", location_id=SHOP)).ok()
    found: Series = {}
    for service in (*GRPC_SERVICES, "gateway"):
        for name, labels in series_in(await scraped(metrics_url(stack, service))).items():
            found.setdefault(name, []).extend({**each, "job": service} for each in labels)
    return found


@pytest.mark.parametrize("dashboard", DASHBOARDS)
def test_every_metric_of_a_dashboard_is_one_that_the_suite_shows(
    shown: Series, dashboard: str
) -> None:
    asked = list(expressions(DASHBOARDS[dashboard]))
    assert asked
    missing = [(name, match) for each in asked for name, match in missing_in(each, shown)]
    assert missing == []


def test_every_metric_of_an_alert_is_one_that_the_suite_shows(shown: Series) -> None:
    asked = {name: SELECTOR.findall(expression) for name, expression in ALERTS.items()}
    # `up` is Prometheus' own.
    assert {name for name, found in asked.items() if not found} == {
        "ComptoirServiceGone",
        "ComptoirReplicaAway",
    }
    missing = {name: list(missing_in(each, shown)) for name, each in ALERTS.items()}
    assert {name: found for name, found in missing.items() if found} == {}


def missing_in(expression: str, shown: Series) -> Iterator[tuple[str, str]]:
    """Metrics that nobody shows, or never with such labels."""
    text = expression.replace("$__rate_interval", "5m")
    grouped = {label.strip() for found in LABELS.findall(text) for label in found.split(",")}
    for name, matches in SELECTOR.findall(LABELS.sub("", text)):
        there = shown.get(name, [])
        wanted = [(label, value) for label, sign, value in MATCH.findall(matches) if sign == "="]
        fits = [each for each in there if all(each.get(la) == va for la, va in wanted)]
        asked = grouped | {label for label, _, _ in MATCH.findall(matches)}
        if not any(asked - GIVEN <= each.keys() for each in fits):
            yield name, matches


def expressions(dashboard: Any) -> Iterator[str]:
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield target["expr"]


def series_in(text: str) -> Series:
    """The labels of each sample, by its name."""
    found: Series = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, rest = line.partition("{")
            labels = dict(re.findall(r'(\w+)="([^"]*)"', rest))
            found.setdefault(name.partition(" ")[0], []).append(labels)
    return found


def value_of(text: str, sample: str) -> float:
    """Not a number where it is not there."""
    found = re.search(rf"^{re.escape(sample)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else float("nan")


def metrics_url(stack: Stack, service: str) -> str:
    if service == "gateway":
        return stack.url
    return f"http://127.0.0.1:{stack.panel['ports'][service] + METRICS_OFFSET}"


async def scraped(url: str) -> str:
    async with aiohttp.ClientSession(url) as http, http.get("/metrics") as answer:
        assert answer.status == 200
        return await answer.text()
