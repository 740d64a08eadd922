"""Who may speak to whom: what the policies let through is what the code calls, and no more."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from chassis.revocations import ISSUERS
from chassis.runtime import peers_from
from services.gateway.peers import NAMES
from tests.deploy.k8s.cluster import SERVICES, Cluster, Resource

ROOT = Path(__file__).parents[3]
PORT, MONGODB, VALKEY = 8080, 27017, 6379


@cache
def called_by(service: str) -> set[str]:
    """Whom its code calls: channels it opens by name, and the issuers whose sessions end."""
    if service == "gateway":
        return set(NAMES)
    return channels_in(ROOT / "services" / service) | (ISSUERS - {service})


def channels_in(folder: Path) -> set[str]:
    return {name for path in folder.rglob("*.py") for name in channel_names(path.read_text())}


def channel_names(source: str) -> Iterator[str]:
    """What stands in `….channel("name")`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr="channel"), args=[ast.Constant(value=str(name))]):
                yield name


def needed(service: str) -> set[str]:
    """Whom it must reach: those it calls, and those who call it, for the keys of their tokens."""
    return called_by(service) | {other for other in SERVICES if service in called_by(other)}


def test_the_calls_are_found() -> None:
    assert called_by("collect") == {"catalog", "inventory", "customer", "associate"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_told_of_those_it_needs_and_trusts_no_other(
    rendered: Cluster, service: str
) -> None:
    peers = peers_from(rendered.environment(service)[f"{service.upper()}_PEERS"])
    assert peers.keys() == needed(service)


def labels_of(rendered: Cluster) -> dict[str, dict[str, str]]:
    return {name: template["metadata"]["labels"] for name, template in rendered.pods()}


def selects(selector: Resource, labels: dict[str, str]) -> bool:
    for expression in selector.get("matchExpressions", ()):
        assert expression["operator"] == "In"
        if labels.get(expression["key"]) not in expression["values"]:
            return False
    return bool(selector.get("matchLabels", {}).items() <= labels.items())


def edges(rendered: Cluster, direction: str) -> set[tuple[str, str, int]]:
    """What policies let through between pods of ours: (of whom the policy is, with whom, port)."""
    side = {"Ingress": ("ingress", "from"), "Egress": ("egress", "to")}[direction]
    labels = labels_of(rendered)
    return {
        (own, other, port["port"])
        for policy in rendered.all("NetworkPolicy")
        if direction in policy["spec"]["policyTypes"]
        for own in labels
        if selects(policy["spec"]["podSelector"], labels[own])
        for rule in policy["spec"].get(side[0], ())
        for peer in rule.get(side[1], ())
        if "namespaceSelector" not in peer
        for other in labels
        if selects(peer["podSelector"], labels[other])
        for port in rule["ports"]
    }


def expected(rendered: Cluster) -> set[tuple[str, str, int]]:
    """(from, to, port)"""
    calls = {(one, other, PORT) for one in SERVICES for other in needed(one)}
    engines = {(one, "mongodb", MONGODB) for one in (*SERVICES, *rendered.dumps)}
    caches = {(one, "valkey", VALKEY) for one in SERVICES}
    return calls | engines | caches | {("mongodb", "mongodb", MONGODB)}


def test_what_may_go_out_is_what_the_code_calls(rendered: Cluster) -> None:
    assert edges(rendered, "Egress") == expected(rendered)


def test_what_may_come_in_is_what_may_go_out(rendered: Cluster) -> None:
    arriving = {(other, own, port) for own, other, port in edges(rendered, "Ingress")}
    assert arriving == expected(rendered)


def test_nobody_speaks_to_anybody_unless_it_is_said(rendered: Cluster) -> None:
    nobody = rendered.one("NetworkPolicy", "nobody")["spec"]
    assert nobody == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def with_other_namespaces(rendered: Cluster, side: str, of: str) -> dict[str, Iterable[Any]]:
    """Policies that open a way across the namespace, by name, with labels of the other side."""
    return {
        policy["metadata"]["name"]: peer["namespaceSelector"]["matchLabels"]
        for policy in rendered.all("NetworkPolicy")
        for rule in policy["spec"].get(side, ())
        for peer in rule.get(of, ())
        if "namespaceSelector" in peer
    }


def test_what_leaves_the_namespace_is_names_and_traces(rendered: Cluster) -> None:
    assert with_other_namespaces(rendered, "egress", "to") == {
        "names": {"kubernetes.io/metadata.name": "kube-system"},
        "traces": {"kubernetes.io/metadata.name": "observability"},
    }


def test_what_comes_into_the_namespace_is_the_edge_and_who_collects_metrics(
    rendered: Cluster,
) -> None:
    edge = {"edge": {"comptoir-edge": "allowed"}} if rendered.overlay == "production" else {}
    assert with_other_namespaces(rendered, "ingress", "from") == {
        "metrics": {"comptoir-metrics": "allowed"},
        "metrics-grpc": {"comptoir-metrics": "allowed"},
        **edge,
    }


@pytest.mark.parametrize("service", SERVICES)
def test_who_collects_metrics_reaches_that_port_of_each_service_alone(
    rendered: Cluster, service: str
) -> None:
    named = {port["name"]: port["containerPort"] for port in rendered.container(service)["ports"]}
    labels = labels_of(rendered)[service]
    reached = {
        port["port"]
        for policy in rendered.all("NetworkPolicy")
        if selects(policy["spec"]["podSelector"], labels)
        for rule in policy["spec"].get("ingress", ())
        for peer in rule["from"]
        if peer.get("namespaceSelector") == {"matchLabels": {"comptoir-metrics": "allowed"}}
        for port in rule["ports"]
    }
    assert reached == {named["https" if service == "gateway" else "metrics"]}


def without_other_side(rendered: Cluster, side: str, of: str) -> set[str]:
    """Policies that let through whoever it is."""
    return {
        policy["metadata"]["name"]
        for policy in rendered.all("NetworkPolicy")
        for rule in policy["spec"].get(side, ())
        if of not in rule
    }


def test_only_the_engines_agents_reach_the_kubernetes_api(rendered: Cluster) -> None:
    assert without_other_side(rendered, "egress", "to") == {"mongodb"}


def test_nobody_may_come_from_anywhere(rendered: Cluster) -> None:
    assert without_other_side(rendered, "ingress", "from") == set()
