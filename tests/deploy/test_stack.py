"""`make run` on real processes: what it starts, keeps, says, and leaves behind when it ends.

A start costs seconds, so the tests share five of them, each in the folder of the one before:
one that is cut short, one that is stopped by Ctrl-C, one that is killed, one that SIGTERM ends.
"""

import asyncio
import os
import signal
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pymongo import AsyncMongoClient

from deploy.local.demo import chain, families
from tests.cabinet import CABINET, running
from tests.deploy.panel import codes_of, command_in, finds_a_drill, typed
from tests.deploy.witness import (
    SERVICES,
    Ended,
    counted,
    ended_by,
    events_in,
    has_begun,
    is_alive,
    kept_ports,
    killed_again,
    listens,
    pids_of,
)
from tests.people import Person, associate, customer
from tests.suite import Stack, claimed_ports, is_free, launched
from tests.waiting import until

START_S = 120.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("suite")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Kept through all starts: between two of them nobody listens there."""
    with claimed_ports() as first:
        yield first


@pytest.fixture(scope="module")
async def cut_short(folder: Path, port: int) -> Ended:
    """A first start whose catalog dies in the middle of the demo, as often as it comes back."""
    async with launched(folder, port=port) as stack:
        await products_begun(folder, stack)
        await until(lambda: killed_again(stack, "catalog"), timeout_s=START_S)
        return Ended(await stack.ended(), stack.words, {}, [], [])


@pytest.fixture(scope="module")
async def stack(folder: Path, port: int, cut_short: Ended) -> AsyncIterator[Stack]:
    async with launched(folder, port=port) as begun:
        await begun.ready()
        yield begun


@pytest.fixture(scope="module")
async def counted_events(stack: Stack) -> dict[str, int]:
    """How many the demo and its tests have made, just before Ctrl-C."""
    return await events_in(stack)


@pytest.fixture(scope="module")
def codes(stack: Stack) -> set[str]:
    """Those of the start before."""
    return codes_of(stack)


@pytest.fixture(scope="module")
async def at_work(stack: Stack, folder: Path) -> Path:
    """What a cabinet remembers that was enrolled in the start before."""
    state = folder / f"{CABINET}.json"
    async with running(stack, state, code=stack.panel["cabinets"][CABINET]) as cabinet:
        await until(cabinet.is_attached)
    return state


@pytest.fixture(scope="module")
async def stopped(
    stack: Stack, counted_events: dict[str, int], codes: set[str], at_work: Path
) -> Ended:
    """The same, after Ctrl-C."""
    return await ended_by(stack, signal.SIGINT)


@pytest.fixture(scope="module")
async def second(folder: Path, port: int, stopped: Ended) -> AsyncIterator[Stack]:
    async with launched(folder, port=port) as begun:
        await begun.ready()
        yield begun


@pytest.fixture(scope="module")
async def newcomer(second: Stack) -> dict[str, str]:
    """Signed up just before the stack is killed."""
    account = {"email": "newcomer@example.org", "password": "quatre mots bien choisis"}
    async with aiohttp.ClientSession(second.url) as http:
        (await Person(http).post("/v1/customers", {**account, "given_name": "Anna"})).ok()
    return account


@pytest.fixture(scope="module")
async def left_behind(second: Stack, newcomer: dict[str, str]) -> dict[str, int]:
    """Whom a stack leaves that is killed itself."""
    pids = pids_of(second)
    await second.stop(signal.SIGKILL)
    assert all(is_alive(pid) for pid in pids.values())
    return pids


@pytest.fixture(scope="module")
async def third(folder: Path, port: int, left_behind: dict[str, int]) -> AsyncIterator[Stack]:
    async with launched(folder, port=port) as begun:
        await begun.ready()
        yield begun


def test_a_demo_that_is_cut_short_says_what_did_not_go_in(cut_short: Ended) -> None:
    assert cut_short.code == 1
    assert "the demo chain: " in cut_short.words
    assert "did not go in" in cut_short.words
    assert "start it again" in cut_short.words
    assert "Traceback" not in cut_short.words


async def test_the_next_start_finishes_the_demo(stack: Stack) -> None:
    assert await counted(stack, "comptoir_catalog", "products") == len(list(families.products()))
    async with aiohttp.ClientSession(stack.url) as http:
        for account in chain.chain()["customers"]:
            await customer(http, email=account["email"], password=account["pass_phrase"])


async def test_each_of_six_processes_listens_on_its_port(stack: Stack) -> None:
    pids = {name: stack.pid(name) for name in SERVICES}
    assert len(set(pids.values())) == 6
    assert all(listens(pid, stack.panel["ports"][name]) for name, pid in pids.items())


async def test_each_service_has_a_database_of_its_own(stack: Stack) -> None:
    async with AsyncMongoClient[dict[str, Any]](stack.panel["mongo_uri"]) as client:
        names = await client.list_database_names()
    assert {f"comptoir_{name}" for name in SERVICES} <= set(names)


def test_what_is_secret_is_for_its_owner_alone(stack: Stack) -> None:
    secrets = [stack.folder / "panel.json", *(stack.folder / "secrets").iterdir()]
    assert {stat.S_IMODE(file.stat().st_mode) for file in secrets} == {0o600}


def test_the_panel_shows_codes_that_scripts_find_too(stack: Stack) -> None:
    assert stack.panel["terminal_code"] in stack.words
    assert stack.panel["cabinets"]["cab-bastille"] in stack.words


async def test_the_till_command_on_the_panel_sells_as_it_stands(stack: Stack) -> None:
    async with typed(command_in(stack, "clients.till")) as process:
        printed, _ = await asyncio.wait_for(process.communicate(), START_S)
    assert process.returncode == 0, printed.decode()


async def test_the_locker_command_on_the_panel_enrols_as_it_stands(stack: Stack) -> None:
    async with typed(command_in(stack, "clients.locker")) as process, asyncio.timeout(START_S):
        assert process.stdout is not None
        said = b""
        while b"enrolled as cab-bastille" not in said:
            said = await process.stdout.readline()
            assert said, "it ended"


async def test_a_service_that_is_killed_serves_again_and_the_others_never_end(
    stack: Stack,
) -> None:
    before = pids_of(stack)
    os.kill(before["catalog"], signal.SIGKILL)
    await stack.says("catalog serves again")

    after = pids_of(stack)
    assert after["catalog"] != before["catalog"]
    assert listens(after["catalog"], stack.panel["ports"]["catalog"])
    assert {**after, "catalog": 0} == {**before, "catalog": 0}
    assert "catalog ended with -9, and is started again" in stack.words
    await until(lambda: finds_a_drill(stack))


async def test_an_engine_that_is_killed_serves_again(stack: Stack) -> None:
    os.kill(stack.pid("mongod"), signal.SIGKILL)
    await stack.says("mongod serves again")
    await until(lambda: finds_a_drill(stack))


async def test_a_taken_port_is_said_with_what_to_set(stack: Stack, tmp_path: Path) -> None:
    taken = stack.panel["ports"]["gateway"]
    mongo_uri, redis_url = stack.panel["mongo_uri"], stack.panel["redis_url"]
    async with launched(tmp_path, port=taken, mongo_uri=mongo_uri, redis_url=redis_url) as other:
        assert await other.ended() == 1
    assert f"port {taken} (gateway) is taken" in other.words
    assert "COMPTOIR_PORT=" in other.words
    assert "Traceback" not in other.words


async def test_a_folder_in_use_is_said_and_its_stack_goes_on(stack: Stack) -> None:
    before = pids_of(stack)
    async with launched(stack.folder) as other:
        assert await other.ended() == 1
        assert "is in use by another run" in other.words
        assert pids_of(stack) == before


async def test_ctrl_c_ends_all_of_it_with_code_zero(stopped: Ended, port: int) -> None:
    assert stopped.code == 0
    assert not [name for name, pid in stopped.pids.items() if is_alive(pid)]
    assert is_free(port)


def test_services_end_before_their_engines(stopped: Ended) -> None:
    assert not stopped.outlived_by


def test_services_are_given_the_time_to_end_by_themselves(stopped: Ended) -> None:
    assert not stopped.left


async def test_a_second_start_loads_nothing_again(
    counted_events: dict[str, int], second: Stack
) -> None:
    assert await events_in(second) == counted_events


async def test_accounts_and_codes_work_after_a_second_start(second: Stack) -> None:
    account, member = second.accounts["customers"][0], second.accounts["staff"][0]
    async with aiohttp.ClientSession(second.url) as http:
        await customer(http, email=account["email"], password=account["password"])
        code = second.panel["terminal_code"]
        await associate(http, code=code, badge=member["badge"], pin=member["pin"])


def test_codes_are_new_at_each_start(codes: set[str], second: Stack) -> None:
    assert not codes & codes_of(second)


async def test_a_cabinet_goes_on_with_its_key_though_its_code_is_new(
    at_work: Path, second: Stack
) -> None:
    async with running(second, at_work, code="") as cabinet:
        await until(cabinet.is_attached)


async def test_the_new_code_lets_another_cabinet_in(second: Stack, tmp_path: Path) -> None:
    code = second.panel["cabinets"][CABINET]
    async with running(second, tmp_path / "state.json", code=code) as cabinet:
        await until(cabinet.is_attached)


async def test_leftovers_of_a_killed_stack_are_stopped(
    left_behind: dict[str, int], third: Stack
) -> None:
    assert not [name for name, pid in left_behind.items() if is_alive(pid)]
    assert not set(left_behind.values()) & set(pids_of(third).values())


async def test_what_a_killed_stack_acknowledged_is_there(
    newcomer: dict[str, str], third: Stack
) -> None:
    async with aiohttp.ClientSession(third.url) as http:
        await customer(http, **newcomer)


async def test_sigterm_ends_all_of_it_with_code_zero(third: Stack) -> None:
    ended = await ended_by(third, signal.SIGTERM)
    assert ended.code == 0
    assert not ended.outlived_by
    assert not [name for name, pid in ended.pids.items() if is_alive(pid)]


async def products_begun(folder: Path, stack: Stack) -> None:
    """Wait until the first of the demo's products are in."""
    await until(lambda: has_begun(folder, "gateway", stack), timeout_s=START_S)
    port = kept_ports(folder)["mongod"]
    async with AsyncMongoClient[dict[str, Any]](
        f"mongodb://127.0.0.1:{port}/?directConnection=true"
    ) as client:
        products = client["comptoir_catalog"]["products"]

        async def is_one_in() -> bool:
            return await products.find_one() is not None

        await until(is_one_in, timeout_s=START_S)
