"""The examples beside the overlays: they meet what production is told, by name and by port."""

from typing import Any

import pytest
import yaml

from deploy.k8s import rendering, schemas
from deploy.k8s.schemas import kind_of
from tests.deploy.k8s.cluster import NAME, SERVES, SERVICES, Cluster

EXAMPLES = sorted((rendering.HERE / "examples").glob("*.yaml"))
# Of operators; what is in these stands in the tests below, and in test_secrets.py.
EXTENSIONS = {
    ("monitoring.coreos.com/v1", "PodMonitor"),
    ("external-secrets.io/v1", "ExternalSecret"),
}


def example(name: str) -> list[dict[str, Any]]:
    return rendering.documents((rendering.HERE / "examples" / name).read_text())


def one(resources: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    (found,) = [each for each in resources if each["kind"] == kind]
    return found


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: str(file.name))
def test_an_example_is_valid(file: Any) -> None:
    known = [each for each in example(file.name) if kind_of(each) not in EXTENSIONS]
    assert list(schemas.problems(known)) == []


@pytest.mark.parametrize("service", SERVICES)
def test_metrics_of_every_service_are_collected_under_its_name(
    production: Cluster, service: str
) -> None:
    labels = production.one("Deployment", service)["spec"]["template"]["metadata"]["labels"]
    monitors = [
        monitor["spec"]
        for monitor in example("pod-monitor.yaml")
        if monitor["spec"]["selector"]["matchLabels"].items() <= labels.items()
    ]
    (monitor,) = monitors
    (endpoint,) = monitor["podMetricsEndpoints"]
    ports = {port["name"] for port in production.container(service)["ports"]}
    assert endpoint["port"] in ports
    assert (monitor["jobLabel"], labels[NAME]) == (NAME, service)


def test_the_gateway_is_asked_by_the_name_in_its_certificate(production: Cluster) -> None:
    (monitor,) = [
        each["spec"]
        for each in example("pod-monitor.yaml")
        if each["spec"]["selector"]["matchLabels"] == {SERVES: "http"}
    ]
    (endpoint,) = monitor["podMetricsEndpoints"]
    certificate = production.one("Certificate", "gateway")["spec"]
    assert endpoint["scheme"] == "https"
    assert endpoint["tlsConfig"]["serverName"] in certificate["dnsNames"]
    assert endpoint["tlsConfig"]["ca"]["secret"]["name"] == certificate["secretName"]


@pytest.mark.parametrize("service", SERVICES)
def test_the_collector_is_where_spans_are_sent(production: Cluster, service: str) -> None:
    collector = example("otel-collector.yaml")
    place = one(collector, "Service")
    (port,) = place["spec"]["ports"]
    address = f"{place['metadata']['name']}.{place['metadata']['namespace']}:{port['port']}"
    told = production.environment(service)
    assert told[f"{service.upper()}_OTLP_ENDPOINT"] == f"http://{address}"
    labels = production.one("Deployment", service)["spec"]["template"]["metadata"]["labels"]
    ((rule,),) = [one(collector, "NetworkPolicy")["spec"]["ingress"]]
    (peer,) = rule["from"]
    (expression,) = peer["podSelector"]["matchExpressions"]
    assert labels[expression["key"]] in expression["values"]


def test_the_collector_listens_there_and_knows_every_part_it_names() -> None:
    collector = example("otel-collector.yaml")
    config = yaml.safe_load(one(collector, "ConfigMap")["data"]["config.yaml"])
    (container,) = one(collector, "Deployment")["spec"]["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    listens = config["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"]
    assert listens == f"0.0.0.0:{ports['otlp']}"
    traces = config["service"]["pipelines"]["traces"]
    for part in ("receivers", "processors", "exporters"):
        assert config[part].keys() == set(traces[part])
    assert traces["processors"][0] == "memory_limiter"
    assert set(config["service"]["extensions"]) == config["extensions"].keys()


def test_the_collector_keeps_the_restricted_standard() -> None:
    pod = one(example("otel-collector.yaml"), "Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
