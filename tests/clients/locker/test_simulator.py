"""The simulator in processes of its own, killed at any instant, against a real server."""

import asyncio
import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.collect.locker.cabinet import DoorPurpose, UseState
from tests.clients.locker.simulator import (
    ROOT,
    House,
    Simulator,
    load,
    open_house,
    open_simulator,
)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as opened:
        yield opened


@pytest.fixture
async def simulator(house: House, tmp_path: Path) -> AsyncIterator[Simulator]:
    async with open_simulator(tmp_path, house) as opened:
        yield opened


async def restart(simulator: Simulator) -> None:
    await simulator.kill()
    await simulator.start()


async def scan(simulator: Simulator, text: str) -> str:
    return str((await simulator.do("/scan", text=text))["answer"])


async def type_in(simulator: Simulator, code: str) -> str:
    return str((await simulator.do("/type", code=code))["answer"])


async def test_an_order_is_loaded_and_collected_with_its_digits(
    house: House, simulator: Simulator
) -> None:
    await load(house, simulator)

    assert await type_in(simulator, await house.digits()) == "OPEN"
    await house.becomes(UseState.EMPTY)
    assert simulator.doors_opened == ["A1", "A1"]


async def test_an_order_is_collected_with_its_qr_code(house: House, simulator: Simulator) -> None:
    await load(house, simulator)

    assert await scan(simulator, await house.qr_text()) == "OPEN"
    await house.becomes(UseState.EMPTY)


async def test_while_the_line_is_cut_codes_open_and_what_happened_is_told_after(
    house: House, simulator: Simulator
) -> None:
    await load(house, simulator)
    await simulator.do("/line", up=False)
    await simulator.reaches(lambda state: not state["attached"])

    assert await type_in(simulator, await house.digits()) == "OPEN"
    assert (await house.use()).state is UseState.READY
    await simulator.do("/line", up=True)
    await house.becomes(UseState.EMPTY)


async def test_what_was_called_off_while_the_line_was_cut_is_answered_after(
    house: House, simulator: Simulator
) -> None:
    await load(house, simulator)
    code = await house.digits()
    await simulator.do("/line", up=False)
    await simulator.reaches(lambda state: not state["attached"])
    await house.call_off("o1")
    await simulator.do("/line", up=True)

    await house.becomes(UseState.TO_EMPTY)
    assert await type_in(simulator, code) == "WRONG_CODE"
    assert simulator.doors_opened == ["A1"]


async def test_what_was_collected_before_it_heard_of_the_calling_off_is_collected(
    house: House, simulator: Simulator
) -> None:
    await load(house, simulator)
    await simulator.do("/line", up=False)
    await simulator.reaches(lambda state: not state["attached"])
    await house.call_off("o1")

    assert await scan(simulator, await house.qr_text()) == "OPEN"
    await simulator.do("/line", up=True)
    await house.becomes(UseState.EMPTY)


async def test_staff_take_back_what_was_called_off(house: House, simulator: Simulator) -> None:
    await load(house, simulator)
    await house.call_off("o1")
    await house.becomes(UseState.TO_EMPTY)
    await house.ask("o1", "back", DoorPurpose.TAKING_BACK)
    await simulator.reaches(lambda s: s["compartments"]["A1"]["door"] == "taking_back")
    await simulator.do("/close", compartment="A1")

    await house.becomes(UseState.EMPTY)


async def test_a_cabinet_that_lost_power_opens_for_what_it_was_given_before(
    house: House, simulator: Simulator
) -> None:
    await load(house, simulator)
    await restart(simulator)

    assert await type_in(simulator, await house.digits()) == "OPEN"


async def test_a_door_that_stood_open_for_loading_is_closed_after_a_loss_of_power(
    house: House, simulator: Simulator
) -> None:
    await simulator.attached()
    await house.keep("o1")
    await house.ask("o1", "d1", DoorPurpose.LOADING)
    await simulator.reaches(lambda s: s["compartments"]["A1"]["door"] == "loading")
    await restart(simulator)
    await simulator.do("/close", compartment="A1")

    await house.becomes(UseState.READY)
    assert simulator.doors_opened == ["A1"]


