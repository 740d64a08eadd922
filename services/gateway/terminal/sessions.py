"""Terminals and who signs in on them."""

from datetime import datetime
from typing import Annotated

from comptoir.associate.v1 import staff_service_pb2 as staff_pb
from comptoir.associate.v1 import terminal_service_pb2 as pb
from msgspec import Meta

from services.gateway.cookies import STAFF_COOKIE
from services.gateway.routes import EVERYONE, MANAGERS, STAFF, Answer, Call, Limit, Route
from services.gateway.sessions import (
    Refresh,
    Tokens,
    handed_out,
    refresh_route,
    refreshed,
    tokens_from_pb,
)
from services.gateway.wire import (
    BASE64URL,
    Id,
    Nothing,
    Received,
    Sent,
    Whole,
    bytes_from_text,
    bytes_to_text,
    instant,
    name_in,
    names_of,
    whole,
)

ENROLMENTS = Limit("enrol", 60)
STAFF_SIGN_INS = Limit("staff-sign-in", 300)
# Of its own, since customers use a shop's line too: 3,000 terminals, each once in ten minutes.
STAFF_REFRESHES = Limit("staff-refresh", 300)
ROLES = names_of(staff_pb.StaffRole, "STAFF_ROLE_")

Base64Url = Annotated[
    str,
    Meta(
        max_length=256,
        description="Bytes in base64url.",
        extra_json_schema={"pattern": BASE64URL},
    ),
]


class Enrolment(Received):
    """A code, and the key that the terminal has made: an uncompressed ECDSA P-256 point."""

    code: Annotated[str, Meta(max_length=64)]
    public_key: Base64Url


class Terminal(Sent):
    """A device in a shop."""

    terminal_id: str
    location_id: str
    label: str
    revision: Whole


class Challenge(Sent):
    """To be signed with ECDSA P-256 and SHA-256, within a minute."""

    challenge: Base64Url


class StaffSignIn(Received):
    """Badge and PIN, on a terminal that proves itself with its key."""

    terminal_id: Id
    challenge: Base64Url
    signature: Annotated[
        str,
        Meta(
            max_length=256,
            description="r and s (IEEE P1363), 64 bytes in base64url.",
            extra_json_schema={"pattern": BASE64URL},
        ),
    ]
    badge: Annotated[str, Meta(max_length=64)]
    pin: Annotated[str, Meta(max_length=64)]


class StaffMember(Sent):
    """One who works for the chain."""

    staff_id: str
    badge: str
    display_name: str
    roles: Annotated[list[str], Meta(description="`associate`, `manager`, `operator`.")]
    location_ids: list[str]


class StaffSession(Sent):
    """A session that was opened."""

    member: StaffMember
    terminal: Terminal
    tokens: Tokens


class CodeWish(Received):
    """For a terminal that is to stand there."""

    location_id: Id
    label: Annotated[str, Meta(max_length=100)]


class EnrolmentCode(Sent):
    """Good for one terminal."""

    code: str
    expire_time: datetime


def terminal_from_pb(terminal: pb.Terminal) -> Terminal:
    return Terminal(
        terminal_id=terminal.terminal_id,
        location_id=terminal.location_id,
        label=terminal.label,
        revision=whole(terminal.revision),
    )


def member_from_pb(member: staff_pb.StaffMember) -> StaffMember:
    return StaffMember(
        staff_id=member.staff_id,
        badge=member.badge,
        display_name=member.display_name,
        roles=[name_in(ROLES, role) for role in member.roles],
        location_ids=list(member.location_ids),
    )


async def enrol(call: Call[Enrolment, Nothing]) -> Terminal:
    request = pb.EnrolTerminalRequest(
        request_id=call.request_id,
        code=call.body.code,
        public_key=bytes_from_text(call.body.public_key, "public_key"),
    )
    answer = await call.parts.peers.terminals.EnrolTerminal(request)
    return terminal_from_pb(answer.terminal)


async def create_challenge(call: Call[Nothing, Nothing]) -> Challenge:
    request = pb.CreateChallengeRequest(terminal_id=call.path["terminal_id"])
    answer = await call.parts.peers.terminals.CreateChallenge(request)
    return Challenge(challenge=bytes_to_text(answer.challenge))


