"""Ends streams whose caller may not call any more: a call is checked once, a stream lasts.

A session that is revoked ends its streams at once. A token that has expired ends those of
answers to one request, after a grace: who brings a fresh one goes on by the last cursor.
Not those that send both ways: an import is a piece of work, begun in time, a cabinet's stream is
bounded by its key, and one of many operations asks at each. And not a service's, which no one
revokes: its tokens live for a minute and name a call, and its streams end by age.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial

from chassis.access import Caller, UnauthenticatedError, caller
from chassis.auth import Revocations
from chassis.clock import Clock, utc_now

NOBODY = Caller(subject="", grants=frozenset())


class StreamRights:
    """`grace_s` is how long a stream may outlive its token."""

    def __init__(self, revocations: Revocations, *, grace_s: float, clock: Clock = utc_now) -> None:
        self._revocations = revocations
        self._grace_s = grace_s
        self._clock = clock

    @contextmanager
    def held(
        self, refuse: Callable[[UnauthenticatedError], None], *, both_ways: bool
    ) -> Iterator[None]:
        """Have `refuse` called when the caller of this stream may call no more."""
        who = caller_if_known()
        with ExitStack() as stack:
            if who.session_id:
                told = partial(refuse, revoked())
                stack.enter_context(self._revocations.listening(who.session_id, told))
            if who.expire_time is not None and not both_ways and not who.is_service:
                stack.callback(self._timer(who.expire_time, partial(refuse, expired())).cancel)
            yield

    def _timer(self, expire_time: datetime, told: Callable[[], None]) -> asyncio.TimerHandle:
        left_s = (expire_time - self._clock()).total_seconds() + self._grace_s
        return asyncio.get_running_loop().call_later(max(left_s, 0), told)


def caller_if_known() -> Caller:
    try:
        return caller()
    except LookupError:
        return NOBODY  # In a public method, where there is no right to lose.


def expired() -> UnauthenticatedError:
    return UnauthenticatedError("the token of this stream has expired: call again with another")


def revoked() -> UnauthenticatedError:
    return UnauthenticatedError("the session of this stream has ended: sign in again")
