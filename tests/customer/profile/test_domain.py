"""What a profile may say and how it changes."""

import pytest

from services.customer.profile.domain import (
    Details,
    InvalidProfileError,
    Profile,
    RevisionChangedError,
    SealedNames,
    UnknownCustomerError,
    checked,
    updated,
)

OLD = SealedNames(given_name=b"1", family_name=b"2")
NEW = SealedNames(given_name=b"3", family_name=b"4")
PROFILE = Profile(customer_id="anna", email=b"e", names=OLD, locale="fr", revision=7)


def details(
    given_name: str = "Anna", family_name: str = "", locale: str = "en", home: str = ""
) -> Details:
    return Details(
        given_name=given_name, family_name=family_name, locale=locale, home_location_id=home
    )


def updated_at(revision: int, before: Profile | None = PROFILE) -> Profile:
    changed = updated(
        before, customer_id="anna", names=NEW, details=details(home="lyon"), revision=revision
    )
    assert changed.records == (changed.answer,)
    return changed.answer


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (details(given_name=""), "given_name"),
        (details(given_name="  "), "given_name"),
        (details(given_name="x" * 101), "given_name"),
        (details(given_name="An\nna"), "given_name"),
        (details(family_name="x" * 101), "family_name"),
        (details(family_name="Mar\0tin"), "family_name"),
        (details(locale=""), "locale"),
        (details(locale="de"), "locale"),
        (details(home="x" * 65), "home_location_id"),
    ],
)
def test_a_bad_field_is_named(bad: Details, field: str) -> None:
    with pytest.raises(InvalidProfileError) as caught:
        checked(bad)

    assert [violation.field for violation in caught.value.violations] == [field]


def test_every_bad_field_is_named_at_once() -> None:
    with pytest.raises(InvalidProfileError) as caught:
        checked(details(given_name="", locale="de"))

    assert [violation.field for violation in caught.value.violations] == ["given_name", "locale"]


@pytest.mark.parametrize("name", ["Zoë", "O'Neil", "Jean\N{NO-BREAK SPACE}Pierre", "李", "x" * 100])
def test_people_have_all_kinds_of_names(name: str) -> None:
    assert checked(details(given_name=f" {name} ")).given_name == name


@pytest.mark.parametrize("revision", [0, 7])
def test_a_change_made_on_the_revision_there_is_replaces_what_may_change(revision: int) -> None:
    after = updated_at(revision)

    assert (after.names, after.locale, after.home_location_id) == (NEW, "en", "lyon")
    assert (after.email, after.revision) == (PROFILE.email, 8)


@pytest.mark.parametrize("revision", [6, 8, -1])
def test_a_change_made_on_another_revision_says_which_there_is(revision: int) -> None:
    with pytest.raises(RevisionChangedError) as caught:
        updated_at(revision)

    assert caught.value.metadata["revision"] == "7"


def test_nobodys_profile_cannot_change() -> None:
    with pytest.raises(UnknownCustomerError):
        updated_at(0, before=None)
