"""Terminals' public keys: ECDSA P-256 as Web Crypto makes them. Pure, but not standard library."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from chassis.errors import Violation
from services.associate.terminal import domain

POINT_BYTES = 65
COORDINATE_BYTES = 32
# Where there is no terminal, a signature is checked all the same, and takes the same time.
# The curve's base point (SEC 2, 2.4.2): whoever knows that its key is 1 still gets nothing.
NOBODYS_KEY = bytes.fromhex(
    "04"
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)


def check_public_key(public_key: bytes) -> None:
    """Raises InvalidTerminalError unless it is an uncompressed point on the curve."""
    try:
        if len(public_key) != POINT_BYTES:  # A compressed one is a point too, but shorter.
            raise ValueError
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
    except ValueError:
        what = "65 bytes: the uncompressed point of an ECDSA P-256 key (SEC 1)"
        raise domain.invalid_terminal(Violation("public_key", what)) from None


def is_signed(public_key: bytes | None, message: bytes, signature: bytes) -> bool:
    """Whether `signature`, r and s (IEEE P1363), is the key's over SHA-256 of `message`."""
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key or NOBODYS_KEY)
    if len(signature) != 2 * COORDINATE_BYTES:
        return False
    r = int.from_bytes(signature[:COORDINATE_BYTES])
    s = int.from_bytes(signature[COORDINATE_BYTES:])
    try:
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return public_key is not None
