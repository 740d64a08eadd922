"""How terminals, their codes and the sessions on them are kept."""

from collections.abc import Collection
from datetime import datetime

from chassis.changes import Changed
from chassis.deadline import left_s
from chassis.lockout import Attempts
from chassis.records import Index, Kind, Records, Ref, State, Where
from services.associate.terminal import session as rules
from services.associate.terminal.challenge import ChallengeUses
from services.associate.terminal.domain import EnrolmentCode, Terminal, WrongCodes
from services.associate.terminal.session import StaffSession

WRITE_S_MAX = 2.0
ENDED_AT_ONCE_MAX = 200

TERMINALS = Kind(type=Terminal, collection="terminals", key=lambda t: t.terminal_id)
ENROLMENT_CODES = Kind(type=EnrolmentCode, collection="enrolment_codes", key=lambda c: c.code_hash)
WRONG_CODES = Kind(type=WrongCodes, collection="wrong_codes", key=lambda w: w.caller)
CHALLENGE_USES = Kind(type=ChallengeUses, collection="challenge_uses", key=lambda u: u.terminal_id)
SESSIONS = Kind(
    type=StaffSession,
    collection="staff_sessions",
    key=lambda held: held.session.session_id,
    indexes=(Index(fields=("session.subject", "session.ended", "session.expire_time")),),
)
# The guesses at a badge's PIN or a client's secret.
ATTEMPTS = Kind(type=Attempts, collection="attempts", key=lambda attempts: attempts.key)


async def end_sessions(records: Records, staff_ids: Collection[str], *, now: datetime) -> None:
    """End every live session of these members, who must not be able to sign in any more."""
    live = Where(
        limit=ENDED_AT_ONCE_MAX,
        one_of={"session.subject": staff_ids},
        equal={"session.ended": False},
        above={"session.expire_time": now},
    )
    # Ends: each round ends what it has found, and none can be opened meanwhile.
    while staff_ids and (found := await records.select(SESSIONS, live)):
        refs = [Ref(SESSIONS, held.session.session_id) for held in found]
        await records.update(refs, end_all, answer=bool, timeout_s=left_s(WRITE_S_MAX))


def end_all(state: State) -> Changed[bool]:
    changes = [rules.ended(held) for held in state.all(SESSIONS)]
    return Changed(
        answer=True,
        records=tuple(record for change in changes for record in change.records),
        events=tuple(event for change in changes for event in change.events),
    )
