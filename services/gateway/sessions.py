"""The tokens of a session, a customer's or an associate's, and how its client gets them.

What belongs to one of the two alone lies beside its other routes.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from services.gateway.cookies import RefreshCookie
from services.gateway.routes import EVERYONE, Answer, Call, Handler, Limit, Route
from services.gateway.wire import Nothing, Received, Sent, instant

RefreshToken = Annotated[str, Meta(max_length=1024)]


class Refresh(Received):
    """Of a web page nothing: its token is in a cookie."""

    refresh_token: RefreshToken = ""


class Tokens(Sent):
    """What a signed-in client holds. `refresh_token` is empty where it went into a cookie."""

    access_token: str
    access_expire_time: datetime
    refresh_token: str
    refresh_expire_time: datetime


class Refreshed(Sent):
    """The next tokens of the same session."""

    tokens: Tokens


def tokens_from_pb(tokens: Any, *, in_cookie: bool) -> Tokens:
    return Tokens(
        access_token=tokens.access_token,
        access_expire_time=instant(tokens.access_expire_time),
        refresh_token="" if in_cookie else tokens.refresh_token,
        refresh_expire_time=instant(tokens.refresh_expire_time),
    )


async def refreshed(
    call: Call[Refresh, Nothing],
    cookie: RefreshCookie,
    ask: Callable[[Any], Awaitable[Any]],
    request: Callable[..., Any],
) -> Answer:
    """What the issuer's `ask` gives for a `request` with the token that came."""
    # A token that came in a cookie goes back into it: no script of a page ever sees one.
    in_cookie = not call.body.refresh_token
    given = call.body.refresh_token or cookie.token(call)
    tokens = (await ask(request(request_id=call.request_id, refresh_token=given))).tokens
    content = Refreshed(tokens=tokens_from_pb(tokens, in_cookie=in_cookie))
    return handed_out(call, cookie, content, tokens, in_cookie=in_cookie)


def handed_out(
    call: Call[Any, Nothing],
    cookie: RefreshCookie,
    content: Struct,
    tokens: Any,
    *,
    in_cookie: bool,
) -> Answer:
    """`content`, and with it the cookie where the refresh token belongs there."""
    if not in_cookie:
        return Answer(content=content)
    expire_time = instant(tokens.refresh_expire_time)
    return Answer(content=content, finish=cookie.setting(call, tokens.refresh_token, expire_time))


def refresh_route(cookie: RefreshCookie, handler: Handler, *, tag: str, limit: Limit) -> Route:
    return Route(
        method="POST",
        path=cookie.path,
        handler=handler,
        summary="Exchange the refresh token for new tokens",
        tag=tag,
        who=EVERYONE,
        body=Refresh,
        answer=Refreshed,
        is_write=True,
        limit=limit,
        problems=("SESSION_ENDED",),
    )
