"""Addresses, accounts and sessions, without a store, a server or a clock."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.sessions import RefreshToken, Session, SessionEndedError
from services.customer.identity.domain import (
    AddressTakenError,
    Credentials,
    InvalidAddressError,
    WrongCredentialsError,
    address_hash,
    check_free,
    guessed_address,
    new_session,
    normalised_address,
    refreshed,
    signed_in,
    signed_out,
    signed_up,
)
from services.customer.profile.domain import Profile, SealedNames

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
GENERATION = int(NOON.timestamp())  # Of a session opened at NOON.
CREDENTIALS = Credentials(address_hash="h", customer_id="anna", password_hash="p")
SEALED = SealedNames(given_name=b"1", family_name=b"2")
PROFILE = Profile(customer_id="anna", email=b"3", names=SEALED, locale="fr")


def session(customer_id: str = "anna") -> Session:
    return new_session(str(uuid4()), customer_id=customer_id, now=NOON)


@pytest.mark.parametrize(
    ("email", "normal"),
    [
        ("  Anna.Martin@Example.COM ", "anna.martin@example.com"),
        ("anna+shop@bücher.example", "anna+shop@xn--bcher-kva.example"),
        ("ANNA@BÜCHER.example", "anna@xn--bcher-kva.example"),
        ("o'neil@example.ie", "o'neil@example.ie"),
        ("用户@example.com", "用户@example.com"),
        ("e\N{COMBINING ACUTE ACCENT}@example.com", "é@example.com"),
    ],
)
def test_an_address_has_one_form(email: str, normal: str) -> None:
    assert normalised_address(email) == normal


@pytest.mark.parametrize(
    "email",
    [
        "",
        "anna",
        "anna@",
        "@example.com",
        "anna@localhost",
        "anna@-example.com",
        "anna@exa mple.com",
        "anna@example..com",
        "anna@.com",
        "an na@example.com",
        "anna@bob@example.com",
        ".anna@example.com",
        "anna..martin@example.com",
        "anna\n@example.com",
        '"anna"@example.com',
        "anna@exam_ple.com",
        f"{'a' * 65}@example.com",
        f"anna@{'a' * 64}.com",
        f"anna@{'a.' * 125}com",
    ],
)
def test_what_no_mail_could_reach_is_no_address(email: str) -> None:
    with pytest.raises(InvalidAddressError):
        normalised_address(email)


@given(st.emails())
def test_an_address_in_its_one_form_stays_as_it_is(email: str) -> None:
    normal = guessed_address(email)

    assert guessed_address(normal) == normal


@given(st.text(max_size=300))
def test_any_text_can_be_tried_and_is_refused_or_normal(text: str) -> None:
    assert guessed_address(text) == guessed_address(guessed_address(text))


def test_without_the_key_an_address_is_not_found() -> None:
    assert address_hash(b"1", "anna@example.com") != address_hash(b"2", "anna@example.com")


def test_an_account_is_opened_with_its_first_session() -> None:
    changed = signed_up(None, credentials=CREDENTIALS, profile=PROFILE, session_id="s", now=NOON)

    assert changed.answer.session.subject == "anna"
    assert changed.records == (CREDENTIALS, PROFILE, changed.answer.session)
    assert [(event.name, event.key) for event in changed.events] == [("profile_changed", "anna")]


def test_an_address_that_is_taken_opens_no_account() -> None:
    with pytest.raises(AddressTakenError):
        signed_up(CREDENTIALS, credentials=CREDENTIALS, profile=PROFILE, session_id="s", now=NOON)


def test_ones_own_address_is_free_to_oneself() -> None:
    check_free(CREDENTIALS, customer_id="anna")
    with pytest.raises(AddressTakenError):
        check_free(CREDENTIALS, customer_id="ben")


def signing_in(
    found: Credentials | None = CREDENTIALS,
    before: Session | None = None,
) -> tuple[object, ...]:
    return signed_in(
        found,
        credentials=CREDENTIALS,
        profile=PROFILE,
        before=before,
        session_id="s",
        now=NOON,
    ).records


def test_credentials_that_changed_since_they_were_looked_at_open_nothing() -> None:
    with pytest.raises(WrongCredentialsError):
        signing_in(found=None)


def test_a_session_is_opened_once() -> None:
    with pytest.raises(SessionEndedError):
        signing_in(before=session())


def test_a_token_used_twice_ends_the_session_and_says_so() -> None:
    once = refreshed(session(), RefreshToken("s", GENERATION), request_id="first", now=NOON).answer
    twice = refreshed(once, RefreshToken("s", GENERATION), request_id="second", now=NOON)

    assert twice.answer.ended
    assert [event.name for event in twice.events] == ["session_revoked"]


def test_a_repeat_within_half_a_minute_writes_nothing() -> None:
    once = refreshed(session(), RefreshToken("s", GENERATION), request_id="first", now=NOON).answer
    again = refreshed(
        once, RefreshToken("s", GENERATION), request_id="first", now=NOON + timedelta(seconds=30)
    )

    assert (again.answer, again.records, again.events) == (once, (), ())


def test_a_session_that_never_was_has_ended() -> None:
    with pytest.raises(SessionEndedError):
        refreshed(None, RefreshToken("s", GENERATION), request_id="first", now=NOON)


def test_signing_out_ends_ones_own_sessions_alone() -> None:
    annas, bens = session("anna"), session("ben")
    changed = signed_out([annas, bens], customer_id="anna")

    assert [event.key for event in changed.events] == [annas.session_id]


def test_a_session_ends_once() -> None:
    (ended,) = signed_out([session()], customer_id="anna").records
    assert isinstance(ended, Session)

    again = signed_out([ended], customer_id="anna")
    assert (again.records, again.events) == ((), ())