@pytest.mark.parametrize("after_ms", range(0, 130, 10))
async def test_killed_at_any_instant_of_a_try_a_code_opens_at_most_once(
    house: House, simulator: Simulator, after_ms: int
) -> None:
    await load(house, simulator)
    code = await house.digits()
    trying = asyncio.ensure_future(type_in(simulator, code))
    await asyncio.wait([trying], timeout=after_ms / 1000)
    await simulator.kill()
    await asyncio.wait([trying])
    died_with = simulator.doors_opened
    await simulator.start()
    again = await type_in(simulator, code)

    assert simulator.doors_opened in (["A1"], ["A1", "A1"]), "a replay opened"
    assert (again == "OPEN") is (simulator.doors_opened != died_with)
    assert trying.exception() is not None or trying.result() == "OPEN"
    await house.becomes(UseState.EMPTY)


async def test_entries_survive_a_kill_and_are_told_once(house: House, simulator: Simulator) -> None:
    await load(house, simulator)
    await simulator.do("/line", up=False)
    await type_in(simulator, await house.digits())
    await restart(simulator)
    await house.becomes(UseState.EMPTY)
    await simulator.attached()

    state = await simulator.state()
    assert (await house.cabinet()).journal_sequence == state["last_sequence"]


async def test_a_wrong_code_makes_the_next_try_wait(house: House, simulator: Simulator) -> None:
    await load(house, simulator)
    wrong = await simulator.do("/type", code="00000000")

    assert wrong["answer"] == "WRONG_CODE"
    assert 0 < wrong["wait_ms"] <= 1000
    assert await type_in(simulator, await house.digits()) in ("WAIT", "OPEN")


async def test_its_state_shows_no_secret(house: House, simulator: Simulator) -> None:
    await load(house, simulator)
    shown = json.dumps(await simulator.state())
    kept = json.loads(simulator.state_file.read_text())

    assert kept["private_key_hex"] not in shown
    assert kept["compartments"]["A1"]["verifier_hex"] not in shown
    assert simulator.state_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("method", "path", "kind", "body", "status"),
    [
        ("POST", "/type", "text/plain", b'{"code": "1"}', 415),
        ("POST", "/type", "application/json", b'{"code": 1}', 400),
        ("POST", "/type", "application/json", b"[]", 400),
        ("POST", "/type", "application/json", b"{", 400),
        ("POST", "/type", "application/json", b"{" * 70_000, 413),
        ("POST", "/nothing", "application/json", b"{}", 404),
    ],
)
async def test_what_nobody_can_do_at_a_panel_is_refused(
    simulator: Simulator, method: str, path: str, kind: str, body: bytes, status: int
) -> None:
    request = urllib.request.Request(
        simulator.url(path), data=body, headers={"Content-Type": kind}, method=method
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        await asyncio.to_thread(urllib.request.urlopen, request, timeout=10)
    caught.value.close()
    assert caught.value.code == status


@pytest.mark.parametrize("address", ["0.0.0.0:0", "192.0.2.1:8000"])
def test_nobody_else_reaches_the_panel(address: str, tmp_path: Path) -> None:
    options = ["--cabinet", "c", "--server", "127.0.0.1:1", "--state", str(tmp_path / "state")]
    ended = run("-m", "clients.locker", *options, "--control", address)

    assert ended.returncode != 0
    assert b"is not the loopback" in ended.stderr


def test_it_uses_nothing_of_the_house_but_the_protocol() -> None:
    found = run(
        "-c",
        "import clients.locker.__main__, sys;"
        "print({name.partition('.')[0] for name in sys.modules} & {'chassis', 'services'})",
    )

    assert found.stdout.strip() == b"set()"


def run(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}"},
        capture_output=True,
        timeout=60,
        check=False,
    )
