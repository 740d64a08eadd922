"""Who is signed in where: the rules of a shift. Pure: no I/O, no clock, no protobuf."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chassis import sessions
from chassis.changes import Changed
from chassis.errors import AppError, Kind
from chassis.lockout import Attempts
from chassis.sessions import Lifetime, Session
from services.associate.staff.domain import Role, Staff
from services.associate.terminal.challenge import ChallengeUses, Use
from services.associate.terminal.domain import Terminal

SHIFT = Lifetime(idle=timedelta(hours=12), whole=timedelta(hours=12))


class WrongCredentialsError(AppError):
    kind, reason = Kind.UNAUTHENTICATED, "WRONG_CREDENTIALS"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSession:
    """A member signed in on a terminal, with the roles they had at the last refresh."""

    session: Session
    terminal_id: str
    location_id: str
    roles: tuple[Role, ...]


def admit(
    attempts: Attempts | None,
    uses: ChallengeUses | None,
    *,
    staff_id: str,
    terminal_id: str,
    use: Use,
) -> Changed[bool]:
    """Whether the PIN of a signed request may be looked at; if so, the guess is counted first.

    A request come again is the same guess and counts once. A challenge come again with
    another guess is none. Raises TooManyAttemptsError.
    """
    uses = uses or ChallengeUses(terminal_id=terminal_id)
    if (first := uses.find(use.challenge)) is not None:
        same = (first.request_id, first.body_hash) == (use.request_id, use.body_hash)
        return Changed(answer=same)
    counted = (attempts or Attempts(key=staff_id)).checked(use.time).failed(use.time)
    return Changed(answer=True, records=(counted, uses.noted(use)))


def sign_in(
    member: Staff | None,
    terminal: Terminal | None,
    attempts: Attempts | None,
    *,
    session_id: str,
    pin_hash: str,
    now: datetime,
) -> Changed[StaffSession]:
    """A session, and the guesses forgotten. Raises WrongCredentialsError.

    `pin_hash` is what the PIN was checked against: it may have been changed since.
    """
    if member is None or member.pin_hash != pin_hash:
        raise wrong_credentials()
    if terminal is None or terminal.revoked:
        raise wrong_credentials()
    if not member.may_work_at(terminal.location_id):
        raise wrong_credentials()
    opened = StaffSession(
        session=sessions.opened(session_id, subject=member.staff_id, lifetime=SHIFT, now=now),
        terminal_id=terminal.terminal_id,
        location_id=terminal.location_id,
        roles=member.roles,
    )
    forgotten = (attempts or Attempts(key=member.staff_id)).succeeded()
    return Changed(answer=opened, records=(opened, forgotten))


def refresh(
    before: StaffSession | None,
    member: Staff | None,
    *,
    generation: int,
    request_id: str,
    now: datetime,
) -> Changed[StaffSession]:
    """The session after one of its refresh tokens was used; ended where it ought to be.

    That is what a token used twice, or a member who works there no more, comes to.
    Check that the answer is live. Raises SessionEndedError for one that was over before.
    """
    if before is None:
        raise sessions.session_ended()
    after = sessions.refreshed(
        before.session, generation=generation, request_id=request_id, lifetime=SHIFT, now=now
    )
    if after.ended or member is None or not member.may_work_at(before.location_id):
        return ended(before)
    held = replace(before, session=after, roles=member.roles)
    return Changed(answer=held, records=(held,))


def ended(before: StaffSession) -> Changed[StaffSession]:
    """Nothing is written, and nobody told, if it has ended before."""
    after = replace(before, session=sessions.ended(before.session))
    if after == before:
        return Changed(answer=before)
    events = sessions.revocations(before.session, after.session)
    return Changed(answer=after, records=(after,), events=events)


def wrong_credentials() -> WrongCredentialsError:
    """Always the same: which of them was wrong would help whoever is guessing."""
    return WrongCredentialsError("badge, PIN or terminal are wrong, or not for this location")
