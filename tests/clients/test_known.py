"""Where programs look for the house and for secrets, when nobody tells them."""

import json
from pathlib import Path

import pytest

from clients.house import CannotRunError, access_from


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    file = tmp_path / "panel.json"
    file.write_text(json.dumps({"ports": {"collect": 8084}, "clients": {"till": "of the panel"}}))
    return file


@pytest.fixture
def set_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment with an address, an authority and a folder of secrets."""
    (tmp_path / "till.secret").write_text("of the folder\n")
    monkeypatch.setenv("COMPTOIR_COLLECT", "collect.example:443")
    monkeypatch.setenv("COMPTOIR_CA", str(tmp_path / "ca.crt"))
    monkeypatch.setenv("COMPTOIR_SECRETS", str(tmp_path))
    return tmp_path


def test_the_environment_says_where_and_with_which_secret(set_once: Path) -> None:
    found = access_from(client_id="till", panel=None, secret_file=None, addresses={})

    assert found.addresses == {"collect": "collect.example:443"}
    assert (found.secret, found.ca_file) == ("of the folder", set_once / "ca.crt")


def test_options_go_before_the_environment(set_once: Path) -> None:
    other = set_once / "other"
    other.write_text("of the option")

    found = access_from(
        client_id="till",
        panel=None,
        secret_file=other,
        addresses={"collect": "here:1", "associate": ""},
        ca_file=other,
    )

    assert found.addresses == {"collect": "here:1"}
    assert (found.secret, found.ca_file) == ("of the option", other)


def test_a_panel_that_is_named_goes_before_the_environment(set_once: Path, panel: Path) -> None:
    found = access_from(client_id="till", panel=panel, secret_file=None, addresses={})

    assert found.addresses == {"collect": "127.0.0.1:8084"}
    assert (found.secret, found.ca_file) == ("of the panel", None)


def test_a_panel_that_lies_there_is_not_mixed_with_the_environment(
    set_once: Path, panel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(set_once)
    Path(".comptoir").mkdir()
    panel.rename(".comptoir/panel.json")
    (set_once / "till.secret").unlink()

    with pytest.raises(CannotRunError, match=r"set COMPTOIR_SECRETS to a folder with till\.secret"):
        access_from(client_id="till", panel=None, secret_file=None, addresses={})


async def test_an_address_that_nobody_knows_is_asked_for_by_its_variable(set_once: Path) -> None:
    found = access_from(client_id="till", panel=None, secret_file=None, addresses={})

    with pytest.raises(CannotRunError, match="set COMPTOIR_CATALOG to its HOST:PORT"):
        found.channel("catalog")
