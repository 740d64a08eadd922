"""Keeps a copy of stock in a file and says what changes: `watch.py --location …`.

Or `--sku …`: of these articles alone, everywhere or at the locations.

Stopped and started again it goes on where it was. Where what follows is no longer kept, it
reads a snapshot and tells what differs.
"""

import argparse
import asyncio
import os
import sys
from contextlib import aclosing
from pathlib import Path

from comptoir.inventory.v1 import stock_service_pb2 as pb

from comptoir_client import (
    CallError,
    Credentials,
    Session,
    StockCopy,
    open_channel,
    stock_changes,
)

CANNOT_RUN = 2


class CopyFile:
    """The copy with its cursor, written whole or not at all: the one is worth nothing alone.

    A contract's message says all of it. For more than a few shops let a database keep rows
    and cursor, in one transaction.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def load(self, location_ids: list[str], skus: list[str]) -> StockCopy:
        """Empty where there is none."""
        copy = StockCopy(location_ids, skus=skus)
        if self._file.exists():
            kept = pb.WatchStockResponse.FromString(self._file.read_bytes())
            copy.take(kept)
        return copy

    def save(self, copy: StockCopy) -> None:
        kept = pb.WatchStockResponse(
            rows=copy.rows.values(), cursor=copy.cursor, snapshot_complete=copy.is_whole
        )
        partial = self._file.with_name(f"{self._file.name}.new")
        with partial.open("wb") as opened:
            opened.write(kept.SerializeToString())
            opened.flush()
            os.fsync(opened.fileno())
        partial.replace(self._file)


async def watch(options: argparse.Namespace) -> None:
    """For ever."""
    credentials = Credentials(options.client, options.secret_file.read_text().strip())
    file = CopyFile(options.copy)
    copy = file.load(options.location, options.sku)
    async with open_channel(options.associate) as issuer, open_channel(options.inventory) as line:
        session, was_whole = Session(credentials, issuer), copy.is_whole
        say(f"going on with {len(copy.rows)} rows" if was_whole else "beginning")
        async with aclosing(stock_changes(line, session, copy)) as changes:
            async for rows in changes:
                file.save(copy)  # Bookmarks too: else a quiet shop's cursor grows too old.
                if copy.is_whole and not was_whole:
                    say(f"snapshot: {len(copy.rows)} rows")
                was_whole = copy.is_whole
                for row in rows:
                    say(f"changed: {text_of(row)}")


def text_of(row: pb.StockRow) -> str:
    sellable = sum(kept.quantity for kept in row.buckets if kept.bucket == pb.BUCKET_SELLABLE)
    return f"{row.location_id} {row.sku}: {sellable} sellable (revision {row.revision})"


def say(text: str) -> None:
    print(text, flush=True)


def options_from(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    for service in ("associate", "inventory"):
        parser.add_argument(f"--{service}", required=True, metavar="HOST:PORT")
    parser.add_argument("--client", default="till", help="id to sign in with")
    parser.add_argument("--secret-file", type=Path, required=True)
    parser.add_argument("--location", action="append", default=[], help="repeatable")
    parser.add_argument("--sku", action="append", default=[], help="repeatable; else every one")
    parser.add_argument("--copy", type=Path, default=Path("stock.copy"))
    return parser.parse_args(arguments)


def main() -> int:
    try:
        asyncio.run(watch(options_from(sys.argv[1:])))
    except CallError as error:
        print(f"could not go on: {error}", file=sys.stderr)
        return CANNOT_RUN
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
