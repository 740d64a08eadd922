"""A cabinet of another maker, the package's example, on the running suite."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest
from comptoir.collect.v1 import locker_service_pb2 as locker_pb
from comptoir.collect.v1 import point_service_pb2 as pb
from comptoir.collect.v1.locker_service_pb2_grpc import LockerServiceStub
from comptoir.collect.v1.point_service_pb2_grpc import PointServiceStub

from tests.clients.python.installed import install
from tests.machines import signed_in
from tests.people import Person
from tests.shopping import SAW, SHOP, followed, ordered, picked_and_staged
from tests.suite import ROOT, Stack

LOCKER = ROOT / "clients/python/examples/locker.py"
CABINET, POINT, DOOR = "cab-other-maker", "paris-bastille-other-maker", "Z1"
BOUND_S = 60.0


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    return install(tmp_path_factory.mktemp("installed"), extra="locker")


@pytest.fixture(scope="module")
async def code(stack: Stack) -> str:
    """To enrol a cabinet with that the shop has got besides the one of the demo."""
    point = pb.Point(
        point_id=POINT,
        location_id=SHOP,
        kind=pb.POINT_KIND_LOCKER,
        cabinet_id=CABINET,
        compartments=[pb.Compartment(compartment_id=DOOR, size=pb.COMPARTMENT_SIZE_L)],
    )
    importer, installer = await signed_in(stack, "importer"), await signed_in(stack, "installer")
    request = locker_pb.CreateCabinetCodeRequest(request_id=str(uuid4()), cabinet_id=CABINET)
    async with grpc.aio.insecure_channel(stack.address("collect")) as collect:
        put: Any = iter([pb.ImportPointsRequest(number=1, point=point)])
        async for answer in PointServiceStub(collect).ImportPoints(put, metadata=importer):
            assert not answer.progress.rejections, answer
        made = await LockerServiceStub(collect).CreateCabinetCode(request, metadata=installer)
    return str(made.code)


class Maker:
    """Whoever runs the example, and stands before it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def says(self, beginning: str) -> str:
        """The next line that begins so."""
        assert self._process.stdout is not None
        read = list[str]()
        while line := (await self._process.stdout.readline()).decode():
            read.append(line)
            if line.startswith(beginning):
                return line.strip()
        raise AssertionError(f"it never says {beginning!r} but {read}")

    async def ended(self) -> int:
        """Its exit code."""
        return await self._process.wait()

    def types(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{text}\n".encode())


@asynccontextmanager
async def cabinet(
    stack: Stack, environment: Mapping[str, str], memory: Path, *, code: str = ""
) -> AsyncIterator[Maker]:
    """Killed, not asked, at the end, unless it has ended."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-S", "-B", LOCKER, "--collect", stack.address("collect")),
        *("--cabinet", CABINET, "--code", code, "--memory", memory),
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(BOUND_S):
            yield Maker(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_it_is_loaded_tells_that_it_is_called_off_and_gives_back(
    stack: Stack,
    installed: Mapping[str, str],
    code: str,
    buyer: Person,
    seller: Person,
    tmp_path: Path,
) -> None:
    memory = tmp_path / "cabinet.db"
    async with cabinet(stack, installed, memory, code=code) as maker:
        await maker.says(f"enrolled as {CABINET}")
        await maker.says("safe with the house: 0 entries")
        order = await ordered(
            buyer,
            [{"sku": SAW, "quantity": 1}],
            point_id=POINT,
            payment={"method": "reference", "reference": f"sim_card_{uuid4()}"},
        )
        await picked_and_staged(seller, order)
        path = f"/v1/terminal/orders/{order['order_id']}"
        (await seller.post(f"{path}/load")).ok()
        await maker.says(f"door {DOOR} opens")
        maker.types(f"close {DOOR}")
        await maker.says("safe with the house: 1 entries")
        await followed(buyer, order, "ready")

    called_off = (await buyer.post(f"/v1/orders/{order['order_id']}/cancel")).ok()
    async with cabinet(stack, installed, memory) as maker:
        await maker.says("safe with the house: 2 entries")
        await followed(buyer, order, "cancelled")
        (await seller.post(f"{path}/take-back")).ok()
        await maker.says(f"door {DOOR} opens")

    async with cabinet(stack, installed, memory) as maker:
        await maker.says("safe with the house: 3 entries")  # Its power was lost with a door open.
        maker.types(f"close {DOOR}")
        await maker.says("safe with the house: 4 entries")

    assert called_off["state"] == "cancel_pending"
    assert memory.stat().st_mode & 0o077 == 0


async def test_a_wrong_code_is_told_and_not_tried_again(
    stack: Stack, installed: Mapping[str, str], tmp_path: Path
) -> None:
    async with cabinet(stack, installed, tmp_path / "cabinet.db", code="2" * 12) as maker:
        assert "WRONG_CODE" in await maker.says("the code is refused: ")
        assert await maker.ended() == 1
