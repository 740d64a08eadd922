"""The kinds that Kubernetes has no schema of: certificates, the database, the ways in."""

import importlib
from pathlib import Path
from typing import Any

import pytest
from comptoir.type.v1 import access_pb2
from google.protobuf.descriptor import ServiceDescriptor

from chassis.engine import TRANSACTION_LIFETIME_S_MAX
from chassis.house_services import HOUSE_DESCRIPTORS
from chassis.runtime import services_in
from services.gateway.app import app_of
from services.gateway.table import ROUTES
from tests.deploy.k8s.cluster import GRPC_SERVICES, SERVICES, Cluster

ROOT = Path(__file__).parents[3]
# What the platform asks, and nobody outside.
INSIDE = {"/healthz", "/readyz", "/metrics"}


def mongodb(rendered: Cluster) -> dict[str, Any]:
    spec: dict[str, Any] = rendered.one("MongoDBCommunity", "mongodb")["spec"]
    return spec


def test_the_database_lets_go_of_the_rows_of_a_killed_process(rendered: Cluster) -> None:
    parameters = mongodb(rendered)["additionalMongodConfig"]["setParameter"]
    limit_s = parameters["transactionLifetimeLimitSeconds"]
    assert 0 < limit_s <= TRANSACTION_LIFETIME_S_MAX


def test_three_members_without_an_arbiter_outlive_one(production: Cluster) -> None:
    assert mongodb(production)["members"] == 3
    # With an arbiter, w: majority is one member when another is away.
    assert "arbiters" not in mongodb(production)


def test_each_service_has_a_user_of_its_own_database_alone(rendered: Cluster) -> None:
    users = {user["name"]: user for user in mongodb(rendered)["users"]}
    backup = users.pop("backup", None)
    assert (backup is not None) == bool(rendered.dumps)
    assert users.keys() == set(SERVICES)
    for service, user in users.items():
        told = rendered.environment(service)
        databases = {value for name, value in told.items() if name.endswith("DATABASE")}
        roles = {(role["name"], role["db"]) for role in user["roles"]}
        assert roles == {("readWrite", name) for name in databases} | {("readsParameters", "admin")}
        assert (f"{service}-mongodb", "connectionString.standard") in rendered.files(
            service
        ).values()
        assert user["connectionStringSecretName"] == f"{service}-mongodb"


def test_the_databases_certificate_is_checked_against_the_authority(rendered: Cluster) -> None:
    assert mongodb(rendered)["security"]["tls"] == {
        "enabled": True,
        "certificateKeySecretRef": {"name": "mongodb-tls"},
        "caCertificateSecretRef": {"name": "mongodb-tls"},
    }
    authority = mongodb(rendered)["additionalConnectionStringConfig"]["tlsCAFile"]
    for service in SERVICES:
        assert rendered.files(service)[authority] == (f"{service}-tls", "ca.crt")
    certificate = rendered.one("Certificate", "mongodb")["spec"]
    assert certificate["secretName"] == "mongodb-tls"
    assert certificate["dnsNames"] == ["*.mongodb-svc.comptoir.svc.cluster.local"]


def test_every_certificate_is_renewed_long_before_its_end(rendered: Cluster) -> None:
    for certificate in rendered.all("Certificate"):
        spec = certificate["spec"]
        ahead = int(spec["renewBefore"].removesuffix("h")) / int(spec["duration"].removesuffix("h"))
        assert 0.1 <= ahead <= 0.5, certificate["metadata"]["name"]
        assert spec["privateKey"]["rotationPolicy"] == ("Never" if spec.get("isCA") else "Always")


def test_every_issuer_asked_is_there(rendered: Cluster) -> None:
    issuers = {issuer["metadata"]["name"] for issuer in rendered.all("Issuer")}
    assert {one["spec"]["issuerRef"]["name"] for one in rendered.all("Certificate")} == issuers
    authority = rendered.one("Certificate", "authority")["spec"]
    assert rendered.one("Issuer", "comptoir")["spec"]["ca"]["secretName"] == authority["secretName"]


def proto_services(service: str) -> list[ServiceDescriptor]:
    files = (ROOT / "protos" / "comptoir" / service / "v1").glob("*_service.proto")
    modules = (f"comptoir.{service}.v1.{file.stem}_pb2" for file in files)
    return services_in(importlib.import_module(module).DESCRIPTOR for module in modules)


