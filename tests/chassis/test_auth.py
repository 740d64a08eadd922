"""Who gets in with which token. Tokens are signed for real; keys come over gRPC and HTTP too."""

import base64
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.access import Caller, UnauthenticatedError
from chassis.auth import Revocations
from chassis.tokens import TYPE, USER_LIFETIME, Issuer, ServiceTokens
from tests.chassis.house import House
from tests.chassis.test_keys import Now

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def house() -> House:
    return await House().open()


def forged(
    issuer: Issuer, key: Any = None, headers: dict[str, Any] | None = None, **claims: Any
) -> str:
    """A good token but for what is changed; None leaves a claim out."""
    now_s = int(issuer.clock().timestamp())
    good = {"iss": issuer.name, "sub": "c-1", "aud": "comptoir", "grants": ["customer"]}
    payload = good | {"iat": now_s, "exp": now_s + 600} | claims
    signing = issuer.keyring.signing()
    return jwt.encode(
        {name: value for name, value in payload.items() if value is not None},
        signing.private if key is None else key,
        algorithm="HS256" if isinstance(key, bytes) else "EdDSA",
        headers={"typ": TYPE, "kid": signing.key_id} | (headers or {}),
    )


async def test_a_token_says_who_calls(house: House) -> None:
    token = house.token(
        "associate", subject="a-7", grants=["staff:manager"], locations=["l-1", "l-2"]
    )

    who = await house.caller(token)

    assert who == Caller(
        subject="a-7",
        grants=frozenset({"staff:manager"}),
        issuer="associate",
        location_ids=frozenset({"l-1", "l-2"}),
        session_id="s-1",
        expire_time=house.now() + USER_LIFETIME,
    )


async def test_the_token_that_is_forged_for_the_other_tests_is_good(house: House) -> None:
    assert (await house.caller(forged(house.issuers["customer"]))).subject == "c-1"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "nobody"},
        {"iss": "associate"},
        {"aud": "another"},
        {"aud": "catalog"},
        {"sub": 7},
        {"exp": "soon"},
        {"exp": 1e300},
        {"grants": 1},
        {"locations": 1},
        {"exp": None},
        {"iat": None},
        {"aud": None},
        {"sub": None},
        {"iss": None},
        {"grants": None},
        {"headers": {"typ": "JWT"}},
        {"headers": {"kid": "customer-0"}},
        pytest.param({"key": Ed25519PrivateKey.generate()}, id="another key"),
    ],
    ids=str,
)
async def test_what_is_wrong_in_one_thing_is_refused(house: House, changed: dict[str, Any]) -> None:
    await house.refuses(forged(house.issuers["customer"], **changed))


async def test_a_public_key_is_no_shared_secret(house: House) -> None:
    issuer = house.issuers["customer"]
    await house.refuses(forged(issuer, issuer.keyring.signing().public_bytes))


async def test_a_token_without_a_signature_is_refused(house: House) -> None:
    header, payload, _ = house.token().split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').rstrip(b"=").decode()

    await house.refuses(f"{unsigned}.{payload}.")
    await house.refuses(f"{header}.{payload}.")


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "é.é.é", "." * 9000, "\ud800"])
async def test_what_is_no_token_is_refused(house: House, text: str) -> None:
    await house.refuses(text)


async def test_brackets_a_thousand_deep_are_refused(house: House) -> None:
    header, _, signature = house.token().split(".")
    payload = base64.urlsafe_b64encode(b"[" * 5000).rstrip(b"=").decode()

    await house.refuses(f"{header}.{payload}.{signature}")


@pytest.mark.parametrize("metadata", [{}, {"authorization": "Basic eDp5"}, {"authorization": b"x"}])
async def test_without_a_bearer_token_nobody_calls(
    house: House, metadata: dict[str, str | bytes]
) -> None:
    with pytest.raises(UnauthenticatedError):
        await house.verifier.authenticate(metadata)


async def test_a_token_ends_when_it_expires_though_it_was_just_used(house: House) -> None:
    token = house.token(lifetime=timedelta(seconds=30))
    await house.caller(token)
    house.now.time += timedelta(seconds=36)

    await house.refuses(token)


async def test_a_token_of_the_future_is_refused_but_for_a_little(house: House) -> None:
    house.now.time += MINUTE
    token = house.token()
    house.now.time -= timedelta(seconds=4)
    assert await house.caller(token)
    later = forged(house.issuers["customer"], nbf=house.now.time.timestamp() + 60)
    await house.refuses(later)
    house.now.time -= MINUTE

    await house.refuses(house.token() + "x")
    house.verifier = house.verifier_with(house.sources)
    await house.refuses(token)


@pytest.mark.parametrize(
    ("issuer", "grants", "left"),
    [
        ("customer", ["customer", "staff:manager", "locker"], {"customer"}),
        ("associate", ["staff:operator", "client:x", "customer"], {"staff:operator", "client:x"}),
        ("associate", ["staff:", "client", "staffing"], set()),
        ("collect", ["locker", "customer", "public"], {"locker"}),
        ("collect", ["service:collect", "service:customer"], set()),
    ],
)
async def test_no_issuer_gives_more_than_the_table_lets_it(
    house: House, issuer: str, grants: list[str], left: set[str]
) -> None:
    assert (await house.caller(house.token(issuer, grants=grants))).grants == left


async def test_a_services_token_opens_only_the_service_it_names(house: House) -> None:
    for_us = ServiceTokens(house.issuers["collect"], "inventory").token("order-1")
    who = await house.caller(for_us)
    assert (set(who.grants), who.actor) == ({"service:collect"}, "order-1")

    await house.refuses(ServiceTokens(house.issuers["collect"], "catalog").token())


async def test_a_token_for_one_service_carries_no_rights_of_users(house: House) -> None:
    grants = ["customer", "service:customer"]

    assert (await house.caller(house.token(grants=grants, audience="inventory"))).grants == {
        "service:customer"
    }


async def test_a_service_token_is_used_until_20_seconds_are_left(house: House) -> None:
    tokens = ServiceTokens(house.issuers["collect"], "inventory")
    first = tokens.token()
    house.now.time += timedelta(seconds=39)
    assert tokens.token() == first
    house.now.time += timedelta(seconds=1)
    assert tokens.token() != first


async def test_a_revoked_session_is_out_at_once_and_the_others_are_not(house: House) -> None:
    token, other = house.token(), house.token(sid="s-2")
    await house.caller(token)

    house.revocations.revoke("s-1", house.now() + 10 * MINUTE)

    await house.refuses(token)
    assert await house.caller(other)


async def test_revocations_are_forgotten_when_the_tokens_have_expired_anyway() -> None:
    revocations = Revocations(clock=(now := Now()))
    revocations.revoke("s-1", now() + MINUTE)
    revocations.revoke("s-2", now() + 3 * MINUTE)
    revocations.revoke("s-1", now() + 2 * MINUTE)
    now.time += 2 * MINUTE
    revocations.revoke("s-3", now() + MINUTE)
    assert "s-1" in revocations
    now.time += 2 * MINUTE
    revocations.revoke("s-4", now() + MINUTE)

    assert [f"s-{n}" in revocations for n in (1, 2, 3, 4)] == [False, False, False, True]
