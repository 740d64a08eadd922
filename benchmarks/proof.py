"""How many stock rows a second are proven beside somebody who sells from them."""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

import grpc
import psutil
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from benchmarks.bare.ledger import sku_of
from benchmarks.figures import Figure, Target
from benchmarks.house import House
from benchmarks.loading import GeneratorError, output_of, used_s
from benchmarks.rounds import middle
from comptoir_client.channels import open_channel
from deploy.local.demo.sending import Bearer, sign_in

PER_S_MIN, MB_MAX, FALSE_MAX = 50_000, 100, 0
PROOF_S_MAX, WRITE_S_MAX, SALE_S_MAX, LOOK_S = 600.0, 3600.0, 5.0, 0.2
COUNTED = ("sales", "late", "rows")


@dataclass(frozen=True, slots=True)
class Size:
    locations: int
    skus: int
    movements: int
    rounds: int

    @property
    def rows(self) -> int:
        return self.locations * self.skus

    @property
    def location_ids(self) -> list[str]:
        return [f"proof-{number:04}" for number in range(self.locations)]


SMALL, LARGE = Size(10, 10_000, 5, rounds=3), Size(100, 10_000, 5, rounds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    rows_count: int
    took_s: float
    false_count: int
    sales_count: int
    late_count: int


async def verified(house: House, size: Size = SMALL) -> list[Figure]:
    await stocked(house, size)
    port = house.stack.panel["ports"]
    async with (
        open_channel(f"127.0.0.1:{port['associate']}") as associate,
        open_channel(f"127.0.0.1:{port['inventory']}") as inventory,
    ):
        till = await sign_in(associate, "till", house.stack.panel["clients"]["till"])
        stub: Any = StockServiceStub(inventory)
        with watched(house) as seen:
            proofs = [await proven(stub, till, size) for _ in range(size.rounds)]
    return figures_of(proofs, seen, size)


def figures_of(proofs: list[Proof], seen: "Seen", size: Size) -> list[Figure]:
    sales, late, rows = (sum(getattr(each, f"{name}_count") for each in proofs) for name in COUNTED)
    used = ", ".join(f"{who} {s * 1e6 / rows:.0f} us" for who, s in seen.used_s.items())
    return [
        Figure(
            name="verify_balance",
            value=middle([each.rows_count / each.took_s for each in proofs]),
            unit="rows/s",
            target=Target(least=PER_S_MIN),
            note=f"{size.rows:,} rows of {size.movements} movements, {sales} sales meanwhile and "
            f"{late} late; processor time by row: {used}",
        ),
        Figure(name="verify_balance_mb", value=seen.peak_mb, unit="MB", target=Target(most=MB_MAX)),
        Figure(
            name="verify_balance_false",
            value=sum(each.false_count for each in proofs),
            unit="rows",
            target=Target(most=FALSE_MAX),
        ),
    ]


async def stocked(house: House, size: Size) -> None:
    """Raises GeneratorError."""
    places = house.folder / "proof-places.csv"
    with places.open("w") as file:
        file.write("location_id,name,country,time_zone\n")
        file.writelines(f"{each},{each},FR,Europe/Paris\n" for each in size.location_ids)
    panel = str(house.stack.folder / "panel.json")
    cli = (sys.executable, "-m", "clients.cli", "import", "locations", str(places))
    await output_of((*cli, "--panel", panel), timeout_s=WRITE_S_MAX)
    uri = house.suite.engines.mongo_uri
    counts = [f"--{name}={getattr(size, name)}" for name in ("locations", "skus", "movements")]
    command = (sys.executable, "-m", "benchmarks.bare.ledger", uri, "comptoir_inventory")
    await output_of((*command, *counts), timeout_s=WRITE_S_MAX)


async def proven(stub: Any, till: Bearer, size: Size) -> Proof:
    """Everything once, while a till sells one article after another. Raises GeneratorError."""
    seller = Seller(stub, till)
    selling = asyncio.create_task(seller.sell(size))
    rows, wrong, is_whole, begin_s = 0, 0, False, time.perf_counter()
    call = stub.VerifyBalances(
        pb.VerifyBalancesRequest(), metadata=till.metadata, timeout=PROOF_S_MAX
    )
    async for answer in call:
        rows += answer.row_count
        wrong += len(answer.differences)
        is_whole = answer.complete
    took_s, seller.is_open = time.perf_counter() - begin_s, False
    await selling
    if not is_whole:
        raise GeneratorError("the proof ended before its end")
    return Proof(
        rows_count=rows,
        took_s=took_s,
        false_count=wrong,
        sales_count=seller.sales_count,
        late_count=seller.late_count,
    )


@dataclass(slots=True)
class Seller:
    """Sells until it is closed. What comes late on a busy machine is counted, and left."""

    stub: Any
    till: Bearer
    is_open: bool = True
    sales_count: int = 0
    late_count: int = 0

    async def sell(self, size: Size) -> None:
        for number in count():
            if not self.is_open:
                return
            try:
                await self.stub.RecordSale(
                    sale_of(number, size), metadata=self.till.metadata, timeout=SALE_S_MAX
                )
                self.sales_count += 1
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED:
                    raise
                self.late_count += 1


def sale_of(number: int, size: Size) -> pb.RecordSaleRequest:
    """From all over the chain, so that each part is written to while it is proven."""
    line = pb.StockLine(
        location_id=f"proof-{number * 7 % size.locations:04}",
        sku=sku_of(number * 7919 % size.skus),
        quantity=1,
    )
    return pb.RecordSaleRequest(request_id=str(uuid4()), lines=[line])


@dataclass(slots=True)
class Seen:
    """What the service held at most, by looks, and whose processor time it took."""

    peak_mb: float = 0.0
    used_s: dict[str, float] = field(default_factory=dict)


@contextmanager
def watched(house: House) -> Iterator[Seen]:
    service, seen = psutil.Process(house.pids["inventory"]), Seen()
    processes = {"engine": house.mongod_pids, "service": [service.pid]}
    before_s = {who: busy_s(pids) for who, pids in processes.items()}

    async def watch() -> None:
        while True:
            seen.peak_mb = max(seen.peak_mb, service.memory_info().rss / 1e6)
            await asyncio.sleep(LOOK_S)

    watching = asyncio.create_task(watch())
    try:
        yield seen
    finally:
        watching.cancel()
        seen.used_s = {who: busy_s(pids) - before_s[who] for who, pids in processes.items()}


def busy_s(pids: list[int]) -> float:
    return sum(used_s(psutil.Process(pid)) for pid in pids)