async def sign_in(call: Call[StaffSignIn, Nothing]) -> Answer:
    given = call.body
    request = pb.SignInRequest(
        request_id=call.request_id,
        terminal_id=given.terminal_id,
        challenge=bytes_from_text(given.challenge, "challenge"),
        signature=bytes_from_text(given.signature, "signature"),
        badge=given.badge,
        pin=given.pin,
    )
    opened = await call.parts.peers.terminals.SignIn(request)
    session = StaffSession(
        member=member_from_pb(opened.member),
        terminal=terminal_from_pb(opened.terminal),
        tokens=tokens_from_pb(opened.tokens, in_cookie=call.web),
    )
    return handed_out(call, STAFF_COOKIE, session, opened.tokens, in_cookie=call.web)


async def refresh(call: Call[Refresh, Nothing]) -> Answer:
    ask = call.parts.peers.terminals.Refresh
    return await refreshed(call, STAFF_COOKIE, ask, pb.RefreshRequest)


async def sign_out(call: Call[Nothing, Nothing]) -> Answer:
    request = pb.SignOutRequest(request_id=call.request_id)
    await call.parts.peers.terminals.SignOut(request, metadata=call.metadata)
    return Answer(finish=STAFF_COOKIE.clear)


async def get_me(call: Call[Nothing, Nothing]) -> StaffMember:
    request = staff_pb.GetSelfRequest()
    answer = await call.parts.peers.staff.GetSelf(request, metadata=call.metadata)
    return member_from_pb(answer.member)


async def create_code(call: Call[CodeWish, Nothing]) -> EnrolmentCode:
    request = pb.CreateEnrolmentCodeRequest(
        request_id=call.request_id, location_id=call.body.location_id, label=call.body.label
    )
    answer = await call.parts.peers.terminals.CreateEnrolmentCode(request, metadata=call.metadata)
    return EnrolmentCode(code=answer.code, expire_time=instant(answer.expire_time))


ROUTES = (
    Route(
        method="POST",
        path="/v1/terminals",
        handler=enrol,
        summary="Enrol a terminal with a code",
        tag="Terminal",
        who=EVERYONE,
        body=Enrolment,
        answer=Terminal,
        status=201,
        is_write=True,
        limit=ENROLMENTS,
        problems=("WRONG_CODE", "TOO_MANY_ATTEMPTS", "INVALID_TERMINAL"),
    ),
    Route(
        method="POST",
        path="/v1/terminals/{terminal_id}/challenges",
        handler=create_challenge,
        summary="Something for the terminal to sign",
        tag="Terminal",
        who=EVERYONE,
        answer=Challenge,
        status=201,
        limit=STAFF_SIGN_INS,
    ),
    Route(
        method="POST",
        path="/v1/staff/sessions",
        handler=sign_in,
        summary="Sign in with badge and PIN",
        tag="Terminal",
        who=EVERYONE,
        body=StaffSignIn,
        answer=StaffSession,
        status=201,
        is_write=True,
        limit=STAFF_SIGN_INS,
        problems=("WRONG_CREDENTIALS", "TOO_MANY_ATTEMPTS", "TOO_MANY_PASSWORDS"),
    ),
    refresh_route(STAFF_COOKIE, refresh, tag="Terminal", limit=STAFF_REFRESHES),
    Route(
        method="DELETE",
        path="/v1/staff/sessions/current",
        handler=sign_out,
        summary="Sign out",
        tag="Terminal",
        who=STAFF,
        status=204,
        is_write=True,
    ),
    Route(
        method="GET",
        path="/v1/staff/me",
        handler=get_me,
        summary="Who is signed in",
        tag="Terminal",
        who=STAFF,
        answer=StaffMember,
        problems=("UNKNOWN_STAFF",),
    ),
    Route(
        method="POST",
        path="/v1/terminal/enrolment-codes",
        handler=create_code,
        summary="A code to enrol another terminal with",
        tag="Terminal",
        who=MANAGERS,
        body=CodeWish,
        answer=EnrolmentCode,
        status=201,
        is_write=True,
        limit=ENROLMENTS,
        problems=("INVALID_TERMINAL", "UNKNOWN_LOCATION"),
    ),
)
