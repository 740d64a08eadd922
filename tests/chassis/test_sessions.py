"""Rotation of refresh tokens, without a store or a clock."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import sessions
from chassis.sessions import REPEAT_MAX, Lifetime, RefreshToken, Session, SessionEndedError

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LIFETIME = Lifetime(idle=timedelta(days=30), whole=timedelta(days=180))
KEY = b"k" * 32
BEFORE_THE_FIRST = int(NOON.timestamp()) - 1


def opened() -> Session:
    return sessions.opened(str(uuid4()), subject="anna", lifetime=LIFETIME, now=NOON)


def refreshed(
    session: Session, generation: int, request_id: str = "first", now: datetime = NOON
) -> Session:
    """With the token of that generation, counted from 1."""
    return sessions.refreshed(
        session,
        generation=BEFORE_THE_FIRST + generation,
        request_id=request_id,
        lifetime=LIFETIME,
        now=now,
    )


def number(session: Session) -> int:
    return session.generation - BEFORE_THE_FIRST


def test_a_refresh_makes_the_next_generation() -> None:
    assert number(refreshed(opened(), 1)) == 2


def test_a_session_lives_on_from_its_last_refresh() -> None:
    after = refreshed(opened(), 1, now=NOON + timedelta(days=29))

    assert after.is_live(NOON + timedelta(days=58))
    assert not after.is_live(NOON + timedelta(days=59))


def test_no_refresh_carries_a_session_beyond_its_end() -> None:
    session = opened()
    for number in range(1, 9):
        session = refreshed(session, number, now=NOON + number * timedelta(days=20))

    assert session.expire_time == NOON + LIFETIME.whole


def test_a_session_is_never_opened_beyond_its_end() -> None:
    shift = Lifetime(idle=timedelta(days=1), whole=timedelta(hours=12))
    session = sessions.opened(str(uuid4()), subject="anna", lifetime=shift, now=NOON)

    assert session.expire_time == session.end_time == NOON + shift.whole


def test_a_lapsed_session_cannot_be_refreshed() -> None:
    with pytest.raises(SessionEndedError):
        refreshed(opened(), 1, now=NOON + LIFETIME.idle)


@pytest.mark.parametrize("later", [timedelta(0), REPEAT_MAX])
def test_the_same_request_within_30_s_changes_nothing(later: timedelta) -> None:
    after = refreshed(opened(), 1)

    assert refreshed(after, 1, now=NOON + later) == after


def test_the_same_request_after_30_s_ends_the_session() -> None:
    after = refreshed(opened(), 1)

    assert refreshed(after, 1, now=NOON + REPEAT_MAX + SECOND).ended


def test_a_token_used_twice_ends_the_session() -> None:
    after = refreshed(opened(), 1, "first")

    assert refreshed(after, 1, "second").ended


def test_a_token_two_generations_old_ends_the_session() -> None:
    after = refreshed(refreshed(opened(), 1), 2)

    assert refreshed(after, 1).ended


def test_an_ended_session_cannot_be_refreshed() -> None:
    with pytest.raises(SessionEndedError):
        refreshed(sessions.ended(opened()), 1)


def test_verifiers_hear_of_an_end_once() -> None:
    before = opened()
    after = sessions.ended(before)

    assert [event.key for event in sessions.revocations(before, after)] == [before.session_id]
    assert sessions.revocations(after, sessions.ended(after)) == ()
    assert sessions.revocations(before, refreshed(before, 1)) == ()


def test_a_token_says_its_session_and_generation() -> None:
    session = refreshed(opened(), 1)

    token = sessions.refresh_token(KEY, session)

    assert sessions.parse([KEY], token) == RefreshToken(session.session_id, session.generation)


def test_each_generation_has_a_token_of_its_own() -> None:
    session = opened()

    assert sessions.refresh_token(KEY, session) != sessions.refresh_token(
        KEY, refreshed(session, 1)
    )


def test_a_token_of_another_key_is_refused() -> None:
    with pytest.raises(SessionEndedError):
        sessions.parse([KEY], sessions.refresh_token(b"another", opened()))


@given(st.text(max_size=100))
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(SessionEndedError):
        sessions.parse([KEY], text)


@given(st.integers(0, sessions.TOKEN_BYTES * 8 - 1))
def test_a_token_with_one_bit_changed_is_refused(bit: int) -> None:
    token = sessions.refresh_token(KEY, opened())
    content = bytearray(base64.urlsafe_b64decode(token + "=="))
    content[bit // 8] ^= 1 << bit % 8

    with pytest.raises(SessionEndedError):
        sessions.parse([KEY], base64.urlsafe_b64encode(content).rstrip(b"=").decode())


def test_a_session_opened_again_under_its_id_honours_no_token_of_before() -> None:
    first = opened()
    for generation in range(1, 100):
        first = refreshed(first, generation, str(generation), NOON + generation * SECOND)
    forgotten = first.forget_time
    again = sessions.opened(
        first.session_id, subject="anna", lifetime=LIFETIME, now=forgotten + SECOND
    )

    for old in range(BEFORE_THE_FIRST, first.generation + 1):
        after = sessions.refreshed(
            again, generation=old, request_id="thief", lifetime=LIFETIME, now=forgotten + SECOND
        )
        assert after.ended


def test_a_session_is_forgotten_when_nobody_can_take_it_for_live() -> None:
    session = refreshed(opened(), 1, now=NOON + timedelta(days=20))

    assert session.forget_time > session.expire_time
    assert sessions.ended(session).forget_time == session.forget_time


@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from("ab"), st.integers(0, 40))))
def test_no_history_uses_a_generation_twice(steps: list[tuple[int, str, int]]) -> None:
    """Whatever comes in: each generation is made once, and a wrong use is the last one."""
    session, made, now = opened(), [1], NOON
    for generation, request_id, seconds in steps:
        now += seconds * SECOND
        try:
            after = refreshed(session, generation, request_id, now)
        except SessionEndedError:
            assert session.ended
            continue
        if after.generation != session.generation:
            assert generation == number(session)
            made.append(number(after))
        session = after
    assert made == list(range(1, len(made) + 1))
