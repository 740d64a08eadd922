"""`comptoir token staff`: a member of staff signs in at the command line, as at a terminal."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from clients.cli.commands import told
from clients.cli.gateway import Gateway
from clients.cli.private import room_at
from clients.house import CannotRunError, read
from clients.known import secret_in

Url = Annotated[str, typer.Option("--gateway", help="https://HOST", envvar="COMPTOIR_GATEWAY")]
Badge = Annotated[str, typer.Option(help="Of who signs in.")]
PinFile = Annotated[Path | None, typer.Option(help="Holds the PIN; asked for without.")]
Device = Annotated[
    Path, typer.Option("--terminal", help="Key of this command line as a terminal; kept there.")
]
Code = Annotated[str, typer.Option(help="Enrols it, the first time, as `terminals code` made it.")]
TokenTo = Annotated[Path, typer.Option("--to", help="The token is kept there, its owner's alone.")]
Ca = Annotated[Path | None, typer.Option(help="Of the gateway's certificate, PEM; the system's.")]


@dataclass(frozen=True, slots=True)
class Terminal:
    """An enrolled terminal, and the key by which it proves itself."""

    terminal_id: str
    key: ec.EllipticCurvePrivateKey

    def text(self) -> str:
        """To be kept by its owner alone."""
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return json.dumps({"terminal_id": self.terminal_id, "key": pem.decode()})

    def signed(self, challenge: bytes) -> bytes:
        """r and s (IEEE P1363), as the contract asks for."""
        r, s = decode_dss_signature(self.key.sign(challenge, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


def staff(
    gateway: Url,
    badge: Badge,
    terminal: Device,
    to: TokenTo,
    pin_file: PinFile = None,
    code: Code = "",
    ca: Ca = None,
) -> None:
    """Sign in with badge and PIN, and keep the token, good for 10 minutes, for --token-file.

    Staff sign in on terminals alone, so this command line becomes one: the first time with a
    code, then with the key it has made and kept. Signing in anew replaces the token."""
    if to == terminal:
        raise typer.BadParameter("the token would replace the key: name two files")
    with told(if_interrupted="nobody is signed in"), room_at(to) as room:
        house = Gateway(url=gateway, ca_file=ca)
        device = enrolled(house, terminal, code) if code else known(terminal)
        pin = secret_in(pin_file) if pin_file else typer.prompt("PIN", hide_input=True, err=True)
        opened = signed_in(house, device, badge=badge, pin=pin)
        room.keep(opened["tokens"]["access_token"])
        typer.echo(
            f"{badge} is signed in at {opened['terminal']['location_id']} for 10 minutes: {to}",
            err=True,
        )


def enrolled(house: Gateway, file: Path, code: str) -> Terminal:
    """Raises CannotRunError."""
    if file.exists():
        raise CannotRunError(f"{file} is enrolled: leave --code out, or name another file")
    with room_at(file) as room:
        key = ec.generate_private_key(ec.SECP256R1())
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        answer = house.post("/v1/terminals", {"code": code, "public_key": text_of(point)})
        terminal = Terminal(answer["terminal_id"], key)
        room.keep(terminal.text())
    return terminal


def known(file: Path) -> Terminal:
    """Raises CannotRunError."""
    if not file.exists():
        raise CannotRunError(f"{file} is not there: enrol with --code, of `terminals code`")
    try:
        kept = json.loads(read(file))
        key = load_pem_private_key(kept["key"].encode(), password=None)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return Terminal(kept["terminal_id"], key)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotRunError(f"{file} holds no terminal: enrol anew, with --code") from error
    raise CannotRunError(f"{file} holds no terminal: enrol anew, with --code")


def signed_in(house: Gateway, device: Terminal, *, badge: str, pin: str) -> Any:
    """The session, as the gateway tells it. Raises CannotRunError."""
    path = f"/v1/terminals/{quote(device.terminal_id, safe='')}/challenges"
    challenge = house.post(path, {})["challenge"]
    signature = device.signed(base64.urlsafe_b64decode(challenge + "=" * (-len(challenge) % 4)))
    return house.post(
        "/v1/staff/sessions",
        {
            "terminal_id": device.terminal_id,
            "challenge": challenge,
            "signature": text_of(signature),
            "badge": badge,
            "pin": pin,
        },
    )


def text_of(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
