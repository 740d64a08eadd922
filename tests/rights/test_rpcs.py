"""The matrix: every method of every service against everybody, at the services' own doors.

The verdict comes from the method's option and from what a caller can prove, never from here.
"""

import asyncio
from collections.abc import Mapping

import grpc
import pytest

from tests.rights.callers import (
    KNOWN,
    OVERREACHING,
    UNFIT,
    Caller,
    Issuers,
    bearer,
    broken,
    without,
)
from tests.rights.methods import METHODS, Method, Reply, call, nonsense

PUBLIC = "public"
# What a servicer answers to a request that it cannot do anything with. All else would mean
# that the call never came so far.
UNDERSTOOD = {
    "OK",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "FAILED_PRECONDITION",
    "UNAUTHENTICATED",
    "RESOURCE_EXHAUSTED",
}
REFUSED_BEFORE = {"UNAUTHENTICATED", "ACCESS_DENIED", "TOO_MANY_CALLS", "TOO_MANY_STREAMS"}

LET_IN = "let in"
# The two refusals, by code and reason: a caller may go by either.
UNKNOWN, WRONG_ROLE = "UNAUTHENTICATED UNAUTHENTICATED", "PERMISSION_DENIED ACCESS_DENIED"


def callers_for(method: Method) -> tuple[Caller, ...]:
    opens_to = method.opens_to
    scopes = frozenset(grant for grant in opens_to if grant.startswith("client:"))
    forged = broken(min(opens_to - {PUBLIC}, default="customer"))
    return (*KNOWN, *OVERREACHING, *UNFIT, without(scopes), *forged)


def expected(method: Method, caller: Caller) -> str:
    if PUBLIC in method.opens_to:
        return LET_IN
    if caller.proves is None:
        return UNKNOWN
    return LET_IN if caller.proves & method.opens_to else WRONG_ROLE


def verdict(reply: Reply) -> str:
    if reply.code in UNDERSTOOD and reply.reason not in REFUSED_BEFORE:
        return LET_IN
    return f"{reply.code} {reply.reason}"


@pytest.mark.parametrize("method", METHODS, ids=str)
async def test_a_method_opens_to_whom_its_option_names_and_to_nobody_else(
    channels: Mapping[str, grpc.aio.Channel], issuers: Issuers, method: Method
) -> None:
    callers = callers_for(method)
    calls = (
        call(
            channels[method.service],
            method,
            nonsense(method),
            bearer(caller.token_for(issuers, method.service)),
        )
        for caller in callers
    )
    replies = dict(zip(callers, await asyncio.gather(*calls), strict=True))

    wrong = {
        str(caller): f"{verdict(reply)}, not {expected(method, caller)} ({reply})"
        for caller, reply in replies.items()
        if verdict(reply) != expected(method, caller)
    }
    assert not wrong

    strangers = {reply.refusal for c, reply in replies.items() if c.proves is None}
    assert len(strangers) == 1 or PUBLIC in method.opens_to, strangers
