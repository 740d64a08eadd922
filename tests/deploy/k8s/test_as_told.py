"""The suite does its work with what the manifests tell it: mTLS, and no peers but those needed."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from comptoir.associate.v1 import client_service_pb2 as client_pb
from comptoir.associate.v1 import terminal_service_pb2 as terminal_pb
from comptoir.associate.v1.client_service_pb2_grpc import ClientServiceStub
from comptoir.associate.v1.terminal_service_pb2_grpc import TerminalServiceStub
from pymongo import AsyncMongoClient

from chassis.certificates import Certificates, https_client_context
from chassis.client import RemoteError, channel
from deploy.local.engines import Engines
from deploy.local.whole import QUESTIONS
from tests.chassis.authority import Authority
from tests.deploy.k8s.cluster import cluster
from tests.deploy.k8s.told import Told, running
from tests.waiting import until

Addresses = Mapping[str, str]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
async def told(
    engines: Engines, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Told]:
    """Dev, since production sends traces to where nobody is; its peers are the same."""
    databases = f"comptoir_test_{uuid4().hex[:8]}_"
    made = Told(cluster("dev"), tmp_path_factory.mktemp("told"), engines, databases)
    made.write_secrets(authority)
    yield made
    async with AsyncMongoClient[dict[str, Any]](engines.mongo_uri) as client:
        for name in await client.list_database_names():
            if name.startswith(databases):
                await client.drop_database(name)


@pytest.fixture(scope="module")
async def addresses(told: Told) -> AsyncIterator[Addresses]:
    async with running(told) as found:
        yield found


@pytest.fixture(scope="module")
def edge(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """What the edge shows the services."""
    return Certificates(authority.write(tmp_path_factory.mktemp("edge"), "edge"))


async def test_every_service_answers_through_the_gateway(
    addresses: Addresses, edge: Certificates
) -> None:
    url, context = f"https://{addresses['gateway']}", https_client_context(edge)
    async with aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(ssl=context)) as http:
        for method, path, body in QUESTIONS.values():

            async def answered(method: str = method, path: str = path, body: Any = body) -> bool:
                headers = {"Idempotency-Key": str(uuid4())}
                async with http.request(method, path, json=body, headers=headers) as answer:
                    return answer.status < 500

            await until(answered)


async def test_associate_asks_inventory(
    told: Told, addresses: Addresses, edge: Certificates
) -> None:
    """An edge that nothing through the gateway shows without a terminal."""
    async with channel(addresses["associate"], certificates=edge) as opened:
        clients, terminals = ClientServiceStub(opened), TerminalServiceStub(opened)
        secret = (told.folder / "associate" / "bootstrap-secret").read_text()
        first = await signed_in(clients, "bootstrap", secret)
        put = client_pb.PutClientRequest(
            request_id=str(uuid4()), client_id="installer", scopes=["terminal.enrol"]
        )
        made = await clients.PutClient(put, metadata=first)
        installer = await signed_in(clients, "installer", made.secret)
        with pytest.raises(RemoteError) as caught:
            await terminals.CreateEnrolmentCode(
                terminal_pb.CreateEnrolmentCodeRequest(
                    request_id=str(uuid4()), location_id="nowhere", label="Tests"
                ),
                metadata=installer,
            )
    assert caught.value.reason == "UNKNOWN_LOCATION"


async def signed_in(clients: Any, client_id: str, secret: str) -> tuple[tuple[str, str], ...]:
    request = client_pb.IssueTokenRequest(client_id=client_id, secret=secret)
    answer = await clients.IssueToken(request)
    return (("authorization", f"Bearer {answer.access_token}"),)


async def test_who_has_no_certificate_reaches_no_service(
    told: Told, addresses: Addresses, tmp_path: Path
) -> None:
    stranger = Authority("stranger").write(tmp_path / "stranger", "edge")
    (stranger / "ca.crt").write_bytes((told.folder / "catalog" / "tls" / "ca.crt").read_bytes())
    for service in ("catalog", "inventory", "customer", "collect", "associate"):
        async with channel(
            addresses[service], certificates=Certificates(stranger), timeout_s=2
        ) as opened:
            with pytest.raises(RemoteError) as caught:
                await signed_in(ClientServiceStub(opened), "operator", "unused")
        assert caught.value.reason == "UNAVAILABLE"
