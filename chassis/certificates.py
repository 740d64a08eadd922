"""The certificate a process shows and the authority whose word it takes: mTLS between services.

Three files in a folder, `tls.crt`, `tls.key` and `ca.crt`, as cert-manager writes them. They
are renewed while we run; what is shown to the next connection is what lies there then.
"""

import logging
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from chassis.config import ConfigError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """What the files held at one moment, as PEM."""

    certificate: bytes
    key: bytes
    authority: bytes


@dataclass(frozen=True, slots=True)
class Certificates:
    """The files in `folder`, read anew each time."""

    folder: Path

    @property
    def real_folder(self) -> Path:
        """Kubernetes replaces all files at once, by another folder behind a link.

        Read through the link, a new certificate might come with the key of the old one.
        """
        return (self.folder / "tls.crt").resolve().parent

    def read(self) -> Identity:
        """Raises ConfigError, naming the file that cannot be read."""
        folder = self.real_folder
        return Identity(
            certificate=content(folder / "tls.crt"),
            key=content(folder / "tls.key"),
            authority=content(folder / "ca.crt"),
        )

    def read_again(self, known: Identity) -> Identity:
        """What is there now, or what is known already where that cannot be read."""
        try:
            return self.read()
        except ConfigError as error:
            # The old ones are good for weeks; whoever writes files tries again.
            log.warning("the old certificate is kept: %s", error)
            return known


def certificates_in(folder: str) -> Certificates | None:
    """None for "", which stands for plaintext."""
    return Certificates(Path(folder)) if folder else None


def content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({type(error).__name__})") from error


def server_credentials(certificates: Certificates) -> grpc.ServerCredentials:
    """Whoever connects must show a certificate of the same authority. Raises ConfigError."""
    shown = certificates.read()

    # gRPC asks on every new connection, in a thread of its own. None says "as before",
    # which its types do not know.
    def renewed() -> Any:
        nonlocal shown
        found = certificates.read_again(shown)
        if found == shown:
            return None
        shown = found
        return configuration(found)

    return grpc.dynamic_ssl_server_credentials(
        configuration(shown), renewed, require_client_authentication=True
    )


def configuration(identity: Identity) -> grpc.ServerCertificateConfiguration:
    pair = identity.key, identity.certificate
    return grpc.ssl_server_certificate_configuration([pair], identity.authority)


def channel_credentials(identity: Identity) -> grpc.ChannelCredentials:
    """To connect with; these do not change, see `chassis.renewing`."""
    return grpc.ssl_channel_credentials(
        identity.authority, private_key=identity.key, certificate_chain=identity.certificate
    )


def https_client_context(certificates: Certificates) -> ssl.SSLContext:
    """For a request of ours over HTTPS. Raises ConfigError."""
    return ssl.create_default_context(cadata=certificates.read().authority.decode())


def https_server_context(certificates: Certificates) -> ssl.SSLContext:
    """For whoever listens with HTTPS. Asks nobody for a certificate: browsers have none.

    Raises ConfigError.
    """
    shown, newest = certificates.read(), server_context(certificates)

    # Asked at every handshake, with or without a name, as gRPC's servers are.
    def renewed(connection: ssl.SSLObject, name: str | None, first: ssl.SSLContext) -> None:
        nonlocal shown, newest
        found = certificates.read_again(shown)
        if found != shown:
            shown, newest = found, server_context_again(certificates, newest)
        connection.context = newest

    newest.sni_callback = renewed
    return newest


def server_context_again(certificates: Certificates, known: ssl.SSLContext) -> ssl.SSLContext:
    """What shows what is there now, or `known` where that cannot be shown: raised in a
    handshake, it would end that one and every one after it."""
    try:
        return server_context(certificates)
    except ConfigError as error:
        log.warning("the old certificate is kept: %s", error)
        return known


def server_context(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    folder = certificates.real_folder
    try:
        context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    except OSError as error:  # Of which ssl.SSLError is one.
        raise ConfigError(
            f"{folder} holds no certificate that can be shown ({type(error).__name__})"
        ) from error
    return context
