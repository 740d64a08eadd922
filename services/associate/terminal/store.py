"""How terminals, their codes and the sessions on them are kept."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from chassis.changes import Changed
from chassis.deadline import left_s
from chassis.lockout import Attempts
from chassis.records import Index, Kind, Records, Ref, State, Where
from services.associate.terminal import session as rules
from services.associate.terminal.challenge import ChallengeUses
from services.associate.terminal.domain import MINUTE, EnrolmentCode, Terminal, WrongCodes
from services.associate.terminal.session import StaffSession

WRITE_S_MAX = 2.0
ENDED_AT_ONCE_MAX = 200

TERMINALS = Kind(
    type=Terminal,
    collection="terminals",
    key=lambda terminal: terminal.terminal_id,
    indexes=(Index(fields=("location_id", "_id")),),
)
# Beyond the time after which no rule tells what is kept from what is not: clocks differ.
FORGOTTEN_AFTER = timedelta(days=1)
ENROLMENT_CODES = Kind(
    type=EnrolmentCode,
    collection="enrolment_codes",
    key=lambda code: code.code_hash,
    # Used or not: a code that is not there is refused like an old one.
    forget_time=lambda code: code.expire_time + FORGOTTEN_AFTER,
)
WRONG_CODES = Kind(
    type=WrongCodes,
    collection="wrong_codes",
    key=lambda wrong: wrong.caller,
    forget_time=lambda wrong: wrong.begin_time + MINUTE + FORGOTTEN_AFTER,
)
CHALLENGE_USES = Kind(
    type=ChallengeUses,
    collection="challenge_uses",
    key=lambda uses: uses.terminal_id,
    forget_time=lambda uses: uses.until + FORGOTTEN_AFTER,
)
SESSIONS = Kind(
    type=StaffSession,
    collection="staff_sessions",
    key=lambda held: held.session.session_id,
    indexes=(
        Index(fields=("session.subject", "session.ended", "session.expire_time")),
        Index(fields=("terminal_id", "session.ended", "session.expire_time")),
    ),
    forget_time=lambda held: held.session.forget_time,
)
# The guesses at a badge's PIN or a client's secret.
ATTEMPTS = Kind(
    type=Attempts,
    collection="attempts",
    key=lambda attempts: attempts.key,
    forget_time=lambda attempts: attempts.forget_time,
)


async def terminals_at(
    records: Records, location_ids: Collection[str] | None, *, after_id: str, limit: int
) -> list[Terminal]:
    """Those of these locations, or of all, by id."""
    where = Where(
        one_of={} if location_ids is None else {"location_id": location_ids},
        after=(None, after_id) if after_id else None,
        limit=limit,
    )
    return await records.select(TERMINALS, where)


async def end_sessions(records: Records, staff_ids: Collection[str], *, now: datetime) -> None:
    """End every live session of these members, who must not be able to sign in any more."""
    await end_live(records, {"session.subject": staff_ids}, now=now)


async def end_sessions_on(records: Records, terminal_id: str, *, now: datetime) -> None:
    """End every live session on this terminal, on which nobody can sign in any more."""
    await end_live(records, {"terminal_id": (terminal_id,)}, now=now)


async def end_live(
    records: Records, whose: Mapping[str, Collection[str]], *, now: datetime
) -> None:
    live = Where(
        limit=ENDED_AT_ONCE_MAX,
        one_of=whose,
        equal={"session.ended": False},
        above={"session.expire_time": now},
    )
    # Ends: each round ends what it has found, and none can be opened meanwhile.
    while all(whose.values()) and (found := await records.select(SESSIONS, live)):
        refs = [Ref(SESSIONS, held.session.session_id) for held in found]
        await records.update(refs, end_all, answer=bool, timeout_s=left_s(WRITE_S_MAX))


def end_all(state: State) -> Changed[bool]:
    changes = [rules.ended(held) for held in state.all(SESSIONS)]
    return Changed(
        answer=True,
        records=tuple(record for change in changes for record in change.records),
        events=tuple(event for change in changes for event in change.events),
    )
