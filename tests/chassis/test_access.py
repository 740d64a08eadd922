"""Which callers a method lets in, through a real server."""

from collections.abc import Mapping
from typing import Any

import pytest
from comptoir.type.v1 import event_service_pb2, key_service_pb2
from comptoir.type.v1.access_pb2 import Access
from grpc_health.v1 import health_pb2

from chassis.access import (
    AccessDeniedError,
    Caller,
    UnauthenticatedError,
    UndeclaredAccessError,
    access_interceptor,
    caller,
    caller_metadata,
    declared,
    grants_from,
)
from chassis.client import RemoteError, channel
from chassis.errors import Kind
from chassis.interceptors import Context, error_interceptor
from tests.chassis.echo import KINDS, call, serving


async def authenticate(metadata: Mapping[str, str | bytes]) -> Caller:
    """The token is the grant."""
    if "authorization" not in metadata:
        raise UnauthenticatedError("no token")
    return Caller(subject="s-1", grants=frozenset({str(metadata["authorization"])}))


async def who(word: bytes, _: Context) -> bytes:
    try:
        return f"{caller().subject} {caller_metadata()[0][1]}".encode()
    except LookupError:
        return b"anyone"


async def answer(kind: str, opens: str, **options: object) -> bytes:
    grants = {f"/t.T/{kind}": frozenset({opens})} if opens else {}
    interceptors = [error_interceptor("test.comptoir"), access_interceptor(grants, authenticate)]
    async with serving(who, interceptors) as address, channel(address) as opened:
        return (await call(opened, kind, b"", **options))[-1]


def bearing(grant: str) -> dict[str, object]:
    return {"metadata": [("authorization", grant)]}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_caller_with_the_grant_is_let_in_and_known(kind: str) -> None:
    assert await answer(kind, "locker", **bearing("locker")) == b"s-1 locker"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_caller_without_the_grant_is_denied(kind: str) -> None:
    with pytest.raises(RemoteError) as caught:
        await answer(kind, "staff:manager", **bearing("staff:associate"))

    assert (caught.value.kind, caught.value.reason) == (Kind.PERMISSION_DENIED, "ACCESS_DENIED")
    assert caught.value.metadata == {"method": f"/t.T/{kind}"}


@pytest.mark.parametrize("kind", KINDS)
async def test_without_credentials_nobody_is_let_in(kind: str) -> None:
    with pytest.raises(RemoteError) as caught:
        await answer(kind, "customer")

    assert caught.value.kind is Kind.UNAUTHENTICATED


@pytest.mark.parametrize("kind", KINDS)
async def test_a_public_method_asks_for_no_credentials(kind: str) -> None:
    assert await answer(kind, "public") == b"anyone"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_method_nobody_declared_is_closed_to_all(kind: str) -> None:
    with pytest.raises(RemoteError) as caught:
        await answer(kind, "", **bearing("staff:operator"))

    assert caught.value.kind is Kind.PERMISSION_DENIED


def test_access_reads_as_the_grants_that_open_the_method() -> None:
    access = Access(
        customer=True, locker=True, staff_roles=["manager"], client_scopes=["x"], services=["pos"]
    )

    assert grants_from(access) == {
        "customer",
        "locker",
        "staff:manager",
        "client:x",
        "service:pos",
    }
    assert grants_from(Access()) == frozenset()


def test_each_method_opens_to_what_its_proto_says() -> None:
    keys = key_service_pb2.DESCRIPTOR.services_by_name["KeyService"]
    events = event_service_pb2.DESCRIPTOR.services_by_name["EventService"]

    opens = declared([keys, events])

    assert opens["/comptoir.type.v1.KeyService/ListKeys"] == {"public"}
    assert "service:gateway" in opens["/comptoir.type.v1.EventService/GetHead"]


def test_methods_that_do_not_say_who_may_call_them_are_all_named() -> None:
    health: Any = health_pb2.DESCRIPTOR.services_by_name["Health"]

    with pytest.raises(UndeclaredAccessError, match=r"Health/Check, .*Health/Watch"):
        declared([health])


@pytest.mark.parametrize(
    ("grant", "kind"),
    [
        ("customer", "is_customer"),
        ("staff:associate", "is_staff"),
        ("client:stock.read", "is_client"),
        ("locker", "is_locker"),
        ("service:collect", "is_service"),
    ],
)
def test_a_caller_is_what_its_grants_say_and_nothing_else(grant: str, kind: str) -> None:
    who = Caller(subject="s-1", grants=frozenset({grant}))
    kinds = ("is_customer", "is_staff", "is_client", "is_locker", "is_service")

    assert [name for name in kinds if getattr(who, name)] == [kind]


def test_staff_are_held_to_their_locations_and_others_have_none() -> None:
    staff = Caller(
        subject="a-1", grants=frozenset({"staff:manager"}), location_ids=frozenset({"l-1"})
    )
    staff.check_location("l-1")
    Caller(subject="collect", grants=frozenset({"service:collect"})).check_location("l-2")

    assert staff.has_role("manager") and not staff.has_role("operator")
    with pytest.raises(AccessDeniedError):
        staff.check_location("l-2")
