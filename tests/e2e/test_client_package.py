"""Other teams' programs on the running suite, with the package alone installed."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from chassis.events import LogCursor
from deploy.local.demo.sending import sign_in
from services.inventory.stock.selection import Selection
from services.inventory.stock.watch import Stage
from tests.clients.python.installed import install
from tests.papers import blocks
from tests.shopping import SAW, SHOP, Till
from tests.suite import ROOT, Stack, free_ports

EXAMPLES = ROOT / "clients/python/examples"
BOUND_S = 60.0
WAITING, REFUSED, CANNOT_RUN = 3, 4, 2


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    return install(tmp_path_factory.mktemp("installed"))


class Team:
    """A folder with a secret, a queue and a copy in it, and examples to run there."""

    def __init__(self, folder: Path, stack: Stack, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.associate = stack.address("associate")
        self.inventory = stack.address("inventory")
        self.secret = folder / "secret"
        self.secret.write_text(stack.panel["clients"]["till"])

    @asynccontextmanager
    async def running(self, *command: str | Path) -> AsyncIterator[asyncio.subprocess.Process]:
        """In a Python that has the package alone; ended with the block."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-S", "-B", *command),
            cwd=self.folder,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(BOUND_S):
                yield process
        finally:
            if process.returncode is None:
                process.terminate()
            await process.communicate()

    async def till(self, *arguments: str, inventory: str = "") -> tuple[int, str]:
        """Exit code and what was printed."""
        line = self.line(inventory or self.inventory)
        async with self.running(EXAMPLES / "till.py", *arguments, *line) as process:
            printed, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, printed.decode()

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[asyncio.subprocess.Process]:
        line = self.line(self.inventory)
        async with self.running(EXAMPLES / "watch.py", *line, "--location", SHOP) as process:
            yield process

    def line(self, inventory: str) -> tuple[str, ...]:
        services = ("--associate", self.associate, "--inventory", inventory)
        return *services, "--secret-file", "secret"

    @property
    def waiting(self) -> list[Path]:
        return sorted((self.folder / "sales").glob("*.json"))

    @property
    def copy(self) -> pb.WatchStockResponse:
        return pb.WatchStockResponse.FromString((self.folder / "stock.copy").read_bytes())


@pytest.fixture(autouse=True)
async def stocked(stack: Stack) -> None:
    """A shelf with enough on it: all tests of the suite sell from it."""
    came = pb.Movement(
        location_id=SHOP,
        sku=SAW,
        target=pb.BUCKET_SELLABLE,
        quantity=20,
        cause=pb.CAUSE_RECEIPT,
        document_id="delivery",
    )
    async with (
        grpc.aio.insecure_channel(stack.address("associate")) as associate,
        grpc.aio.insecure_channel(stack.address("inventory")) as inventory,
    ):
        bearer = await sign_in(associate, "importer", stack.panel["clients"]["importer"])
        stub: Any = StockServiceStub(inventory)
        request = pb.RecordMovementsRequest(request_id=str(uuid4()), movements=[came])
        await stub.RecordMovements(request, metadata=bearer.metadata)


@pytest.fixture
def team(stack: Stack, installed: Mapping[str, str], tmp_path: Path) -> Team:
    return Team(tmp_path, stack, installed)


def sale(receipt: str, *, sku: str = SAW, location: str = SHOP) -> tuple[str, ...]:
    return ("sell", "--location", location, "--sku", sku, "--receipt", receipt)


async def on_hand(till: Till) -> int:
    return (await till.available(SAW)).on_hand_quantity


