"""An import that is cut by kill -9, of whoever takes part, ends with the same content."""

import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chassis.mongo import Database, connect
from tests.clients.programs import Program, begun
from tests.suite import Stack
from tests.waiting import until

RUNS_MAX, RUN_S_MAX = 8, 240.0


@dataclass(frozen=True, kw_only=True)
class Work:
    """A file that is imported, and where what it brings is kept.

    Attributes:
        count: Of its lines: twice what a service writes at once, so that a kill finds some to do.
        line: Its nth line, of a batch that no other test imports.
        match: Which documents are the batch's.
    """

    kind: str
    service: str
    count: int
    collection: str
    head: str
    line: Callable[[str, int], str]
    match: Callable[[str], dict[str, Any]]


STOCK = Work(
    kind="stock",
    service="inventory",
    count=8_000,
    collection="stock",
    head="location_id,sku,sellable_quantity,safety_quantity\n",
    line=lambda batch, n: f"paris-bastille,{batch}-{n},{n % 50 + 1},{n % 2}\n",
    match=lambda batch: {"sku": {"$regex": f"^{batch}-"}},
)
PRODUCTS = Work(
    kind="products",
    service="catalog",
    count=1_200,
    collection="products",
    head="sku,category,title.en,price,currency,vat_percent\n",
    line=lambda batch, n: f"{batch}-{n},resumed,Thing {n},{n % 90 + 1},EUR,20\n",
    match=lambda batch: {"sku": {"$regex": f"^{batch}-"}},
)
CUSTOMERS = Work(
    kind="customers",
    service="customer",
    count=1_200,
    collection="profiles",
    head="source_id,given_name,email,home_location_id\n",
    line=lambda batch, n: f"{batch}-{n},Ann,ann{n % 99}@example.com,{batch}\n",
    match=lambda batch: {"home_location_id": batch},
)
LOCATIONS = Work(
    kind="locations",
    service="inventory",
    count=1_200,
    collection="locations",
    head="location_id,kind,name,country,time_zone\n",
    # Nobody looks for them: a test that lists shops should find those of its own.
    line=lambda batch, n: f"{batch.lower()}-{n},warehouse,Store {n},FR,Europe/Paris\n",
    match=lambda batch: {"_id": {"$regex": f"^{batch.lower()}-"}},
)


@asynccontextmanager
async def kept_by(stack: Stack, work: Work) -> AsyncIterator[Database]:
    async with connect(stack.panel["mongo_uri"], f"comptoir_{work.service}") as database:
        yield database


async def documents(database: Database, work: Work, batch: str) -> list[dict[str, Any]]:
    return await database.aggregate(work.collection, [{"$match": work.match(batch)}])


async def count_in(database: Database, work: Work, batch: str) -> int:
    pipeline: list[dict[str, Any]] = [{"$match": work.match(batch)}, {"$count": "count"}]
    found = await database.aggregate(work.collection, pipeline)
    return found[0]["count"] if found else 0


def importing(stack: Stack, work: Work, file: Path) -> AbstractAsyncContextManager[Program]:
    panel = ("--panel", stack.folder / "panel.json")
    return begun("clients.cli", "import", work.kind, file, *panel)


async def ended(program: Program) -> tuple[int, str]:
    left = await program.ended(timeout_s=RUN_S_MAX)
    return left.code, left.out + left.err


async def run_until_in(stack: Stack, work: Work, file: Path) -> str:
    """Run again, as its message says, until all is in; the words of the last run."""
    for _ in range(RUNS_MAX):
        async with importing(stack, work, file) as program:
            code, said = await ended(program)
        if code == 0:
            return said
        assert "run it again" in said or "is it running" in said, said
    raise AssertionError(f"it does not get in: {said}")


async def cut_once(stack: Stack, work: Work, batch: str, file: Path, victim: str) -> None:
    """Import, with `victim` killed when part of it is in. What is killed at the end says so."""
    async with kept_by(stack, work) as database, importing(stack, work, file) as process:

        async def has_begun() -> bool:
            return await count_in(database, work, batch) > 0

        await until(has_begun, timeout_s=RUN_S_MAX)
        said = len(stack.words)
        os.kill(process.pid if victim == "importer" else stack.pid(victim), signal.SIGKILL)
        if victim != "importer":
            await stack.says(f"{victim} serves again", after=said)
        code, words = await ended(process)
        reached_count = await count_in(database, work, batch)
    if victim == "importer":
        assert code == -signal.SIGKILL and reached_count < work.count, "the fault came too late"
    else:
        assert code in (0, 2), words


@pytest.mark.parametrize(
    ("work", "victim"),
    [
        (STOCK, "importer"),
        (STOCK, "inventory"),
        (STOCK, "mongod"),
        (PRODUCTS, "importer"),
        (PRODUCTS, "catalog"),
        (CUSTOMERS, "importer"),
        (CUSTOMERS, "customer"),
        (LOCATIONS, "importer"),
    ],
    ids=lambda each: each if isinstance(each, str) else each.kind,
)
async def test_an_import_that_is_cut_ends_with_the_same_content(
    stack: Stack, tmp_path: Path, work: Work, victim: str
) -> None:
    batch, file = f"RES-{victim}", tmp_path / "file.csv"
    lines = [work.line(batch, n) for n in range(work.count)]
    file.write_text(work.head + "".join(lines))

    await cut_once(stack, work, batch, file, victim)
    again = await run_until_in(stack, work, file)

    assert f"{work.kind}: {work.count} read" in again and " 0 rejected" in again
    async with kept_by(stack, work) as database:
        found = await documents(database, work, batch)
        assert len(found) == work.count
        # What was in before the cut was not written anew.
        assert {document["revision"] for document in found} == {1}
        if work is STOCK:
            await check_ledger(database, work, batch, found)


async def check_ledger(
    database: Database, work: Work, batch: str, rows: list[dict[str, Any]]
) -> None:
    """Each row has one movement, which is all that is on it."""
    moved = await database.aggregate("movements", [{"$match": work.match(batch)}])

    assert len(moved) == len(rows)
    assert {m["sku"]: (m["source"], m["target"], m["quantity"]) for m in moved} == {
        row["sku"]: ("outside", "sellable", row["on"]["sellable"]) for row in rows
    }
