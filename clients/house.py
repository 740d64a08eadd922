"""How a program of another team reaches the house: addresses, signing in, what a refusal says."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import grpc

import comptoir_client
from clients.known import ADDRESSES, AUTHORITY, PANEL, SECRETS, known, secret_in
from clients.reading import CannotRunError, read
from comptoir_client import CallError, Credentials, SignInError, call_error_from, open_channel
from comptoir_client.sessions import Metadata

__all__ = [
    "CALL_S_MAX",
    "LOOPBACK",
    "Access",
    "CannotRunError",
    "GivenToken",
    "Session",
    "access_from",
    "printable",
    "read",
    "words_of",
]

CALL_S_MAX = 10.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")
TOKEN_BYTES_MAX = 16384


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where the services listen (host:port by name) and as whom we come."""

    addresses: Mapping[str, str]
    client_id: str
    secret: str
    ca_file: Path | None = None

    def channel(self, service: str, *, affinity: bool = False) -> grpc.aio.Channel:
        """Closed by whoever asks for it. Plain without `ca_file`, and on this machine alone."""
        address = self.addresses.get(service)
        if not address:
            raise CannotRunError(
                f"no address of {service}: set {ADDRESSES[service]} to its HOST:PORT, or give it "
                "or --panel as --help says"
            )
        if self.ca_file is None and not is_here(address):
            raise CannotRunError(
                f"{address} would be sent a secret that all between can read: say by --ca or "
                f"{AUTHORITY} who signed its certificate"
            )
        authority = None if self.ca_file is None else read(self.ca_file)
        return open_channel(address, authority=authority, affinity=affinity)


def is_here(address: str) -> bool:
    """Whether it is a port of this machine, which nobody listens in on."""
    return address.rpartition(":")[0].strip("[]") in LOOPBACK


class GivenToken:
    """The token that somebody was given who signed in elsewhere, such as an operator."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def metadata(self) -> Metadata:
        """Read anew for each call: it may be renewed meanwhile. Raises CannotRunError."""
        token = read(self._file, TOKEN_BYTES_MAX).decode(errors="replace").strip()
        if not token or not token.isascii() or not token.isprintable():
            raise CannotRunError(f"{self._file} holds no token")
        return (("authorization", f"Bearer {token}"),)


class Session(comptoir_client.Session):
    """Signed in with an Access. `channel` leads to associate, which issues the tokens."""

    def __init__(self, access: Access, channel: grpc.aio.Channel) -> None:
        super().__init__(Credentials(access.client_id, access.secret), channel)
        self._client_id = access.client_id

    async def metadata(self) -> Metadata:
        """Raises CannotRunError where we are not let in, AioRpcError where nobody answers."""
        try:
            return await super().metadata()
        except SignInError as error:
            raise CannotRunError(f"signing in as {self._client_id}: {words_of(error)}") from error


def access_from(
    *,
    client_id: str,
    panel: Path | None,
    secret_file: Path | None,
    addresses: Mapping[str, str],
    ca_file: Path | None = None,
    has_token: bool = False,
) -> Access:
    """What the options say; where they are silent, the environment or the local stack's panel.

    `has_token` is for whoever needs no secret to sign in with. Raises CannotRunError.
    """
    there = known(panel)
    given = {name: address for name, address in addresses.items() if address}
    secret = secret_in(secret_file) if secret_file else there.secret_of(client_id)
    if not secret and not has_token:
        raise CannotRunError(
            f"no secret of client {client_id}: give --secret-file, or set {SECRETS} to a folder "
            f"with {client_id}.secret in it; or start the local stack with `make run`, which "
            f"writes {PANEL}, and give --panel if it lies elsewhere"
        )
    return Access(
        addresses={**there.addresses, **given},
        client_id=client_id,
        secret=secret,
        ca_file=ca_file or there.ca_file,
    )


def words_of(error: grpc.aio.AioRpcError | CallError) -> str:
    """Why a call failed and what to do, for people."""
    failed = call_error_from(error) if isinstance(error, grpc.aio.AioRpcError) else error
    match failed.code:
        case grpc.StatusCode.UNAVAILABLE:
            what = "is it running, and is the address right?"
        case grpc.StatusCode.UNAUTHENTICATED:
            what = "check --client and its secret; a token of --token-file ends after 10 minutes"
        case grpc.StatusCode.PERMISSION_DENIED:
            what = "give the client the scope it needs"
        case _:
            what = ""
    return "; ".join(filter(None, (printable(str(failed)), what)))


def printable(text: str, length_max: int = 500) -> str:
    """Without what would move the cursor or colour the terminal of whoever reads it."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:length_max])
