"""A MongoDB replica set of three members on the loopback, each of which may be killed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local import mongod, ports
from deploy.local.binaries import Sources, find
from deploy.local.keeping import Keeper, keeping
from deploy.local.leftovers import alone, stop_leftovers
from deploy.local.processes import Child, Command

SET_NAME = "chaos"
CACHE_GB = 0.25
READY_S_MAX = 60.0
NOT_YET_INITIALISED = 94
OPLOG = "local.oplog.rs"
ROUNDS, BETWEEN_S = 3, 0.05
# Ten seconds until a lost primary is missed is the default, and as long nobody can order.
SETTINGS = {"electionTimeoutMillis": 2000, "heartbeatIntervalMillis": 500}


def names(members_count: int) -> list[str]:
    return [f"mongod-{number}" for number in range(1, members_count + 1)]


@asynccontextmanager
async def running(folder: Path, *, members_count: int) -> AsyncIterator[str]:
    """The set, with a primary, inside the block; yields its URI. Pid files are in `folder`."""
    binary = await find(mongod.PROGRAM, Sources())
    async with AsyncExitStack() as stack:
        stack.enter_context(alone(folder))
        await stop_leftovers(folder)
        claims = {name: ports.claim(folder, name).port for name in names(members_count)}
        members = [
            Keeper(command(binary, folder, name, port), folder, partial(answers, port))
            for name, port in claims.items()
        ]
        await stack.enter_async_context(keeping(*members))
        addresses = [f"{ports.HOST}:{port}" for port in claims.values()]
        await initiate(addresses)
        uri = f"mongodb://{','.join(addresses)}/?replicaSet={SET_NAME}"
        await until_primary(uri)
        yield f"{uri}&w=majority&journal=true&readConcernLevel=majority&timeoutMS=2000"


def command(binary: Path, folder: Path, name: str, port: int) -> Command:
    data = folder / name
    data.mkdir(exist_ok=True)
    parameters = {
        "transactionLifetimeLimitSeconds": mongod.TRANSACTION_S_MAX,
        "diagnosticDataCollectionEnabled": "false",
    }
    options = {
        "--dbpath": data,
        "--replSet": SET_NAME,
        "--bind_ip": ports.HOST,
        "--port": port,
        "--wiredTigerCacheSizeGB": CACHE_GB,
    }
    words = [str(word) for pair in options.items() for word in pair]
    for parameter, value in parameters.items():
        words += ["--setParameter", f"{parameter}={value}"]
    return Command(name=name, argv=(str(binary), *words, "--quiet", "--nounixsocket"))


async def answers(port: int, child: Child) -> None:
    """Raises ProcessError."""
    await child.ready(partial(ports.answers, port), timeout_s=READY_S_MAX)


async def initiate(addresses: list[str]) -> None:
    members = [{"_id": number, "host": address} for number, address in enumerate(addresses)]
    config = {"_id": SET_NAME, "members": members, "settings": SETTINGS}
    host, _, port = addresses[0].partition(":")
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        host, int(port), directConnection=True
    )
    async with client:
        try:
            await client.admin.command("replSetGetStatus")
        except OperationFailure as error:
            if error.code != NOT_YET_INITIALISED:
                raise
            await client.admin.command("replSetInitiate", config)


async def until_primary(uri: str) -> None:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri)
    async with client:
        await client.admin.command("ping")


async def primary_port(uri: str) -> int | None:
    """Where the primary listens; None while there is none."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri, serverSelectionTimeoutMS=1000)
    async with client:
        try:
            await client.admin.command("ping")
        except PyMongoError:
            return None
        address = await client.address
        return None if address is None else address[1]


async def end_followers(port: int) -> None:
    """End the streams in which the member at `port` sends on what it writes.

    They are pushed: a follower that stands still would find in its kernel's buffers, when it
    goes on, what a primary wrote before it died. One that stands still asks for no other stream.
    """
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        ports.HOST, port, directConnection=True
    )
    streams: list[dict[str, Any]] = [{"$currentOp": {}}, {"$match": {"ns": OPLOG, "op": "getmore"}}]
    async with client:
        for _ in range(ROUNDS):  # One that was between two batches is there at the next look.
            async for stream in await client.admin.aggregate(streams):
                await client.admin.command("killOp", op=stream["opid"])
            await asyncio.sleep(BETWEEN_S)


async def is_whole(uri: str) -> bool:
    """Whether there is a primary, and every other member follows it."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri, serverSelectionTimeoutMS=1000)
    async with client:
        try:
            status = await client.admin.command("replSetGetStatus")
        except PyMongoError:
            return False
        return {member["stateStr"] for member in status["members"]} <= {"PRIMARY", "SECONDARY"}