async def test_a_sale_without_a_line_waits_and_is_sold_once_when_it_is_back(
    team: Team, till: Till
) -> None:
    before = await on_hand(till)
    nobody = f"127.0.0.1:{free_ports()}"

    first = await team.till(*sale("R-1"), inventory=nobody)
    second = await team.till(*sale("R-2"), inventory=nobody)
    waiting = len(team.waiting)
    kept = {file: file.read_text() for file in team.waiting}
    sent = await team.till("send")
    for file, text in kept.items():  # As if it had died before it forgot them.
        file.write_text(text)
    again = await team.till("send")

    assert (first[0], second[0], waiting) == (WAITING, WAITING, 2)
    assert sent == again
    assert [line.split(": ")[1] for line in sent[1].splitlines()] == ["R-1", "R-2"]
    assert (team.waiting, await on_hand(till)) == ([], before - 2)


async def test_a_refused_sale_is_set_aside_and_holds_up_no_other(team: Team, till: Till) -> None:
    before = await on_hand(till)

    refused = await team.till(*sale("R-3", location="atlantis"))
    sold = await team.till(*sale("R-4"))

    assert (refused[0], sold[0]) == (REFUSED, 0)
    assert "UNKNOWN_LOCATION" in refused[1]
    assert len(list((team.folder / "sales").glob("*.refused"))) == 1
    assert await on_hand(till) == before - 1


async def test_with_a_wrong_secret_a_sale_waits_until_it_is_put_right(
    team: Team, till: Till
) -> None:
    before, secret = await on_hand(till), team.secret.read_text()
    team.secret.write_text("wrong")
    waits = await team.till(*sale("R-5"))
    team.secret.write_text(secret)
    sent = await team.till("send")

    assert (waits[0], sent[0], team.waiting) == (WAITING, 0, [])
    assert "WRONG_CREDENTIALS" in waits[1]
    assert await on_hand(till) == before - 1


async def test_a_watch_goes_on_where_it_was_and_reads_anew_what_is_too_old(
    team: Team, till: Till
) -> None:
    async with team.watch() as process:
        assert await said(process, "beginning")
        assert await said(process, "snapshot: ")
        await till.sell(SAW, 1)
        live = await said(process, f"changed: {SHOP} {SAW}")
    await till.sell(SAW, 1)
    async with team.watch() as process:
        assert await said(process, "going on with ")
        missed = await said(process, f"changed: {SHOP} {SAW}")
    await till.sell(SAW, 1)
    copy = team.copy
    selection = Selection(location_ids=frozenset({SHOP}))
    copy.cursor = Stage(log=LogCursor("another", 1), behind=None).encode(selection)
    (team.folder / "stock.copy").write_bytes(copy.SerializeToString())
    async with team.watch() as process:
        anew = await said(process, f"changed: {SHOP} {SAW}")

    left = [int(line.split(": ")[2].split()[0]) for line in (live, missed, anew)]
    assert left == [left[0], left[0] - 1, left[0] - 2]
    assert left[2] == await on_hand(till)


async def test_a_watch_that_is_not_let_in_says_why(team: Team) -> None:
    team.secret.write_text("wrong")
    async with team.watch() as process:
        assert await said(process, "could not go on: WRONG_CREDENTIALS")
        await process.wait()

    assert process.returncode == CANNOT_RUN


async def test_what_the_packages_readme_shows_sells_one(team: Team, till: Till) -> None:
    before = await on_hand(till)
    shown = blocks("clients/python/README.md", "python")
    called = (
        f"asyncio.run(sell({team.associate!r}, {team.inventory!r}, "
        "Credentials('till', open('secret').read())))"
    )

    async with team.running("-c", f"{shown}\n{called}") as process:
        printed, _ = await process.communicate()

    assert (process.returncode, printed.decode().strip().isdigit()) == (0, True)
    assert await on_hand(till) == before - 1


async def said(process: asyncio.subprocess.Process, beginning: str) -> str:
    """The next line that begins so."""
    assert process.stdout is not None
    read = list[str]()
    while line := (await process.stdout.readline()).decode():
        read.append(line)
        if line.startswith(beginning):
            return line.strip()
    raise AssertionError(f"it never says {beginning!r} but {read}")
