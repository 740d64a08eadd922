"""The rules of machine clients, without a store, a server or a clock."""

import importlib
from pathlib import Path

import comptoir
import pytest
from comptoir.type.v1 import access_pb2

from services.associate.client.domain import (
    SCOPES,
    Client,
    InvalidClientError,
    UnknownClientError,
    check,
    is_right,
    put,
    put_configured,
    revoke,
    secret_of,
)

KEY = b"k" * 32


def asked_for() -> set[str]:
    """Every scope that some method of some contract asks for."""
    found, root = set[str](), Path(comptoir.__path__[0])
    for path in root.rglob("*_pb2.py"):
        name = ".".join(path.relative_to(root.parent).with_suffix("").parts)
        file = importlib.import_module(name).DESCRIPTOR
        for service in file.services_by_name.values():
            for method in service.methods:
                found.update(method.GetOptions().Extensions[access_pb2.access].client_scopes)
    return found


def test_the_scopes_are_those_that_contracts_ask_for() -> None:
    assert asked_for() == SCOPES


@pytest.mark.parametrize("client_id", ["", "Till", "till 1", "x" * 65, "till\n"])
def test_an_id_is_lower_case_letters_digits_and_hyphens(client_id: str) -> None:
    with pytest.raises(InvalidClientError):
        check(client_id, ["stock.read"])


@pytest.mark.parametrize("scopes", [[], ["stock.rad"], ["stock.read"] * 33])
def test_scopes_are_some_of_those_that_open_something(scopes: list[str]) -> None:
    with pytest.raises(InvalidClientError):
        check("till", scopes)


def test_a_secret_is_256_bits_for_urls() -> None:
    assert len(secret_of(KEY, "till", 1)) == 43


def test_each_client_and_generation_has_a_secret_of_its_own() -> None:
    secrets = {secret_of(KEY, name, n) for name in ("till", "till-1") for n in (1, 11)}

    assert len(secrets) == 4


def test_nobodys_secret_is_right_for_no_client() -> None:
    assert not is_right(None, "")


def test_a_client_of_the_configuration_is_changed_there_alone() -> None:
    [bootstrap] = put_configured(None, client_id="root", secret="s" * 32).records

    with pytest.raises(InvalidClientError):
        put(bootstrap, client_id="root", scopes=["stock.read"], renew=True, key=KEY)  # type: ignore[arg-type]


def till() -> Client:
    [made] = put(None, client_id="till", scopes=["sale.write"], renew=False, key=KEY).records
    assert isinstance(made, Client)
    return made


def test_a_revoked_client_has_no_secret_and_its_session_is_told_to_have_ended() -> None:
    before = till()
    changed = revoke(before, client_id="till")

    assert not is_right(changed.answer, secret_of(KEY, "till", 1))
    assert [(event.name, event.key) for event in changed.events] == [
        ("session_revoked", before.session_id)
    ]
    assert changed.answer.revision == before.revision + 1


def test_a_client_that_is_revoked_already_stays_as_it_is() -> None:
    once = revoke(till(), client_id="till").answer
    again = revoke(once, client_id="till")

    assert (again.answer, again.records, again.events) == (once, (), ())


def test_a_revoked_client_put_again_has_another_secret_and_session() -> None:
    before = till()
    revoked = revoke(before, client_id="till").answer
    changed = put(revoked, client_id="till", scopes=["sale.write"], renew=False, key=KEY)
    [after] = changed.records

    assert isinstance(after, Client)
    assert changed.answer == 2 and is_right(after, secret_of(KEY, "till", 2))
    assert after.session_id != before.session_id


def test_a_client_keeps_its_session_with_other_scopes_and_with_another_secret() -> None:
    before = till()
    [after] = put(before, client_id="till", scopes=["stock.read"], renew=True, key=KEY).records

    assert isinstance(after, Client)
    assert after.session_id == before.session_id != revoke(before, client_id="a").answer.session_id


def test_neither_an_unknown_client_nor_the_configurations_is_revoked() -> None:
    [bootstrap] = put_configured(None, client_id="root", secret="s" * 32).records
    assert isinstance(bootstrap, Client)

    with pytest.raises(UnknownClientError):
        revoke(None, client_id="nobody")
    with pytest.raises(InvalidClientError):
        revoke(bootstrap, client_id="root")
