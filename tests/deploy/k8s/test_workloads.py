"""How pods are run: what every one must have, and what no one may."""

import pytest

from chassis.health import LIVE
from deploy.k8s.schemas import named
from tests.deploy.k8s.cluster import GRPC_SERVICES, NAME, SERVES, SERVICES, Cluster, cluster


def test_the_namespace_enforces_the_restricted_standard(rendered: Cluster) -> None:
    labels = rendered.one("Namespace", "comptoir")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_everything_is_in_the_namespace(rendered: Cluster) -> None:
    inside = [one for one in rendered.resources if one["kind"] != "Namespace"]
    assert {one["metadata"]["namespace"] for one in inside} == {"comptoir"}


def test_every_pod_keeps_the_restricted_standard(rendered: Cluster) -> None:
    """https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted"""
    for name, template in rendered.pods():
        pod, spec = template["spec"], template["spec"]["securityContext"]
        assert spec["runAsNonRoot"] is True, name
        assert spec["runAsUser"] > 0, name
        assert spec["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys(), name
        for container in (*pod["containers"], *pod.get("initContainers", ())):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, (name, container["name"])


def test_every_container_has_requests_and_limits(rendered: Cluster) -> None:
    for name, template in rendered.pods():
        for container in template["spec"]["containers"]:
            resources = container["resources"]
            for share in ("requests", "limits"):
                assert resources[share].keys() == {"cpu", "memory"}, (name, share)


def test_each_has_an_account_of_its_own_without_a_token(rendered: Cluster) -> None:
    accounts = [template["spec"]["serviceAccountName"] for _, template in rendered.pods()]
    made = [account["metadata"]["name"] for account in rendered.all("ServiceAccount")]
    assert sorted(accounts) == sorted(made)
    # MongoDB's agents read their configuration through the Kubernetes API.
    for name, template in rendered.pods():
        if name != "mongodb":
            assert template["spec"]["automountServiceAccountToken"] is False, name
            assert rendered.one("ServiceAccount", name)["automountServiceAccountToken"] is False


def test_no_container_is_told_a_secret_by_its_environment(rendered: Cluster) -> None:
    for name, template in rendered.pods():
        for container in template["spec"]["containers"]:
            assert "env" not in container, name
            for source in container.get("envFrom", ()):
                assert source.keys() == {"configMapRef"}, name
    assert rendered.all("Secret") == []


@pytest.mark.parametrize("service", GRPC_SERVICES)
def test_liveness_is_apart_from_the_database(rendered: Cluster, service: str) -> None:
    container = rendered.container(service)
    health = {port["name"]: port["containerPort"] for port in container["ports"]}["health"]
    assert container["startupProbe"]["grpc"] == {"port": health, "service": LIVE}
    assert container["livenessProbe"]["grpc"] == {"port": health, "service": LIVE}
    assert container["readinessProbe"]["grpc"] == {"port": health}


def test_the_gateway_is_probed_over_https(rendered: Cluster) -> None:
    container = rendered.container("gateway")
    paths = {"startupProbe": "/healthz", "readinessProbe": "/readyz", "livenessProbe": "/healthz"}
    for probe, path in paths.items():
        assert container[probe]["httpGet"] == {"path": path, "port": "https", "scheme": "HTTPS"}


def test_a_service_that_is_not_live_has_had_time_to_start(rendered: Cluster) -> None:
    for service in SERVICES:
        startup = rendered.container(service)["startupProbe"]
        assert startup["periodSeconds"] * startup["failureThreshold"] >= 60


@pytest.mark.parametrize("service", SERVICES)
def test_a_pod_that_goes_has_time_to_drain(rendered: Cluster, service: str) -> None:
    pause_s = rendered.container(service)["lifecycle"]["preStop"]["sleep"]["seconds"]
    told = rendered.environment(service)
    # None of these is set, so that the defaults count: 3 s unready, 10 s for calls.
    assert not {f"{service}_{name}".upper() for name in ("unready_s", "drain_s")} & told.keys()
    assert pause_s >= 5
    assert rendered.pod(service)["terminationGracePeriodSeconds"] >= pause_s + 3 + 10 + 10


@pytest.mark.parametrize("service", SERVICES)
def test_a_rollout_takes_no_capacity_away(rendered: Cluster, service: str) -> None:
    strategy = rendered.one("Deployment", service)["spec"]["strategy"]
    assert strategy["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


@pytest.mark.parametrize("service", SERVICES)
def test_replicas_are_spread_over_zones_and_nodes(rendered: Cluster, service: str) -> None:
    spreads = rendered.pod(service)["topologySpreadConstraints"]
    assert {spread["topologyKey"] for spread in spreads} == {
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    }
    labels = rendered.one("Deployment", service)["spec"]["template"]["metadata"]["labels"]
    for spread in spreads:
        assert spread["labelSelector"]["matchLabels"].items() <= labels.items()
        # Else one service's pods would count against another's.
        assert NAME in spread["matchLabelKeys"]


@pytest.mark.parametrize("service", SERVICES)
def test_production_scales_by_processor_and_keeps_two_when_a_node_goes(
    production: Cluster, service: str
) -> None:
    scaler = production.one("HorizontalPodAutoscaler", service)["spec"]
    assert scaler["scaleTargetRef"]["name"] == service
    assert 2 <= scaler["minReplicas"] <= 3 < scaler["maxReplicas"]
    assert [metric["resource"]["name"] for metric in scaler["metrics"]] == ["cpu"]
    assert "replicas" not in production.one("Deployment", service)["spec"]
    budget = production.one("PodDisruptionBudget", service)["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["selector"]["matchLabels"] == {NAME: service}


def test_development_runs_one_of_each() -> None:
    dev = cluster("dev")
    assert dev.all("HorizontalPodAutoscaler") == dev.all("PodDisruptionBudget") == []
    assert {one["spec"]["replicas"] for one in dev.all("Deployment")} == {1}
    assert dev.one("MongoDBCommunity", "mongodb")["spec"]["members"] == 1


def test_a_budget_that_lets_nobody_go_is_nowhere(rendered: Cluster) -> None:
    for budget in rendered.all("PodDisruptionBudget"):
        assert budget["spec"]["maxUnavailable"] >= 1, named(budget)


def test_every_selector_selects_pods_that_there_are(rendered: Cluster) -> None:
    labels = [template["metadata"]["labels"].items() for _, template in rendered.pods()]
    for kind in ("Service", "PodDisruptionBudget"):
        for one in rendered.all(kind):
            selector = one["spec"]["selector"]
            wanted = selector.get("matchLabels", selector).items()
            assert any(wanted <= has for has in labels), named(one)


def test_what_a_service_serves_is_said_by_its_label(rendered: Cluster) -> None:
    said = {name: template["metadata"]["labels"].get(SERVES) for name, template in rendered.pods()}
    assert said == dict.fromkeys(GRPC_SERVICES, "grpc") | {
        "gateway": "http",
        "valkey": None,
        "mongodb": None,
        **dict.fromkeys(rendered.dumps),
    }
