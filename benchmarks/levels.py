"""Imports one file of stock levels as the CLI does and says how fast: parsing, stream and all."""

import argparse
import asyncio
import io
import json
import time
from pathlib import Path

from rich.console import Console

from benchmarks.generator import summary_of
from clients.cli import imports
from clients.cli.formats import Format, levels_in
from clients.cli.report import Count, Report
from clients.house import access_from


async def imported(file: Path, panel: Path) -> dict[str, float]:
    access = access_from(client_id="importer", panel=panel, secret_file=None, addresses={})
    report = Report(Console(file=io.StringIO()), place="line", rejects=None)
    begin_s = time.perf_counter()
    async with imports.line_to(access, "inventory") as line:
        (count,) = await imports.import_stock(line, levels_in(file, Format.CSV, []), report)
    took_s = time.perf_counter() - begin_s
    return {**summary_of([], failed(count), took_s), "per_s": count.written / took_s}


def failed(count: Count) -> int:
    """Whatever was there before is no import."""
    return count.rejected + count.unchanged


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("panel", type=Path)
    given = parser.parse_args()
    print(json.dumps(asyncio.run(imported(given.file, given.panel))))


if __name__ == "__main__":
    main()
