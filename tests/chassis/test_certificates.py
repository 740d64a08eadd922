"""mTLS through real servers: who is heard, who is not, and what follows the files."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from comptoir.type.v1 import event_service_pb2 as pb
from comptoir.type.v1 import event_service_pb2_grpc as pb_grpc
from cryptography import x509

from chassis import server
from chassis.access import Caller
from chassis.certificates import (
    Certificates,
    channel_credentials,
    https_client_context,
    https_server_context,
)
from chassis.client import RemoteError, channel
from chassis.config import ConfigError
from chassis.errors import Kind
from chassis.interceptors import Context
from chassis.renewing import LOOK_S, RenewingChannel
from tests.chassis.authority import Authority

EVENTS = pb.DESCRIPTOR.services_by_name["EventService"]


class Heads(pb_grpc.EventServiceServicer):
    """Says, as the head, the name on the certificate that the caller showed."""

    async def GetHead(self, request: pb.GetHeadRequest, context: Context) -> pb.GetHeadResponse:
        return pb.GetHeadResponse(cursor=caller_name(context))

    async def WatchEvents(
        self, request: pb.WatchEventsRequest, context: Context
    ) -> AsyncIterator[pb.WatchEventsResponse]:
        yield pb.WatchEventsResponse(cursor="begun")
        yield pb.WatchEventsResponse(cursor="still heard")


def caller_name(context: Context) -> str:
    names: Any = context.auth_context().get("x509_common_name", [b""])
    return str(names[0].decode())


@asynccontextmanager
async def served(tls_dir: Path | str) -> AsyncIterator[int]:
    @asynccontextmanager
    async def resources(grpc_server: grpc.aio.Server) -> AsyncIterator[server.Check]:
        pb_grpc.add_EventServiceServicer_to_server(Heads(), grpc_server)
        yield asyncio.Event().wait

    async def anyone(_: Mapping[str, str | bytes]) -> Caller:
        return Caller(subject="s-1", grants=frozenset({"service:collect"}))

    service = server.Service(
        name="test.comptoir", descriptors=[EVENTS], authenticate=anyone, resources=resources
    )
    settings = server.Settings(address="127.0.0.1:0", tls_dir=str(tls_dir), unready_s=0, drain_s=0)
    async with server.running(service, settings) as ports:
        yield ports.port


async def head(port: int, certificates: Certificates | None) -> str:
    async with channel(f"127.0.0.1:{port}", certificates=certificates, timeout_s=2) as opened:
        answer = await pb_grpc.EventServiceStub(opened).GetHead(pb.GetHeadRequest())
    return answer.cursor


@pytest.fixture
def authority() -> Authority:
    return Authority()


@pytest.fixture
def catalog(authority: Authority, tmp_path: Path) -> Path:
    return authority.write(tmp_path / "catalog", "catalog")


@pytest.fixture
def collect(authority: Authority, tmp_path: Path) -> Certificates:
    return Certificates(authority.write(tmp_path / "collect", "collect"))


async def test_both_sides_show_who_they_are(catalog: Path, collect: Certificates) -> None:
    async with served(catalog) as port:
        assert await head(port, collect) == "collect"


async def test_who_shows_no_certificate_is_not_heard(catalog: Path) -> None:
    async with served(catalog) as port:
        with pytest.raises(RemoteError) as caught:
            await head(port, None)
    assert caught.value.kind is Kind.UNAVAILABLE


async def test_a_certificate_of_another_authority_opens_nothing(
    catalog: Path, collect: Certificates, tmp_path: Path
) -> None:
    Authority("stranger").write(tmp_path / "stranger", "collect")
    stranger = tmp_path / "stranger"
    (stranger / "ca.crt").write_bytes((catalog / "ca.crt").read_bytes())  # He believes us.
    async with served(catalog) as port:
        with pytest.raises(RemoteError):
            await head(port, Certificates(stranger))
        assert await head(port, collect) == "collect"


async def test_a_server_of_another_authority_is_told_nothing(
    catalog: Path, collect: Certificates, tmp_path: Path
) -> None:
    stranger = Authority("stranger").write(tmp_path / "stranger", "catalog")
    (stranger / "ca.crt").write_bytes((catalog / "ca.crt").read_bytes())  # It takes anyone of us.
    async with served(stranger) as port:
        with pytest.raises(RemoteError):
            await head(port, collect)


async def test_a_service_takes_a_renewed_authority_without_a_restart(
    catalog: Path, collect: Certificates, tmp_path: Path
) -> None:
    async with served(catalog) as port:
        assert await head(port, collect) == "collect"
        new = Authority("new")
        new.write(catalog, "catalog")

        with pytest.raises(RemoteError):
            await head(port, collect)
        assert await head(port, Certificates(new.write(tmp_path / "new", "renewed"))) == "renewed"


class Seconds:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@asynccontextmanager
async def renewing(
    port: int, certificates: Certificates, seconds: Seconds
) -> AsyncIterator[RenewingChannel]:
    def opens(identity: Any) -> grpc.aio.Channel:
        return grpc.aio.secure_channel(f"127.0.0.1:{port}", channel_credentials(identity))

    opened = RenewingChannel(opens, certificates, grace_s=60, monotonic_s=seconds)
    async with opened:
        yield opened


async def test_a_channel_shows_what_it_finds_at_the_next_look(
    authority: Authority, catalog: Path, collect: Certificates
) -> None:
    seconds = Seconds()
    async with served(catalog) as port, renewing(port, collect, seconds) as opened:
        get_head = pb_grpc.EventServiceStub(opened).GetHead
        authority.write(collect.folder, "renewed")
        seconds.now_s = LOOK_S - 1
        assert (await get_head(pb.GetHeadRequest())).cursor == "collect"
        seconds.now_s = LOOK_S
        assert (await get_head(pb.GetHeadRequest())).cursor == "renewed"


async def test_a_stream_that_was_open_goes_on_after_a_renewal(
    authority: Authority, catalog: Path, collect: Certificates
) -> None:
    seconds = Seconds()
    async with served(catalog) as port, renewing(port, collect, seconds) as opened:
        stub = pb_grpc.EventServiceStub(opened)
        stream: Any = stub.WatchEvents(pb.WatchEventsRequest())
        assert (await stream.read()).cursor == "begun"
        authority.write(collect.folder, "renewed")
        seconds.now_s = LOOK_S
        assert (await stub.GetHead(pb.GetHeadRequest())).cursor == "renewed"
        assert (await stream.read()).cursor == "still heard"


async def test_files_that_are_away_leave_the_known_certificate(
    catalog: Path, collect: Certificates
) -> None:
    seconds = Seconds()
    async with served(catalog) as port, renewing(port, collect, seconds) as opened:
        (collect.folder / "tls.key").unlink()
        (catalog / "tls.key").unlink()
        seconds.now_s = LOOK_S
        answer = await pb_grpc.EventServiceStub(opened).GetHead(pb.GetHeadRequest())
    assert answer.cursor == "collect"


def test_a_swap_behind_the_link_is_read_whole(authority: Authority, tmp_path: Path) -> None:
    """As the kubelet lays files out: each a link through `..data`, which alone is replaced."""
    authority.write(tmp_path / "first", "collect")
    (tmp_path / "..data").symlink_to("first")
    for name in ("tls.crt", "tls.key", "ca.crt"):
        (tmp_path / name).symlink_to(f"..data/{name}")

    certificates = Certificates(tmp_path)

    assert certificates.real_folder == tmp_path / "first"
    assert x509.load_pem_x509_certificate(certificates.read().certificate)


async def test_a_folder_without_certificates_is_said_at_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"tls\.crt cannot be read \(FileNotFoundError\)"):
        async with served(tmp_path):
            pass


async def test_https_shows_the_renewed_certificate_to_the_next_who_comes(
    authority: Authority, catalog: Path
) -> None:
    certificates = Certificates(catalog)

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    listening = await asyncio.start_server(
        greet, "127.0.0.1", 0, ssl=https_server_context(certificates)
    )
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        first = await shown_at(port, https_client_context(certificates))
        authority.write(catalog, "renewed")
        second = await shown_at(port, https_client_context(certificates))
    assert (first, second) == ("catalog", "renewed")


async def test_https_goes_on_with_the_old_certificate_while_the_new_one_is_unusable(
    authority: Authority, catalog: Path, collect: Certificates
) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    context = https_server_context(Certificates(catalog))
    known = https_client_context(Certificates(catalog))
    async with await asyncio.start_server(greet, "127.0.0.1", 0, ssl=context) as listening:
        port = listening.sockets[0].getsockname()[1]
        # Half of a renewal, by whoever writes file after file.
        (catalog / "tls.key").write_bytes((collect.folder / "tls.key").read_bytes())
        meanwhile = [await shown_at(port, known) for _ in range(2)]
        authority.write(catalog, "renewed")
        assert (*meanwhile, await shown_at(port, known)) == ("catalog", "catalog", "renewed")


async def test_https_with_a_key_of_another_certificate_does_not_start(
    authority: Authority, catalog: Path, collect: Certificates
) -> None:
    (catalog / "tls.key").write_bytes((collect.folder / "tls.key").read_bytes())
    with pytest.raises(ConfigError, match="no certificate that can be shown"):
        https_server_context(Certificates(catalog))


async def shown_at(port: int, context: ssl.SSLContext) -> str:
    """The name on the certificate, which must be of an authority that `context` knows."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    try:
        shown = writer.get_extra_info("peercert")
        return str(dict(pair for name in shown["subject"] for pair in name)["commonName"])
    finally:
        writer.close()
        await writer.wait_closed()
