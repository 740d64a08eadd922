"""Who calls, and whether the method's `access` option lets them in. Verifies no token itself."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from comptoir.type.v1 import access_pb2
from google.protobuf.descriptor import ServiceDescriptor

from chassis.errors import AppError, Kind
from chassis.interceptors import Context, Interceptor, Method

PUBLIC = "public"
CUSTOMER = "customer"
LOCKER = "locker"


class UndeclaredAccessError(Exception):
    """A method does not say who may call it; the service must not start."""


class UnauthenticatedError(AppError):
    kind, reason = Kind.UNAUTHENTICATED, "UNAUTHENTICATED"


class AccessDeniedError(AppError):
    kind, reason = Kind.PERMISSION_DENIED, "ACCESS_DENIED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A verified subject. Grants read `customer`, `staff:manager`, `client:stock.read`, ...

    Attributes:
        subject: Who it is, unique with `issuer`.
        grants: What the issuer gave it, less what that issuer may not give.
        issuer: Who vouches for it, e.g. `customer`.
        location_ids: Where staff work.
        session_id: What is revoked when it signs out; empty where there is no session.
        actor: What a service works for, e.g. an order; empty on its own account.
        expire_time: Until when its token is good.
    """

    subject: str
    grants: frozenset[str]
    issuer: str = ""
    location_ids: frozenset[str] = frozenset()
    session_id: str = ""
    actor: str = ""
    expire_time: datetime | None = None

    @property
    def is_customer(self) -> bool:
        return CUSTOMER in self.grants

    @property
    def is_staff(self) -> bool:
        return any(grant.startswith("staff:") for grant in self.grants)

    @property
    def is_client(self) -> bool:
        return any(grant.startswith("client:") for grant in self.grants)

    @property
    def is_locker(self) -> bool:
        return LOCKER in self.grants

    @property
    def is_service(self) -> bool:
        return any(grant.startswith("service:") for grant in self.grants)

    def has_role(self, role: str) -> bool:
        """Whether it is staff with this role, at any location."""
        return f"staff:{role}" in self.grants

    def acts_for(self, document_id: str) -> bool:
        """Whether what is kept for `document_id`, e.g. an order, is this caller's matter.

        A service works for one document at a time and says which in its token: nothing of
        another is its matter in that call. Whose matter it is to others, other rules say.
        """
        return not self.is_service or self.actor == document_id

    def check_location(self, location_id: str) -> None:
        """Raises AccessDeniedError for staff that do not work there. Others pass."""
        if self.is_staff and location_id not in self.location_ids:
            raise AccessDeniedError(
                f"location {location_id} is not one of this caller's", location_id=location_id
            )


# Raises UnauthenticatedError unless the call's metadata prove a subject.
Authenticate: TypeAlias = Callable[[Mapping[str, str | bytes]], Awaitable[Caller]]

# One task for each call, so they cannot leak.
_caller: ContextVar[Caller] = ContextVar("caller")
_credentials: ContextVar[str] = ContextVar("credentials")


def caller() -> Caller:
    """Who made the call being handled. LookupError in a public method."""
    return _caller.get()


def caller_metadata() -> tuple[tuple[str, str], ...]:
    """Metadata with which a call to another service goes out in the caller's own name.

    LookupError in a public method.
    """
    return (("authorization", _credentials.get()),)


def declared(services: Iterable[ServiceDescriptor]) -> dict[str, frozenset[str]]:
    """The grants that open each method, by its path. Raises UndeclaredAccessError, naming all."""
    opens = {
        f"/{service.full_name}/{method.name}": grants_from(
            method.GetOptions().Extensions[access_pb2.access]
        )
        for service in services
        for method in service.methods
    }
    if missing := [path for path, grants in opens.items() if not grants]:
        raise UndeclaredAccessError(", ".join(missing))
    return opens


def grants_from(access: access_pb2.Access) -> frozenset[str]:
    return frozenset(
        [PUBLIC] * access.public
        + [CUSTOMER] * access.customer
        + [LOCKER] * access.locker
        + [f"staff:{role}" for role in access.staff_roles]
        + [f"client:{scope}" for scope in access.client_scopes]
        + [f"service:{name}" for name in access.services]
    )


def access_interceptor(
    opens: Mapping[str, frozenset[str]], authenticate: Authenticate
) -> Interceptor:
    """Refuses callers without a grant in `opens`. A method that is not there is closed to all."""

    @asynccontextmanager
    async def checked(method: Method, context: Context) -> AsyncIterator[None]:
        grants = opens.get(method.path, frozenset())
        if PUBLIC not in grants:
            metadata = dict(context.invocation_metadata() or ())
            who = await authenticate(metadata)
            if not who.grants & grants:
                raise AccessDeniedError(
                    f"{method.path} is not open to this caller", method=method.path
                )
            _caller.set(who)
            _credentials.set(str(metadata.get("authorization", "")))
        yield

    return Interceptor(checked)
