"""Secrets of clients, and tokens: told once, to whoever had them made, and to nobody else."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from clients.cli.gateway import Gateway
from clients.cli.private import room_at
from clients.cli.signing_in import enrolled, known
from clients.house import CannotRunError
from tests.clients.programs import Ended, run
from tests.clients.shop import SECRET, Shop


class Office:
    """Who makes clients."""

    def __init__(self, house: Shop) -> None:
        self.house = house
        self.first = house.file("stack.secret", SECRET)
        self.kept = house.folder / "till.secret"

    async def put(self, *arguments: str, to: str | Path = "") -> Ended:
        who = ("--client", "stack", "--secret-file", self.first, *self.house.panel())
        put = ("clients", "put", "till", "--to", to or self.kept)
        return await run("clients.cli", *put, *who, *arguments)

    async def token(self, secret_file: Path) -> Ended:
        as_till = ("--client", "till", "--secret-file", secret_file, *self.house.panel())
        to = self.house.folder / "till.token"
        return await run("clients.cli", "token", "client", "--to", to, *as_till)


@pytest.fixture
def office(house: Shop) -> Office:
    return Office(house)


async def test_a_new_clients_secret_is_kept_for_its_owner_alone(office: Office) -> None:
    made = await office.put("--scope", "stock.read", "--scope", "sale.write")

    assert (made.code, made.out) == (0, "")
    assert f"till may sale.write, stock.read; its secret is told this once: {office.kept}" in (
        made.err
    )
    assert office.kept.stat().st_mode & 0o777 == 0o600
    assert office.kept.read_text().strip() not in made.err
    got = await office.token(office.kept)
    token = office.house.folder / "till.token"
    assert (got.code, got.out) == (0, "")
    assert token.stat().st_mode & 0o777 == 0o600
    assert token.read_text().count(".") == 2
    assert token.read_text().strip() not in got.err


async def test_the_same_again_makes_no_secret_and_renewing_ends_the_old(office: Office) -> None:
    await office.put("--scope", "stock.read")
    first = office.kept.read_text()

    again = await office.put("--scope", "stock.read")
    assert "it keeps its secret: --renew-secret makes another" in again.err
    assert office.kept.read_text() == first

    await office.put("--scope", "stock.read", "--renew-secret")
    assert office.kept.read_text() != first
    old = await office.token(office.house.file("old.secret", first))
    assert old.code == 2
    assert "WRONG_CREDENTIALS" in old.err


async def test_a_secret_may_be_printed_for_a_vault(office: Office) -> None:
    made = await office.put("--scope", "stock.read", to="-")

    assert made.code == 0
    assert (await office.token(office.house.file("printed", made.out))).code == 0


async def test_no_client_is_made_whose_secret_has_no_place(office: Office) -> None:
    refused = await office.put("--scope", "stock.read", to=office.house.folder / "none" / "secret")

    assert refused.code == 2
    assert "make it, e.g. with mkdir -m 700" in refused.err
    made = await office.put("--scope", "stock.read")
    assert "told this once" in made.err


async def test_a_scope_that_opens_nothing_is_refused_with_those_that_do(office: Office) -> None:
    refused = await office.put("--scope", "stock.raed")

    assert refused.code == 2
    assert "INVALID_CLIENT" in refused.err
    assert "stock.read" in refused.err
    assert list(office.house.folder.glob("*till.secret*")) == []


def test_what_is_kept_replaces_what_was_there_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("old")
    with pytest.raises(RuntimeError), room_at(file):
        raise RuntimeError
    assert file.read_text() == "old"

    with room_at(file) as room:
        room.keep("new")

    assert file.read_text() == "new\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_is_no_place_for_a_secret(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match="name a file in it"), room_at(tmp_path):
        pass


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://shop.example", "say https://"),
        ("shop.example", "no address of a gateway"),
        ("ftp://shop.example", "no address of a gateway"),
    ],
)
def test_no_pin_is_sent_where_others_read_it(url: str, words: str) -> None:
    with pytest.raises(CannotRunError, match=words):
        Gateway(url=url)


def test_a_gateway_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match="does not answer as a gateway"):
        Gateway(url="http://127.0.0.1:1").post("/v1/terminals", {})


async def test_what_is_not_encrypted_goes_by_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async def terminal(request: web.Request) -> web.Response:
        return web.json_response(await request.json())

    app = web.Application()
    app.router.add_post("/v1/terminals", terminal)
    async with TestServer(app) as server:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        monkeypatch.setenv("no_proxy", "")
        house = Gateway(url=f"http://127.0.0.1:{server.port}")

        answer = await asyncio.to_thread(house.post, "/v1/terminals", {"code": "C"})

    assert answer == {"code": "C"}


def test_a_command_line_is_enrolled_once(tmp_path: Path) -> None:
    there = tmp_path / "laptop.terminal"
    there.write_text("{}")
    house = Gateway(url="http://127.0.0.1:1")

    with pytest.raises(CannotRunError, match="leave --code out"):
        enrolled(house, there, "CODE")
    with pytest.raises(CannotRunError, match="enrol with --code"):
        known(tmp_path / "other.terminal")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"terminal_id": "t", "key": "none"}'])
def test_a_file_without_a_terminal_says_what_to_do(tmp_path: Path, content: str) -> None:
    file = tmp_path / "laptop.terminal"
    file.write_text(content)

    with pytest.raises(CannotRunError, match="enrol anew, with --code"):
        known(file)
