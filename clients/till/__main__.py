"""Runs the till: `python -m clients.till sell|watch|orders`; --help says with what."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

import grpc

from clients.house import Access, CannotRunError, Session, access_from, words_of
from clients.till import orders, sale, watch
from comptoir_client import CallError, CursorFile, StockCopy, stock_changes

CANNOT_RUN, INTERRUPTED = 2, 130


def main() -> int:
    options = options_from(sys.argv[1:])
    try:
        access = access_from(
            client_id=options.client,
            panel=options.panel,
            secret_file=options.secret_file,
            addresses={
                name: getattr(options, name) for name in ("associate", "inventory", "collect")
            },
            ca_file=options.ca,
        )
        asyncio.run(run(access, options))
    except (CannotRunError, OSError) as error:
        print(f"could not run: {error}", file=sys.stderr)
        return CANNOT_RUN
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def options_from(arguments: Sequence[str]) -> argparse.Namespace:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--client", default="till", help="id to sign in with")
    common.add_argument("--secret-file", type=Path, help="its secret, in a file")
    common.add_argument("--panel", type=Path, help="of a local stack; .comptoir/panel.json")
    common.add_argument("--ca", type=Path, help="authority of the certificates; plain without")
    for service in ("associate", "inventory", "collect"):
        common.add_argument(f"--{service}", default="", metavar="HOST:PORT")
    parser = argparse.ArgumentParser(prog="python -m clients.till", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    sell = commands.add_parser("sell", parents=[common], help="record a sale")
    sell.add_argument("--location", required=True)
    sell.add_argument("--sku", required=True)
    sell.add_argument("--quantity", type=int, default=1, help="in the smallest stock unit")
    sell.add_argument("--receipt", default="", help="told twice, its sale still counts once")
    watching = commands.add_parser("watch", parents=[common], help="print each change of stock")
    watching.add_argument("--location", action="append", required=True, help="repeatable")
    following = commands.add_parser("orders", parents=[common], help="print each order event")
    following.add_argument("--cursor-file", type=Path, default=Path("orders.cursor"))
    return parser.parse_args(arguments)


async def run(access: Access, options: argparse.Namespace) -> None:
    service = "collect" if options.command == "orders" else "inventory"
    affinity = options.command == "sell"
    async with (
        access.channel("associate") as associate,
        access.channel(service, affinity=affinity) as channel,
    ):
        session = Session(access, associate)
        match options.command:
            case "sell":
                await sold(channel, session, options)
            case "watch":
                await watched(channel, session, options.location)
            case "orders":
                file = CursorFile(options.cursor_file)
                async for event in orders.events(channel, session, file):
                    print(orders.text_of(event), flush=True)


async def sold(channel: grpc.aio.Channel, session: Session, options: argparse.Namespace) -> None:
    request = sale.request_of(
        location_id=options.location,
        sku=options.sku,
        quantity=options.quantity,
        receipt_id=options.receipt,
    )
    print(watch.text_of(await sale.sell(channel, session, request)))


async def watched(channel: grpc.aio.Channel, session: Session, location_ids: list[str]) -> None:
    copy, was_whole = StockCopy(location_ids), False
    try:
        async with aclosing(stock_changes(channel, session, copy)) as changes:
            async for rows in changes:
                if copy.is_whole and not was_whole:
                    print(f"snapshot: {len(copy.rows)} skus", flush=True)
                was_whole = copy.is_whole
                for row in rows:
                    print(watch.text_of(row), flush=True)
    except CallError as error:
        raise CannotRunError(words_of(error)) from error


if __name__ == "__main__":
    sys.exit(main())
