"""A locker cabinet of another maker, as small as it can be: `locker.py --cabinet ID --code CODE`.

It enrols with a key of its own, keeps its stream, opens for staff and writes a signed journal.
Its doors are closed on standard input: `close B1`. It opens for no customer: `--help` says what
a real one does besides. Numbers are sections of docs/locker-protocol.md, the contract.
"""

import argparse
import asyncio
import os
import random
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
from cabinet import Cabinet, say
from comptoir.collect.v1 import locker_service_pb2 as pb
from comptoir.collect.v1.locker_service_pb2_grpc import LockerServiceStub

from comptoir_client import call_error_from, new_request_id, open_channel

BESIDES = """A real cabinet does besides: opens for digits and QR codes, once in a use, with and
without a line, and takes tries ever more slowly while they are wrong (6, 9); speaks TLS, by
open_channel's authority; writes FAULT for doors that stick or stay open (7); keeps its key in a
chip and its clock right (2); tells its makers of JOURNAL_GAP and UNKNOWN_CABINET_KEY (3).
clients/locker/ shows the first in software."""
FIRMWARE = "Example cabinet 1"
CALL_S_MAX, HEARTBEAT_S = 10.0, 20.0
PAUSE_FIRST_S, PAUSE_MAX_S = 0.5, 30.0
# Else a refused code would be sent again for ever.
NO_LINE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


class Line:
    """The way to the house: one stream, called again whenever it ends (3)."""

    def __init__(self, cabinet: Cabinet, options: argparse.Namespace) -> None:
        self._cabinet = cabinet
        self._options = options
        self._acknowledged = asyncio.Event()

    async def keep(self) -> None:
        """For ever. With jitter, or a thousand cabinets come back in the same second."""
        pause_s = PAUSE_FIRST_S
        while True:
            self._acknowledged = asyncio.Event()
            try:
                await self._stream()
            except grpc.aio.AioRpcError as error:
                say(f"no line: {call_error_from(error)}")
            answered = self._acknowledged.is_set()
            pause_s = PAUSE_FIRST_S if answered else min(2 * pause_s, PAUSE_MAX_S)
            await asyncio.sleep(random.uniform(pause_s / 2, pause_s))

    async def _stream(self) -> None:
        async with open_channel(self._options.collect) as channel:
            stub = LockerServiceStub(channel)
            await self._enrol(stub)
            token = await stub.IssueCabinetToken(self._statement(), timeout=CALL_S_MAX)
            bearer = (("authorization", f"Bearer {token.access_token}"),)
            async for told in stub.Attach(self._sent(), metadata=bearer):
                self._take(told)

    async def _enrol(self, stub: Any) -> None:
        """The same key may bring its code again, so a lost answer does no harm (1)."""
        if not self._options.code:
            return
        request = pb.EnrolCabinetRequest(
            request_id=new_request_id(),
            cabinet_id=self._options.cabinet,
            code=self._options.code,
            public_key=self._cabinet.key.public_key().public_bytes_raw(),
        )
        try:
            await stub.EnrolCabinet(request, timeout=CALL_S_MAX)
        except grpc.aio.AioRpcError as error:
            if error.code() in NO_LINE:
                raise
            sys.exit(f"the code is refused: {call_error_from(error)}")
        self._options.code = ""
        say(f"enrolled as {self._options.cabinet}")

    def _statement(self) -> pb.IssueCabinetTokenRequest:
        """Good for one token (2)."""
        cabinet_id, nonce = self._options.cabinet, os.urandom(16)
        request = pb.IssueCabinetTokenRequest(cabinet_id=cabinet_id, nonce=nonce)
        request.sign_time.FromSeconds(int(time.time()))
        text = f"comptoir-cabinet {cabinet_id} {request.sign_time.seconds} {nonce.hex()}"
        request.signature = self._cabinet.key.sign(text.encode())
        return request

    async def _sent(self) -> AsyncIterator[pb.AttachRequest]:
        """A hello; once it is answered the journal, as it grows, and heartbeats in between."""
        cabinet, sent = self._cabinet, 0
        hello = pb.Hello(last_sequence=cabinet.last_sequence, firmware=FIRMWARE)
        hello.clock_time.GetCurrentTime()
        yield pb.AttachRequest(hello=hello)
        await self._acknowledged.wait()
        while True:
            cabinet.changed.clear()
            for sequence, entry in cabinet.journal(after=sent):
                yield pb.AttachRequest(entry=pb.SignedEntry.FromString(entry))
                sent = sequence
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    await cabinet.changed.wait()
            except TimeoutError:
                heartbeat = pb.Heartbeat()
                heartbeat.clock_time.GetCurrentTime()
                yield pb.AttachRequest(heartbeat=heartbeat)

    def _take(self, told: pb.AttachResponse) -> None:
        """Keys are for QR codes, which this cabinet cannot read."""
        match told.WhichOneof("message"):
            case "assignment":
                self._cabinet.assigned(told.assignment)
            case "open_door":
                self._cabinet.commanded(told.open_door)
            case "acknowledgement":
                self._cabinet.acknowledged(told.acknowledgement.sequence)
                self._acknowledged.set()
                say(f"safe with the house: {told.acknowledgement.sequence} entries")


async def people(cabinet: Cabinet) -> None:
    """What they do, a line each, to the end of standard input."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for line in reader:
        cabinet.closed(line.decode(errors="replace").strip().removeprefix("close "))


async def run(options: argparse.Namespace) -> None:
    cabinet = Cabinet(options.memory)
    async with asyncio.TaskGroup() as together:
        together.create_task(people(cabinet))
        together.create_task(Line(cabinet, options).keep())


def options_from(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog=BESIDES)
    parser.add_argument("--collect", required=True, metavar="HOST:PORT")
    parser.add_argument("--cabinet", required=True, help="its id")
    parser.add_argument("--code", default="", help="to enrol with, once")
    parser.add_argument("--memory", type=Path, default=Path("cabinet.db"))
    return parser.parse_args(arguments)


def main() -> int:
    try:
        asyncio.run(run(options_from(sys.argv[1:])))
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
