"""Who may call: everybody the house knows, and everybody who only says so.

Tokens are signed with the issuers' real keys, out of the running suite's own databases.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.clock import utc_now
from chassis.key_records import WRAPPED_KEYS
from chassis.mongo import connect
from chassis.mongo_records import MongoRecords
from chassis.runtime import keyring_of
from chassis.tokens import Issuer
from tests.rights.methods import SCOPES, Metadata
from tests.suite import Stack

ISSUERS = ("associate", "catalog", "collect", "customer", "gateway", "inventory")
HERE, ELSEWHERE = "lyon-part-dieu", "lille-wazemmes"
HOUR = timedelta(hours=1)

Issuers: TypeAlias = Mapping[str, Issuer]
# The token with which to call a service; empty for none.
TokenFor: TypeAlias = Callable[[Issuers, str], str]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, the token shown and on whose word, and what it proves: None for nobody."""

    name: str
    proves: frozenset[str] | None
    token_for: TokenFor
    issuer: str = ""

    def __str__(self) -> str:
        return self.name


@asynccontextmanager
async def issuers_of(stack: Stack) -> AsyncIterator[Issuers]:
    """The hands of all services, by name."""
    async with AsyncExitStack() as opened:
        found = {}
        for name in ISSUERS:
            database = await opened.enter_async_context(
                connect(stack.panel["mongo_uri"], f"comptoir_{name}")
            )
            records = MongoRecords(database, [WRAPPED_KEYS])
            key_file = stack.folder / "secrets" / f"{name}.key"
            found[name] = Issuer(name, await keyring_of(name, records, key_file))
        yield found


def bearer(token: str) -> Metadata:
    return (("authorization", f"Bearer {token}"),) if token else ()


def user(name: str, issuer: str, *grants: str, **claims: Any) -> Caller:
    """Somebody with a token of an issuer that may give these grants."""
    subject = f"{name} {uuid4()}"

    def token_for(issuers: Issuers, _: str) -> str:
        return issuers[issuer].sign(subject=subject, grants=grants, **claims)

    return Caller(name, frozenset(grants), token_for, issuer)


def overreaching(name: str, issuer: str, *grants: str) -> Caller:
    """Somebody whose issuer gave what is not its own: known, but entitled to nothing."""
    return Caller(name, frozenset(), user(name, issuer, *grants).token_for, issuer)


def service(name: str) -> Caller:
    def token_for(issuers: Issuers, called: str) -> str:
        return issuers[name].sign(
            subject=name,
            grants=[f"service:{name}"],
            audience=called,
            lifetime=timedelta(seconds=60),
        )

    return Caller(f"service {name}", frozenset({f"service:{name}"}), token_for, name)


def elsewhere_meant(name: str) -> Caller:
    """A service's token for another than the one called."""

    def token_for(issuers: Issuers, called: str) -> str:
        other = "collect" if called != "collect" else "catalog"
        return service(name).token_for(issuers, other)

    return Caller(f"token of {name} for another service", None, token_for)


def as_user(name: str) -> Caller:
    """A service's grant in a token that everybody takes."""
    return overreaching(f"token of {name} for all", name, f"service:{name}")


NOBODY = Caller("nobody", None, lambda _, __: "")
STAFF = tuple(
    user(f"{role} {where}", "associate", f"staff:{role}", locations=[where])
    for role in ("associate", "manager", "operator")
    for where in (HERE, ELSEWHERE)
)
CLIENTS = tuple(user(scope, "associate", scope) for scope in SCOPES)
ALL_SCOPES = frozenset(SCOPES)

KNOWN = (
    user("a customer", "customer", "customer"),
    *STAFF,
    user("a locker", "collect", "locker"),
    user("a client without scope", "associate"),
    *CLIENTS,
    *(service(name) for name in ISSUERS),
)
OVERREACHING = (
    overreaching("customers' issuer, as staff", "customer", "staff:manager", "staff:associate"),
    overreaching("customers' issuer, as clients", "customer", *SCOPES),
    overreaching("staff's issuer, as a customer", "associate", "customer", "locker"),
    overreaching("lockers' issuer, as a customer", "collect", "customer", "staff:associate"),
    overreaching("the gateway, as anybody", "gateway", "customer", "staff:associate", *SCOPES),
    *(as_user(name) for name in ISSUERS),
)
UNFIT = (NOBODY, *(elsewhere_meant(name) for name in ISSUERS))


