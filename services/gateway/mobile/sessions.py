"""Sign-up, sign-in and the customer's session."""

from datetime import datetime
from typing import Annotated, Any

from comptoir.customer.v1 import identity_service_pb2 as pb
from msgspec import Meta

from services.gateway.cookies import CUSTOMER_COOKIE
from services.gateway.mobile.profile import Name, Profile, profile_from_pb
from services.gateway.routes import CUSTOMERS, EVERYONE, Answer, Call, Limit, Route
from services.gateway.wire import Nothing, Received, Sent, instant

SIGN_UPS = Limit("sign-up", 300)
SIGN_INS = Limit("sign-in", 300)

Email = Annotated[str, Meta(max_length=254, description="An e-mail address.")]
Password = Annotated[str, Meta(max_length=256, description="10 to 256 characters, any.")]
RefreshToken = Annotated[str, Meta(max_length=1024)]


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


class Refresh(Received):
    """Of a web page nothing: its token is in a cookie."""

    refresh_token: RefreshToken = ""


class Tokens(Sent):
    """What a signed-in client holds. `refresh_token` is empty where it went into a cookie."""

    access_token: str
    access_expire_time: datetime
    refresh_token: str
    refresh_expire_time: datetime


class Session(Sent):
    """A session that was opened."""

    profile: Profile
    tokens: Tokens


class Refreshed(Sent):
    """The next tokens of the same session."""

    tokens: Tokens


class SignOut(Received):
    everywhere: Annotated[bool, Meta(description="All sessions of the customer.")] = False


def tokens_from_pb(tokens: Any, *, in_cookie: bool) -> Tokens:
    return Tokens(
        access_token=tokens.access_token,
        access_expire_time=instant(tokens.access_expire_time),
        refresh_token="" if in_cookie else tokens.refresh_token,
        refresh_expire_time=instant(tokens.refresh_expire_time),
    )


async def sign_up(call: Call[SignUp, Nothing]) -> Answer:
    given = call.body
    request = pb.SignUpRequest(
        request_id=call.request_id,
        email=given.email,
        password=given.password,
        given_name=given.given_name,
        family_name=given.family_name,
        locale=given.locale,
    )
    return session_answer(call, await call.parts.peers.identity.SignUp(request))


async def sign_in(call: Call[SignIn, Nothing]) -> Answer:
    request = pb.SignInRequest(
        request_id=call.request_id, email=call.body.email, password=call.body.password
    )
    return session_answer(call, await call.parts.peers.identity.SignIn(request))


def session_answer(call: Call[Any, Nothing], opened: Any) -> Answer:
    session = Session(
        profile=profile_from_pb(opened.profile),
        tokens=tokens_from_pb(opened.tokens, in_cookie=call.web),
    )
    if not call.web:
        return Answer(content=session)
    tokens = opened.tokens
    cookie = CUSTOMER_COOKIE.setting(
        call, tokens.refresh_token, instant(tokens.refresh_expire_time)
    )
    return Answer(content=session, finish=cookie)


async def refresh(call: Call[Refresh, Nothing]) -> Answer:
    # A token that came in a cookie goes back into it: no script of a page ever sees one.
    in_cookie = not call.body.refresh_token
    given = call.body.refresh_token or CUSTOMER_COOKIE.token(call)
    request = pb.RefreshRequest(request_id=call.request_id, refresh_token=given)
    tokens = (await call.parts.peers.identity.Refresh(request)).tokens
    answer = Refreshed(tokens=tokens_from_pb(tokens, in_cookie=in_cookie))
    if not in_cookie:
        return Answer(content=answer)
    cookie = CUSTOMER_COOKIE.setting(
        call, tokens.refresh_token, instant(tokens.refresh_expire_time)
    )
    return Answer(content=answer, finish=cookie)


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
        problems=("WRONG_CREDENTIALS", "SESSION_ENDED", "TOO_MANY_ATTEMPTS"),
    ),
    Route(
        method="POST",
        path="/v1/sessions/refresh",
        handler=refresh,
        summary="Exchange the refresh token for new tokens",
        tag="Account",
        who=EVERYONE,
        body=Refresh,
        answer=Refreshed,
        is_write=True,
        problems=("SESSION_ENDED",),
    ),
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
