"""How a program of another team reaches the house: addresses, signing in, what a refusal says."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from comptoir.associate.v1 import client_service_pb2 as client_pb
from comptoir.associate.v1.client_service_pb2_grpc import ClientServiceStub
from google.rpc import error_details_pb2, status_pb2

PANEL = Path(".comptoir/panel.json")
CALL_S_MAX = 10.0
# Tokens live ten minutes; a call that begins with this much left ends before its token.
RENEW_BEFORE_S = 60.0
SECRET_BYTES_MAX = 4096
PANEL_BYTES_MAX = 1 << 20
OPTIONS = [("grpc.keepalive_time_ms", 60_000), ("grpc.keepalive_timeout_ms", 10_000)]
DETAILS_KEY = "grpc-status-details-bin"


class CannotRunError(Exception):
    """The program cannot do its work; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where the services listen (host:port by name) and as whom we come."""

    addresses: Mapping[str, str]
    client_id: str
    secret: str
    ca_file: Path | None = None

    def channel(self, service: str) -> grpc.aio.Channel:
        """Closed by whoever asks for it. Plain without `ca_file`."""
        address = self.addresses.get(service)
        if not address:
            raise CannotRunError(f"no address of {service}: give --{service} HOST:PORT or --panel")
        if self.ca_file is None:
            return grpc.aio.insecure_channel(address, options=OPTIONS)
        credentials = grpc.ssl_channel_credentials(read(self.ca_file))
        return grpc.aio.secure_channel(address, credentials, options=OPTIONS)


class Session:
    """A signed-in client. `channel` leads to associate, which issues the tokens."""

    def __init__(self, access: Access, channel: grpc.aio.Channel) -> None:
        self._access = access
        self._stub = ClientServiceStub(channel)
        self._token = ""
        self._expires_s = 0.0

    async def metadata(self) -> tuple[tuple[str, str], ...]:
        """What every call carries: a token with a minute left or more.

        Raises CannotRunError where we are not let in, AioRpcError where nobody answers.
        """
        if time.time() > self._expires_s - RENEW_BEFORE_S:
            await self._sign_in()
        return (("authorization", f"Bearer {self._token}"),)

    def forget(self) -> None:
        """The token was refused: sign in anew before the next call."""
        self._expires_s = 0.0

    async def _sign_in(self) -> None:
        request = client_pb.IssueTokenRequest(
            client_id=self._access.client_id, secret=self._access.secret
        )
        try:
            answer = await self._stub.IssueToken(request, timeout=CALL_S_MAX)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.UNAVAILABLE:
                raise
            # Not to be tried again: each wrong try slows down the next.
            raise CannotRunError(
                f"signing in as {self._access.client_id}: {words_of(error)}"
            ) from error
        self._token = answer.access_token
        self._expires_s = answer.access_expire_time.seconds


def access_from(
    *,
    client_id: str,
    panel: Path | None,
    secret_file: Path | None,
    addresses: Mapping[str, str],
    ca_file: Path | None = None,
) -> Access:
    """What the options say, and where they are silent the local stack's panel.

    Raises CannotRunError.
    """
    known = panel_of(panel)
    ports = known.get("ports", {})
    local = {name: f"127.0.0.1:{port}" for name, port in ports.items()}
    given = {name: address for name, address in addresses.items() if address}
    secret = known.get("clients", {}).get(client_id, "")
    if secret_file is not None:
        secret = read(secret_file, SECRET_BYTES_MAX).decode(errors="replace").strip()
    if not secret:
        raise CannotRunError(
            f"no secret of client {client_id}: give --secret-file, or start the local stack "
            f"with `make run`, which writes {PANEL}, and give --panel if it lies elsewhere"
        )
    return Access(addresses={**local, **given}, client_id=client_id, secret=secret, ca_file=ca_file)


def panel_of(file: Path | None) -> Mapping[str, Any]:
    """The panel of a stack; of none where it was not named and is not there."""
    if file is None and not PANEL.exists():
        return {}
    try:
        panel = json.loads(read(file or PANEL, PANEL_BYTES_MAX))
    except ValueError:
        panel = None
    if not isinstance(panel, dict):
        raise CannotRunError(f"{file or PANEL} is not a panel: `make run` writes one")
    return panel


def read(file: Path, bytes_max: int = 1 << 20) -> bytes:
    """Raises CannotRunError."""
    try:
        with file.open("rb") as opened:
            return opened.read(bytes_max)
    except OSError as error:
        raise CannotRunError(f"{file} cannot be read: {error.strerror}") from error


def reason_of(error: grpc.aio.AioRpcError) -> str:
    """The stable reason of a refusal; the name of its code where it brings none."""
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY:
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.ErrorInfo()
                if detail.Unpack(info):
                    return str(info.reason)
    return error.code().name


def words_of(error: grpc.aio.AioRpcError) -> str:
    """Why a call failed and what to do, for people."""
    reason, details = reason_of(error), printable(error.details() or "")
    match error.code():
        case grpc.StatusCode.UNAVAILABLE:
            what = "is it running, and is the address right?"
        case grpc.StatusCode.UNAUTHENTICATED:
            what = "check --client and its secret"
        case grpc.StatusCode.PERMISSION_DENIED:
            what = "give the client the scope it needs"
        case _:
            what = ""
    return "; ".join(filter(None, (f"{reason}: {details}", what)))


def printable(text: str, length_max: int = 500) -> str:
    """Without what would move the cursor or colour the terminal of whoever reads it."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:length_max])