def has_way_in(descriptor: ServiceDescriptor) -> bool:
    """Whether a client or a locker may call any of it."""
    accesses = [m.GetOptions().Extensions[access_pb2.access] for m in descriptor.methods]
    return any(access.client_scopes or access.locker for access in accesses)


def test_other_teams_and_lockers_reach_what_is_open_to_them_and_no_more(
    production: Cluster,
) -> None:
    for service in GRPC_SERVICES:
        route = production.one("GRPCRoute", service)["spec"]
        (rule,) = route["rules"]
        routed = {match["method"]["service"] for match in rule["matches"]}
        open_ones = [one for one in proto_services(service) if has_way_in(one)]
        assert routed == {one.full_name for one in (*open_ones, *services_in(HOUSE_DESCRIPTORS))}
        assert rule["backendRefs"] == [{"name": service, "port": 8080}]
        assert route["hostnames"] == [f"{service}.grpc.comptoir.example"]


@pytest.mark.parametrize("service", GRPC_SERVICES)
def test_nobody_outside_says_what_is_sampled(production: Cluster, service: str) -> None:
    """A service believes the flag in a `traceparent`: from outside none may come."""
    (rule,) = production.one("GRPCRoute", service)["spec"]["rules"]
    removed = {
        name
        for each in rule.get("filters", ())
        if each["type"] == "RequestHeaderModifier"
        for name in each["requestHeaderModifier"].get("remove", ())
    }
    assert {"traceparent", "tracestate"} <= removed


def test_a_call_for_the_gateway_alone_has_no_way_in() -> None:
    """Or the rule above would be no rule."""
    closed = {one.name for one in proto_services("collect") if not has_way_in(one)}
    assert closed == {"BasketService", "PickingService"}


class Nothing:
    """Stands for probes and descriptions, whose paths are listed below."""

    def add_to(self, app: Any) -> None:
        pass


def public_paths() -> set[str]:
    """The paths the gateway serves, but for what the platform asks."""
    unused: Any = Nothing()
    endpoint: Any = unused
    endpoint.handle = None
    app = app_of([], probes=unused, reference=unused, pictures=Path())
    pages = {resource.canonical for resource in app.router.resources()} - {"/{path}"}
    described = {"/docs", "/docs/reference.css", "/openapi.json", "/.well-known/jwks.json"}
    return pages | described | {route.path for route in ROUTES}


def matches(match: dict[str, Any], path: str) -> bool:
    value = match["path"]["value"]
    if match["path"]["type"] == "Exact":
        return bool(path == value)
    return bool(path == value or path.startswith(f"{value}/"))


def test_what_the_gateway_serves_has_a_way_in_and_probes_have_none(production: Cluster) -> None:
    (rule,) = production.one("HTTPRoute", "gateway")["spec"]["rules"]
    served = public_paths() | INSIDE
    open_paths = {path for path in served for match in rule["matches"] if matches(match, path)}
    assert open_paths == public_paths()
    assert "/v1/products/{sku}" in open_paths and "/app/{path}" in open_paths


def test_event_streams_are_not_cut_by_the_edge(production: Cluster) -> None:
    (rule,) = production.one("HTTPRoute", "gateway")["spec"]["rules"]
    assert rule["timeouts"] == {"request": "0s"}


def test_the_edge_shows_a_certificate_and_checks_whom_it_reaches(production: Cluster) -> None:
    edge = production.one("Certificate", "edge")["spec"]["secretName"]
    gateway = production.one("Gateway", "comptoir")["spec"]
    assert gateway["tls"]["backend"]["clientCertificateRef"]["name"] == edge
    for service in SERVICES:
        policy = production.one("BackendTLSPolicy", service)["spec"]
        assert [target["name"] for target in policy["targetRefs"]] == [service]
        names = production.one("Certificate", service)["spec"]["dnsNames"]
        assert policy["validation"]["hostname"] in names


def test_routes_hang_on_listeners_that_there_are(production: Cluster) -> None:
    gateway = production.one("Gateway", "comptoir")["spec"]
    listeners = {listener["name"]: listener for listener in gateway["listeners"]}
    for route in (*production.all("HTTPRoute"), *production.all("GRPCRoute")):
        (parent,) = route["spec"]["parentRefs"]
        listener = listeners[parent["sectionName"]]
        suffix = listener["hostname"].removeprefix("*")
        assert all(name.endswith(suffix) for name in route["spec"]["hostnames"])
        assert listener["protocol"] == "HTTPS"
