"""Sign-up, sign-in and the customer's session."""

from typing import Annotated, Any

from comptoir.customer.v1 import identity_service_pb2 as pb
from msgspec import Meta

from services.gateway.cookies import CUSTOMER_COOKIE
from services.gateway.mobile.profile import Name, Profile, profile_from_pb
from services.gateway.routes import CUSTOMERS, EVERYONE, Answer, Call, Limit, Route
from services.gateway.sessions import (
    Refresh,
    Tokens,
    handed_out,
    refresh_route,
    refreshed,
    tokens_from_pb,
)
from services.gateway.wire import Nothing, Received, Sent

SIGN_UPS = Limit("sign-up", 300)
SIGN_INS = Limit("sign-in", 300)
# A device asks once in ten minutes: so many stand behind a carrier's address, 12,000.
REFRESHES = Limit("refresh", 1_200)

Email = Annotated[str, Meta(max_length=254, description="An e-mail address.")]
Password = Annotated[str, Meta(max_length=256, description="10 to 256 characters, any.")]


class SignUp(Received):
    """A new account."""

    email: Email
    password: Password
    given_name: Name
    family_name: Name = ""
    locale: Annotated[str, Meta(max_length=16, description="`fr` or `en`; empty means `fr`.")] = ""


class SignIn(Received):
    """Credentials of an account."""

    email: Email
    password: Password


class Session(Sent):
    """A session that was opened."""

    profile: Profile
    tokens: Tokens


class SignOut(Received):
    everywhere: Annotated[bool, Meta(description="All sessions of the customer.")] = False


async def sign_up(call: Call[SignUp, Nothing]) -> Answer:
    given = call.body
    request = pb.SignUpRequest(
        request_id=call.request_id,
        email=given.email,
        password=given.password,
        given_name=given.given_name,
        family_name=given.family_name,
        locale=given.locale,
        source=call.source,
    )
    return session_answer(call, await call.parts.peers.identity.SignUp(request))


async def sign_in(call: Call[SignIn, Nothing]) -> Answer:
    request = pb.SignInRequest(
        request_id=call.request_id,
        email=call.body.email,
        password=call.body.password,
        source=call.source,
    )
    return session_answer(call, await call.parts.peers.identity.SignIn(request))


def session_answer(call: Call[Any, Nothing], opened: Any) -> Answer:
    session = Session(
        profile=profile_from_pb(opened.profile),
        tokens=tokens_from_pb(opened.tokens, in_cookie=call.web),
    )
    return handed_out(call, CUSTOMER_COOKIE, session, opened.tokens, in_cookie=call.web)


async def refresh(call: Call[Refresh, Nothing]) -> Answer:
    ask = call.parts.peers.identity.Refresh
    return await refreshed(call, CUSTOMER_COOKIE, ask, pb.RefreshRequest)


async def sign_out(call: Call[Nothing, SignOut]) -> Answer:
    request = pb.SignOutRequest(request_id=call.request_id, everywhere=call.query.everywhere)
    await call.parts.peers.identity.SignOut(request, metadata=call.metadata)
    return Answer(finish=CUSTOMER_COOKIE.clear)


ROUTES = (
    Route(
        method="POST",
        path="/v1/customers",
        handler=sign_up,
        summary="Sign up",
        tag="Account",
        who=EVERYONE,
        body=SignUp,
        answer=Session,
        status=201,
        is_write=True,
        limit=SIGN_UPS,
        problems=(
            "ADDRESS_TAKEN",
            "INVALID_ADDRESS",
            "WEAK_PASSWORD",
            "INVALID_PROFILE",
            "SESSION_ENDED",
            "UNKNOWN_CUSTOMER",
            "TOO_MANY_PASSWORDS",
        ),
    ),
    Route(
        method="POST",
        path="/v1/sessions",
        handler=sign_in,
        summary="Sign in",
        tag="Account",
        who=EVERYONE,
        body=SignIn,
        answer=Session,
        status=201,
        is_write=True,
        limit=SIGN_INS,
        problems=(
            "WRONG_CREDENTIALS",
            "SESSION_ENDED",
            "TOO_MANY_ATTEMPTS",
            "TOO_MANY_PASSWORDS",
        ),
    ),
    refresh_route(CUSTOMER_COOKIE, refresh, tag="Account", limit=REFRESHES),
    Route(
        method="DELETE",
        path="/v1/sessions/current",
        handler=sign_out,
        summary="Sign out",
        tag="Account",
        who=CUSTOMERS,
        query=SignOut,
        status=204,
        is_write=True,
    ),
)
