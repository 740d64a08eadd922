"""Machine clients and their secrets. Pure: no I/O, no clock, no protobuf."""

import base64
import hashlib
import hmac
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from chassis.changes import Changed, Event
from chassis.errors import AppError, Kind, Violation

CLIENT_ID = re.compile(r"[a-z0-9-]{1,64}")
SCOPES_MAX = 32
# All that any contract asks for: a scope that opens nothing is a typing error.
SCOPES = frozenset(
    {
        "catalog.read",
        "catalog.write",
        "client.write",
        "collect.write",
        "customer.erase",
        "customer.write",
        "events.operate",
        "events.read",
        "inventory.write",
        "locker.enrol",
        "order.operate",
        "order.read",
        "sale.write",
        "staff.write",
        "stock.operate",
        "stock.read",
        "stock.reserve",
        "terminal.enrol",
    }
)
# The rights of the one client that the configuration knows: to make the others.
BOOTSTRAP_SCOPES = ("client.write",)
# Of no secret that anybody could find.
NOBODYS_HASH = bytes(32)
SESSIONS = UUID("2b6f3a6e-5d0f-5f4e-8c5b-0d0a6f3b9e11")


class InvalidClientError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_CLIENT"


class UnknownClientError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_CLIENT"


class WrongCredentialsError(AppError):
    kind, reason = Kind.UNAUTHENTICATED, "WRONG_CREDENTIALS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A program of another team.

    Attributes:
        secret_hash: SHA-256; the secret has 256 bits, so nothing slower is needed.
        secret_generation: Grows with every new secret. Zero: the configuration has it.
        revoked_count: How often it was revoked. All tokens between two such times are of one
            session, so that they can be refused together.
    """

    client_id: str
    scopes: tuple[str, ...]
    secret_hash: bytes
    secret_generation: int
    revoked_count: int = 0
    revision: int = 1

    @property
    def is_configured(self) -> bool:
        return not self.secret_generation

    @property
    def is_revoked(self) -> bool:
        """Whether no secret lets it in. A release before this one finds none right either."""
        return self.secret_hash == NOBODYS_HASH

    @property
    def session_id(self) -> str:
        """What its tokens are of, until it is revoked."""
        return str(uuid5(SESSIONS, f"{self.client_id} {self.revoked_count}"))


def secret_of(key: bytes, client_id: str, generation: int) -> str:
    """The secret of this generation: derived, so that the request that made it sees it again."""
    text = f"client secret {client_id} {generation}".encode()
    return base64.urlsafe_b64encode(hmac.digest(key, text, hashlib.sha256)).rstrip(b"=").decode()


def hash_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def check(client_id: str, scopes: Collection[str]) -> None:
    """Raises InvalidClientError, naming every field at fault."""
    if violations := tuple(violations_of(client_id, scopes)):
        raise InvalidClientError("the client cannot be taken", violations=violations)


def violations_of(client_id: str, scopes: Collection[str]) -> Iterator[Violation]:
    if not CLIENT_ID.fullmatch(client_id):
        yield Violation("client_id", "1 to 64 lower-case letters, digits and hyphens")
    if not 1 <= len(scopes) <= SCOPES_MAX:
        yield Violation("scopes", f"1 to {SCOPES_MAX}")
    elif not SCOPES.issuperset(scopes):
        yield Violation("scopes", f"each one of {', '.join(sorted(SCOPES))}")


def put(
    before: Client | None, *, client_id: str, scopes: Collection[str], renew: bool, key: bytes
) -> Changed[int]:
    """The client with these scopes. The answer is the generation of a secret made; else 0.

    One that was revoked is let in again, by another secret than the one before.

    Raises InvalidClientError for the one whose secret and scopes the configuration has.
    """
    if before is None:
        before = Client(client_id=client_id, scopes=(), secret_hash=b"", secret_generation=0)
        made = with_new_secret(replace(before, scopes=sorted_once(scopes)), key)
        return Changed(answer=made.secret_generation, records=(made,))
    check_changeable(before)
    renew = renew or before.is_revoked
    after = replace(before, scopes=sorted_once(scopes))
    after = with_new_secret(after, key) if renew else after
    if after != before:
        after = replace(after, revision=before.revision + 1)
    return Changed(answer=after.secret_generation if renew else 0, records=(after,))


def revoke(before: Client | None, *, client_id: str) -> Changed[Client]:
    """Without a secret, and its tokens refused; nothing is written where it is so already.

    Raises UnknownClientError, InvalidClientError for the one that the configuration has.
    """
    if before is None:
        raise UnknownClientError(f"there is no client {client_id}", client_id=client_id)
    check_changeable(before)
    if before.is_revoked:
        return Changed(answer=before)
    after = replace(
        before,
        secret_hash=NOBODYS_HASH,
        revoked_count=before.revoked_count + 1,
        revision=before.revision + 1,
    )
    detail = {"session_id": before.session_id}
    revoked = Event("session_revoked", before.session_id, after.revision, detail)
    return Changed(answer=after, records=(after,), events=(revoked,))


def check_changeable(client: Client) -> None:
    """Raises InvalidClientError."""
    if client.is_configured:
        what = "another: this one is the configuration's, and would be set back at the next start"
        raise InvalidClientError(
            "the client cannot be changed", violations=(Violation("client_id", what),)
        )


def with_new_secret(client: Client, key: bytes) -> Client:
    generation = client.secret_generation + 1
    secret = secret_of(key, client.client_id, generation)
    return replace(client, secret_hash=hash_of(secret), secret_generation=generation)


def put_configured(before: Client | None, *, client_id: str, secret: str) -> Changed[bool]:
    """The client as the configuration has it; whether that changed anything."""
    after = Client(
        client_id=client_id,
        scopes=BOOTSTRAP_SCOPES,
        secret_hash=hash_of(secret),
        secret_generation=0,
        revision=before.revision if before else 0,
    )
    if after == before:
        return Changed(answer=False)
    return Changed(answer=True, records=(replace(after, revision=after.revision + 1),))


def is_right(client: Client | None, secret: str) -> bool:
    """In one time, whether there is such a client or not."""
    kept = client.secret_hash if client else NOBODYS_HASH
    return hmac.compare_digest(hash_of(secret), kept) and client is not None


def sorted_once(scopes: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(set(scopes)))


def wrong_credentials() -> WrongCredentialsError:
    """Always the same: which of them was wrong would help whoever is guessing."""
    return WrongCredentialsError("client id or secret are wrong")
