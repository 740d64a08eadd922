"""A till that sells with or without a line: `till.py sell …`, and `till.py send` when it is back.

A sale gets its id and is on disk before it is sent, and goes from there once it was answered.
However often it goes out in between, it counts once.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub
from google.protobuf import json_format
from grpc import StatusCode

from comptoir_client import CallError, Credentials, Session, call, new_request_id, open_channel

TRIES_MAX = 3
# What is wrong with the sale itself. Anything else (no line, a wrong secret, a scope that is
# missing) can be put right, and then the sale is sent.
REFUSALS = (
    StatusCode.INVALID_ARGUMENT,
    StatusCode.NOT_FOUND,
    StatusCode.ALREADY_EXISTS,
    StatusCode.FAILED_PRECONDITION,
)
WAITING, REFUSED = 3, 4


class Queue:
    """Sales that inventory has not answered yet, oldest first: a file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, sale: pb.RecordSaleRequest) -> None:
        """On disk when it returns. Its id is of version 7, so names sort by age."""
        file = self._folder / f"{sale.request_id}.json"
        partial = file.with_suffix(".new")
        with partial.open("w") as opened:
            opened.write(json_format.MessageToJson(sale))
            opened.flush()
            os.fsync(opened.fileno())
        partial.replace(file)

    def sales(self) -> Iterator[pb.RecordSaleRequest]:
        for file in sorted(self._folder.glob("*.json")):
            yield json_format.Parse(file.read_text(), pb.RecordSaleRequest())

    def done(self, sale: pb.RecordSaleRequest) -> None:
        (self._folder / f"{sale.request_id}.json").unlink()

    def refused(self, sale: pb.RecordSaleRequest) -> None:
        """Set aside for somebody to look at: said again, it would be refused again."""
        file = self._folder / f"{sale.request_id}.json"
        file.replace(file.with_suffix(".refused"))


async def send(options: argparse.Namespace, queue: Queue) -> int:
    """Everything that waits, in order; stops where that goes no further now."""
    credentials = Credentials(options.client, options.secret_file.read_text().strip())
    inventory = open_channel(options.inventory, affinity=True)
    async with open_channel(options.associate) as issuer, inventory as line:
        session, record = Session(credentials, issuer), StockServiceStub(line).RecordSale
        refused_count = 0
        for sale in queue.sales():
            try:
                where = sale.lines[0].location_id
                answer = await call(record, sale, session, tries_max=TRIES_MAX, location_id=where)
            except CallError as error:
                if error.code not in REFUSALS:
                    print(f"waiting: {error}")
                    return WAITING
                queue.refused(sale)
                refused_count += 1
                print(f"refused: {sale.receipt_id}: {error}")
            else:
                queue.done(sale)
                for row in answer.rows:
                    print(f"sold: {sale.receipt_id}: {row.sku} at revision {row.revision}")
    return REFUSED if refused_count else 0


def sale_of(options: argparse.Namespace) -> pb.RecordSaleRequest:
    """With the time of now: it may be sent much later."""
    line = pb.StockLine(location_id=options.location, sku=options.sku, quantity=options.quantity)
    sale = pb.RecordSaleRequest(
        request_id=new_request_id(), lines=[line], receipt_id=options.receipt
    )
    sale.sale_time.GetCurrentTime()
    return sale


def options_from(arguments: list[str]) -> argparse.Namespace:
    line = argparse.ArgumentParser(add_help=False)
    for service in ("associate", "inventory"):
        line.add_argument(f"--{service}", required=True, metavar="HOST:PORT")
    line.add_argument("--client", default="till", help="id to sign in with")
    line.add_argument("--secret-file", type=Path, required=True)
    line.add_argument("--queue", type=Path, default=Path("sales"), help="folder of what waits")
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    sell = commands.add_parser("sell", parents=[line], help="record a sale, now or later")
    sell.add_argument("--location", required=True)
    sell.add_argument("--sku", required=True)
    sell.add_argument("--quantity", type=int, default=1, help="in the smallest stock unit")
    sell.add_argument("--receipt", required=True)
    commands.add_parser("send", parents=[line], help="send what waits")
    return parser.parse_args(arguments)


def main() -> int:
    options = options_from(sys.argv[1:])
    queue = Queue(options.queue)
    if options.command == "sell":
        queue.put(sale_of(options))
    return asyncio.run(send(options, queue))


if __name__ == "__main__":
    sys.exit(main())
