"""What the manifests tell each service is what it reads: variables, files, ports, peers."""

import dataclasses
from pathlib import Path

import pytest

from chassis.certificates import certificates_in
from chassis.config import from_env
from chassis.runtime import peers_from
from tests.deploy.k8s.cluster import (
    GRPC_SERVICES,
    SERVICES,
    Cluster,
    is_path,
    is_required,
    settings_of,
    variables,
)

JWKS = "https://gateway:8080/.well-known/jwks.json"


@pytest.mark.parametrize("service", SERVICES)
def test_every_variable_set_is_read_and_every_one_required_is_set(
    rendered: Cluster, service: str
) -> None:
    told, read = rendered.environment(service).keys(), variables(service)
    assert told - read.keys() == set()
    assert {name for name, field in read.items() if is_required(field)} - told == set()


@pytest.mark.parametrize("service", SERVICES)
def test_the_service_understands_what_it_is_told(rendered: Cluster, service: str) -> None:
    settings = from_env(settings_of(service), service.upper(), rendered.environment(service))
    assert settings.database == f"comptoir_{service}"


@pytest.mark.parametrize("service", SERVICES)
def test_every_secret_read_is_a_file_and_every_file_is_read(
    rendered: Cluster, service: str
) -> None:
    told = rendered.environment(service)
    read = {told[name] for name, field in variables(service).items() if is_path(field)}
    tls_dir = told[f"{service.upper()}_TLS_DIR"]
    certificate = {f"{tls_dir}/{name}" for name in ("tls.crt", "tls.key", "ca.crt")}
    assert rendered.files(service).keys() == read | certificate


@pytest.mark.parametrize("service", SERVICES)
def test_no_two_services_share_a_secret(rendered: Cluster, service: str) -> None:
    secrets = {secret for secret, _ in rendered.files(service).values()}
    assert secrets == {f"{service}-keys", f"{service}-mongodb", f"{service}-tls"}


@pytest.mark.parametrize("service", SERVICES)
def test_the_port_listened_on_is_the_port_called(rendered: Cluster, service: str) -> None:
    ports = {port["name"]: port["containerPort"] for port in rendered.container(service)["ports"]}
    told = rendered.environment(service)
    main = "https" if service == "gateway" else "grpc"
    assert told[f"{service.upper()}_ADDRESS"] == f"0.0.0.0:{ports[main]}"
    (served,) = rendered.one("Service", service)["spec"]["ports"]
    assert served["targetPort"] == main
    assert callable_at(rendered, service) == {f"{service}:{served['port']}"}


def callable_at(rendered: Cluster, service: str) -> set[str]:
    """Where the others look for it."""
    found = {
        peers_from(rendered.environment(other)[f"{other.upper()}_PEERS"]).get(service)
        for other in SERVICES
    }
    return {where.removeprefix("https://").partition("/")[0] for where in found if where}


@pytest.mark.parametrize("service", GRPC_SERVICES)
def test_health_listens_where_the_probes_look(rendered: Cluster, service: str) -> None:
    health_address = rendered.environment(service)[f"{service.upper()}_HEALTH_ADDRESS"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        port = rendered.container(service)[probe]["grpc"]["port"]
        assert health_address == f"0.0.0.0:{port}"


@pytest.mark.parametrize("service", GRPC_SERVICES)
def test_metrics_are_served_at_the_port_that_is_named_for_them(
    rendered: Cluster, service: str
) -> None:
    ports = {port["name"]: port["containerPort"] for port in rendered.container(service)["ports"]}
    assert rendered.environment(service)[f"{service.upper()}_METRICS_PORT"] == str(ports["metrics"])


@pytest.mark.parametrize("service", GRPC_SERVICES)
def test_a_grpc_service_has_a_name_with_every_address_behind_it(
    rendered: Cluster, service: str
) -> None:
    assert rendered.one("Service", service)["spec"]["clusterIP"] == "None"


@pytest.mark.parametrize("service", GRPC_SERVICES)
def test_the_gateways_keys_are_asked_for_over_https(rendered: Cluster, service: str) -> None:
    peers = peers_from(rendered.environment(service)[f"{service.upper()}_PEERS"])
    assert peers["gateway"] == JWKS


@pytest.mark.parametrize("service", SERVICES)
def test_services_speak_mtls_with_the_certificate_that_is_made_for_them(
    rendered: Cluster, service: str
) -> None:
    assert certificates_in(rendered.environment(service)[f"{service.upper()}_TLS_DIR"])
    certificate = rendered.one("Certificate", service)["spec"]
    assert certificate["secretName"] == f"{service}-tls"
    assert service in certificate["dnsNames"]  # The name by which the others call it.
    assert {"server auth", "client auth"} <= set(certificate["usages"])
    assert certificate["issuerRef"] == {"kind": "Issuer", "name": "comptoir"}


def test_the_gateway_knows_that_one_proxy_stands_before_it(rendered: Cluster) -> None:
    told = rendered.environment("gateway")
    assert (told["GATEWAY_SECURE_COOKIES"], told["GATEWAY_PROXIES_COUNT"]) == ("true", "1")


def test_only_production_sends_traces(rendered: Cluster) -> None:
    for service in SERVICES:
        endpoint = rendered.environment(service).get(f"{service.upper()}_OTLP_ENDPOINT")
        assert (endpoint is not None) == (rendered.overlay == "production")


@pytest.mark.parametrize("service", SERVICES)
def test_paths_are_recognised_as_such(service: str) -> None:
    """Or the tests above would pass for want of any."""
    fields = {field.name: field for field in dataclasses.fields(settings_of(service))}
    assert is_path(fields["key_file"]) and fields["key_file"].type in (Path, "Path")
