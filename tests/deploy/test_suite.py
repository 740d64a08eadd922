"""What each service of the local suite is told, and told alone."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from chassis.mongo_drivers import DriverName
from chassis.runtime import peers_from
from deploy.local import secrets
from deploy.local.engines import Engines
from deploy.local.errors import LocalError
from deploy.local.processes import Command
from deploy.local.stack import driver_from_env, has_demo, replicas_from_env
from deploy.local.suite import GRPC_SERVICES, MONGO_DRIVERS, Suite

SERVICES = (*GRPC_SERVICES, "gateway")


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    engines = Engines(mongo_uri="mongodb://me:hidden@db/", redis_url="redis://cache/0")
    return Suite(folder=tmp_path, gateway_port=8080, engines=engines)


def settings(suite: Suite, service: str) -> dict[str, str]:
    env = suite.command(service).env
    assert env is not None
    return dict(env)


def test_no_two_listen_on_one_port(suite: Suite) -> None:
    ports = list(suite.ports().values())
    assert len(set(ports)) == len(ports) == 16


def test_replicas_share_all_but_where_they_listen(suite: Suite) -> None:
    double = replace(suite, replicas_count=2)
    ports = list(double.ports().values())
    assert len(set(ports)) == len(ports) == 1 + 2 * 16
    for service in SERVICES:
        first, second = [dict(double.command(service, number).env or {}) for number in (1, 2)]
        differ = {name.partition("_")[2] for name in first if first[name] != second[name]}
        assert differ == {"ADDRESS", "HEALTH_ADDRESS", "METRICS_PORT"} - (
            {"HEALTH_ADDRESS", "METRICS_PORT"} if service == "gateway" else set()
        )


def test_some_may_have_one_process_where_others_have_two(suite: Suite) -> None:
    mixed = replace(suite, replicas_count=2, alone=frozenset({"catalog", "gateway"}))
    assert [mixed.target("catalog"), mixed.port("gateway")] == ["127.0.0.1:8081", 8080]
    assert mixed.target("collect") == "ipv4:///127.0.0.1:8084,127.0.0.1:8104"
    names = {command.name for command in mixed.commands()}
    assert {"catalog", "gateway", "collect-2"} < names


def test_every_service_knows_all_replicas_of_the_others(suite: Suite) -> None:
    double = replace(suite, replicas_count=2)
    for service in SERVICES:
        peers = peers_from(settings(double, service)[f"{service.upper()}_PEERS"])
        assert set(peers) == set(SERVICES) - {service}
        for name in set(GRPC_SERVICES) - {service}:
            addresses = (double.address(name, 1), double.address(name, 2))
            assert peers[name] == f"ipv4:///{','.join(addresses)}"


def test_replicas_have_names_of_their_own(suite: Suite) -> None:
    names = [command.name for command in replace(suite, replicas_count=2).commands()]
    assert len(set(names)) == len(names) == 12
    assert {"collect-1", "collect-2"} < set(names)


@pytest.mark.parametrize("text", ["0", "5", "two"])
def test_a_number_of_replicas_that_has_no_ports_is_said_at_once(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPTOIR_REPLICAS", text)
    with pytest.raises(LocalError, match="a number from 1 to 4"):
        replicas_from_env()


def test_each_service_has_a_database_and_a_key_of_its_own(suite: Suite) -> None:
    for setting in ("DATABASE", "KEY_FILE"):
        given = {settings(suite, name)[f"{name.upper()}_{setting}"] for name in SERVICES}
        assert len(given) == len(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_told_its_own_variables_alone(suite: Suite, service: str) -> None:
    others = {f"{name.upper()}_" for name in SERVICES if name != service}
    assert not [name for name in settings(suite, service) for other in others if other in name]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_knows_every_other(suite: Suite, service: str) -> None:
    peers = settings(suite, service)[f"{service.upper()}_PEERS"].split(",")
    assert {peer.partition("=")[0] for peer in peers} == set(SERVICES) - {service}


@pytest.mark.parametrize("service", SERVICES)
def test_no_secret_stands_in_the_environment(suite: Suite, service: str) -> None:
    values = settings(suite, service).values()
    kept = {file.read_text() for file in suite.secrets.iterdir()}
    assert not [value for value in values if "hidden" in value or value in kept]


def test_every_service_is_told_the_driver_that_was_chosen(suite: Suite) -> None:
    chosen = replace(suite, mongo_driver="pymongo")
    told = {settings(chosen, name)[f"{name.upper()}_MONGO_DRIVER"] for name in SERVICES}
    assert told == {"pymongo"}


def test_every_service_is_told_where_spans_go(suite: Suite) -> None:
    told = replace(suite, otlp_endpoint="127.0.0.1:4317")
    for service in SERVICES:
        assert settings(told, service)[f"{service.upper()}_OTLP_ENDPOINT"] == "127.0.0.1:4317"
        assert settings(suite, service)[f"{service.upper()}_OTLP_ENDPOINT"] == ""


def test_the_drivers_to_choose_from_are_those_that_services_know() -> None:
    assert set(MONGO_DRIVERS) == set(DriverName)


def test_a_driver_that_no_service_knows_is_said_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COMPTOIR_MONGO_DRIVER", "mongoose")
    with pytest.raises(LocalError, match="must be motor or pymongo, not 'mongoose'"):
        driver_from_env()


def test_variables_of_ours_do_not_reach_a_service(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATALOG_DATABASE", "another")
    monkeypatch.setenv("COMPTOIR_MONGO_URI", "mongodb://me:hidden@db/")
    assert settings(suite, "catalog")["CATALOG_DATABASE"] == "comptoir_catalog"
    assert "COMPTOIR_MONGO_URI" not in settings(suite, "catalog")


def test_secrets_are_the_same_at_the_next_start(suite: Suite) -> None:
    before = read(suite, suite.commands())
    assert read(suite, suite.commands()) == before


def test_secrets_are_of_their_owner_alone(suite: Suite) -> None:
    assert suite.commands()
    modes = {stat.S_IMODE(file.stat().st_mode) for file in suite.secrets.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(suite.secrets.stat().st_mode) == 0o700


def test_an_address_that_changes_replaces_the_one_kept(tmp_path: Path) -> None:
    for uri in ("mongodb://one/", "mongodb://two/"):
        assert secrets.text_file(tmp_path, "mongo-uri", uri).read_text() == uri


def read(suite: Suite, commands: list[Command]) -> dict[str, str]:
    assert commands
    return {file.name: file.read_text() for file in suite.secrets.iterdir()}


def test_a_demo_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPTOIR_DEMO", "no")
    with pytest.raises(LocalError, match="COMPTOIR_DEMO must be fargue or none, not 'no'"):
        has_demo()