def without(scopes: frozenset[str]) -> Caller:
    """A client with every scope but these."""
    return user("a client with all other scopes", "associate", *sorted(ALL_SCOPES - scopes))


def broken(grant: str) -> tuple[Caller, ...]:
    """Tokens with `grant` in them, each good but for one thing."""
    return tuple(Caller(name, None, breaking(grant, break_it)) for name, break_it in BREAKS.items())


def breaking(grant: str, break_it: "Break") -> TokenFor:
    def token_for(issuers: Issuers, called: str) -> str:
        issuer = issuers[issuer_of(grant)]
        audience = called if grant.startswith("service:") else "comptoir"
        token = issuer.sign(subject="mallory", grants=[grant], audience=audience, locations=[HERE])
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        return break_it(Token(issuer, jwt.get_unverified_header(token), claims))

    return token_for


def issuer_of(grant: str) -> str:
    kind, _, what = grant.partition(":")
    return {"customer": "customer", "locker": "collect", "service": what}.get(kind, "associate")


@dataclass(frozen=True, slots=True)
class Token:
    """A good token, taken apart."""

    issuer: Issuer
    header: dict[str, Any]
    claims: dict[str, Any]

    def signed(
        self,
        *,
        claims: Mapping[str, Any] | None = None,
        header: Mapping[str, Any] | None = None,
        key: Any = None,
    ) -> str:
        """Put together again, with these claims and headers, by its own key or another."""
        all_headers = self.header | dict(header or {})
        return jwt.encode(
            self.claims | dict(claims or {}),
            self.issuer.keyring.signing().private if key is None else key,
            algorithm=all_headers["alg"],
            headers=all_headers,
        )

    def at(self, offset: timedelta) -> str:
        """As it would have been signed at another time."""
        begin = int((utc_now() + offset).timestamp())
        return self.signed(claims={"iat": begin, "exp": begin + 600})


Break: TypeAlias = Callable[[Token], str]


def by_public_key(token: Token) -> str:
    """HS256 with the public key for a secret: good for a verifier that lets tokens choose."""
    public = token.issuer.keyring.signing().public_bytes
    return token.signed(header={"alg": "HS256"}, key=public)


def unsigned(token: Token) -> str:
    head, body, _ = token.signed().split(".")
    return f"{head}.{body}."


def by_none(token: Token) -> str:
    claims, header = token.claims, token.header | {"alg": "none"}
    return jwt.encode(claims, None, algorithm="none", headers=header)  # type: ignore[arg-type]


def exchanged(token: Token) -> str:
    """The signature of a harmless token under other claims."""
    head, _, signature = token.signed(claims={"grants": []}).split(".")
    return f"{head}.{token.signed().split('.')[1]}.{signature}"


BREAKS: Mapping[str, Break] = {
    "expired": lambda token: token.at(-HOUR),
    "of the future": lambda token: token.at(HOUR),
    "of a foreign issuer": lambda token: token.signed(claims={"iss": "rival"}),
    "of another of our issuers": lambda token: token.signed(
        claims={"iss": "catalog" if token.claims["iss"] != "catalog" else "collect"}
    ),
    "of a foreign audience": lambda token: token.signed(claims={"aud": "elsewhere"}),
    "of a foreign key": lambda token: token.signed(key=Ed25519PrivateKey.generate()),
    "under a key that nobody has": lambda token: token.signed(header={"kid": "none-0"}),
    "by algorithm none": by_none,
    "by the public key": by_public_key,
    "without signature": unsigned,
    "with another's signature": exchanged,
    "of another type": lambda token: token.signed(header={"typ": "JWT"}),
    "without audience": lambda token: token.signed(claims={"aud": None}),
    "without end": lambda token: token.signed(claims={"exp": None}),
    "that is none": lambda _: "a.b.c",
}
