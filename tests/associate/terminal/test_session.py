"""The rules of a shift, without a store, a server or a clock."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.lockout import Attempts, TooManyAttemptsError
from chassis.sessions import SessionEndedError
from services.associate.staff.domain import Role, Staff
from services.associate.terminal.challenge import Use
from services.associate.terminal.domain import Terminal
from services.associate.terminal.session import (
    StaffSession,
    WrongCredentialsError,
    admit,
    ended,
    refresh,
    sign_in,
)
from tests.associate.house import NOON, new_id

CAMILLE = Staff(
    staff_id="camille",
    badge="B-1",
    display_name="Camille",
    roles=(Role.ASSOCIATE,),
    location_ids=("lyon-1",),
    active=True,
    pin_hash="hash",
)
COUNTER = Terminal(terminal_id="t", location_id="lyon-1", label="Counter", public_key=b"")
USE = Use(challenge=b"c", request_id="r", body_hash=b"b", time=NOON)


def signed_in() -> StaffSession:
    changed = sign_in(CAMILLE, COUNTER, None, session_id=new_id(), pin_hash="hash", now=NOON)
    return changed.answer


def test_a_guess_is_counted_before_it_is_looked_at() -> None:
    changed = admit(None, None, staff_id="camille", terminal_id="t", use=USE)

    assert changed.answer
    assert Attempts(key="camille", failed_count=1, closed_until=NOON) in changed.records


def test_no_guess_is_looked_at_while_the_badge_is_closed() -> None:
    closed = Attempts(key="camille", failed_count=5, closed_until=NOON + timedelta(seconds=1))

    with pytest.raises(TooManyAttemptsError):
        admit(closed, None, staff_id="camille", terminal_id="t", use=USE)


@pytest.mark.parametrize("changed", [{"request_id": "other"}, {"body_hash": b"other"}])
def test_a_challenge_come_again_with_another_guess_is_none(changed: dict[str, str]) -> None:
    _, uses = admit(None, None, staff_id="camille", terminal_id="t", use=USE).records
    other = replace(USE, **changed)  # type: ignore[arg-type]

    again = admit(None, uses, staff_id="camille", terminal_id="t", use=other)  # type: ignore[arg-type]

    assert (again.answer, again.records) == (False, ())


def test_a_sign_in_forgets_the_guesses() -> None:
    guessed = Attempts(key="camille", failed_count=4)
    changed = sign_in(CAMILLE, COUNTER, guessed, session_id=new_id(), pin_hash="hash", now=NOON)

    assert Attempts(key="camille") in changed.records


def test_a_pin_changed_while_it_was_looked_at_is_wrong() -> None:
    with pytest.raises(WrongCredentialsError):
        sign_in(CAMILLE, COUNTER, None, session_id=new_id(), pin_hash="older", now=NOON)


def test_who_left_while_the_pin_was_looked_at_is_not_let_in() -> None:
    gone = replace(CAMILLE, active=False)

    with pytest.raises(WrongCredentialsError):
        sign_in(gone, COUNTER, None, session_id=new_id(), pin_hash="hash", now=NOON)


def test_a_refresh_by_who_left_ends_the_session_and_tells() -> None:
    held = signed_in()
    gone = replace(CAMILLE, active=False)

    changed = refresh(held, gone, generation=held.session.generation, request_id=new_id(), now=NOON)

    assert changed.answer.session.ended
    assert [event.name for event in changed.events] == ["session_revoked"]


def test_no_session_cannot_be_refreshed() -> None:
    with pytest.raises(SessionEndedError):
        refresh(None, CAMILLE, generation=1, request_id=new_id(), now=NOON)


def test_a_session_ends_once() -> None:
    first = ended(signed_in())
    again = ended(first.answer)

    assert len(first.events) == 1
    assert (again.records, again.events) == ((), ())


def test_nobody_is_let_in_on_a_terminal_that_was_taken_away_meanwhile() -> None:
    gone = replace(COUNTER, revoked=True)

    with pytest.raises(WrongCredentialsError):
        sign_in(CAMILLE, gone, None, session_id=new_id(), pin_hash="hash", now=NOON)
