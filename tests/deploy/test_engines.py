"""The real engines, found, started, moved, killed and refused; every folder is a test's own."""

import asyncio
import json
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession

from deploy.local import binaries, leftovers, redis_server
from deploy.local.engines import Engines, check_mongo, check_redis, running
from deploy.local.errors import EngineError, FolderInUseError
from tests.deploy.lone import free_port, standalone

REPOSITORY = Path(__file__).parents[2]
NOWHERE = binaries.Sources(path="", wheel=lambda wheel, name: None)
PARENT = """
import asyncio, sys, uvloop
from pathlib import Path
from deploy.local.engines import running

async def main():
    async with running(Path(sys.argv[1])) as engines:
        print(engines.mongo_uri, flush=True)
        await asyncio.Event().wait()

uvloop.run(main())
"""


@pytest.fixture(scope="session")
async def engines(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engines]:
    async with running(tmp_path_factory.mktemp("engines")) as started:
        yield started


async def test_a_majority_transaction_commits_and_no_process_stays(tmp_path: Path) -> None:
    async with running(tmp_path) as started:
        await write_in_transaction(started.mongo_uri)
        async with redis_server.client(started.redis_url) as redis:
            assert await redis.set("key", "value")
        children = pids(tmp_path)
        assert len(children) == 2
    assert not any(is_alive(pid) for pid in children)
    assert not pids(tmp_path)


async def test_a_second_start_keeps_data_and_addresses(tmp_path: Path) -> None:
    async with running(tmp_path) as first:
        await write_in_transaction(first.mongo_uri)
    async with running(tmp_path) as second:
        assert second == first
        assert await count_written(second.mongo_uri) == 1


async def test_a_taken_port_moves_the_set_and_keeps_its_data(tmp_path: Path) -> None:
    async with running(tmp_path) as first:
        await write_in_transaction(first.mongo_uri)
    kept = json.loads((tmp_path / "engines.json").read_text())
    with ExitStack() as others:
        for port in kept.values():
            listener = others.enter_context(socket.create_server(("127.0.0.1", port)))
            assert listener
        async with running(tmp_path) as second:
            assert second.mongo_uri != first.mongo_uri
            assert second.redis_url != first.redis_url
            await write_in_transaction(second.mongo_uri)
    async with running(tmp_path) as third:
        assert third == second
        assert await count_written(third.mongo_uri) == 2


async def test_what_a_killed_parent_left_is_stopped_at_the_next_start(tmp_path: Path) -> None:
    async with parent(tmp_path) as (process, uri):
        await write_in_transaction(uri)
        process.kill()
    left = pids(tmp_path)
    assert len(left) == 2
    assert all(is_alive(pid) for pid in left)
    async with running(tmp_path) as started:
        assert not any(is_alive(pid) for pid in left)
        assert started.mongo_uri == uri
        assert await count_written(uri) == 1


async def test_a_second_run_in_the_same_folder_is_refused_and_stops_nothing(tmp_path: Path) -> None:
    async with parent(tmp_path) as (process, _):
        with pytest.raises(FolderInUseError, match="in use by another run"):
            async with running(tmp_path):
                pass
        assert all(is_alive(pid) for pid in pids(tmp_path))
        process.terminate()
    await leftovers.stop_leftovers(tmp_path)


async def test_given_engines_are_used_as_they_are(engines: Engines, tmp_path: Path) -> None:
    uri, url = engines.mongo_uri, engines.redis_url
    async with running(tmp_path, mongo_uri=uri, redis_url=url, sources=NOWHERE) as used:
        assert used == engines
        assert not pids(tmp_path)


@pytest.mark.parametrize("options", ["", "?replicaSet=rs0"])
async def test_a_given_standalone_mongod_is_refused(tmp_path: Path, options: str) -> None:
    async with standalone(tmp_path) as port:
        uri = f"mongodb://127.0.0.1:{port}/{options}"
        with pytest.raises(EngineError, match="is no replica set, and transactions need one"):
            async with running(tmp_path / "run", mongo_uri=uri):
                pass


async def test_a_given_mongod_that_keeps_dead_transactions_is_refused(engines: Engines) -> None:
    async with AsyncMongoClient[dict[str, Any]](engines.mongo_uri) as client:
        await client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=60)
        try:
            with pytest.raises(EngineError, match="transactionLifetimeLimitSeconds = 60"):
                await check_mongo(engines.mongo_uri)
        finally:
            await client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=3)


async def test_a_given_redis_that_takes_no_writes_is_refused(engines: Engines) -> None:
    async with redis_server.client(engines.redis_url) as redis:
        await redis.replicaof("127.0.0.1", "1")
        try:
            with pytest.raises(EngineError, match="is a replica and takes no writes"):
                await check_redis(engines.redis_url)
        finally:
            await redis.replicaof("NO", "ONE")


async def test_an_unreachable_mongodb_is_refused_without_its_password(tmp_path: Path) -> None:
    uri = f"mongodb://me:secret@127.0.0.1:{free_port(tmp_path)}"
    with pytest.raises(EngineError, match="has no primary that answers") as refusal:
        async with running(tmp_path, mongo_uri=uri):
            pass
    assert "secret" not in str(refusal.value)


async def test_an_unreachable_redis_is_refused_without_its_password(
    engines: Engines, tmp_path: Path
) -> None:
    url = f"redis://:secret@127.0.0.1:{free_port(tmp_path)}/0"
    with pytest.raises(EngineError, match="does not answer") as refusal:
        async with running(tmp_path, mongo_uri=engines.mongo_uri, redis_url=url):
            pass
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "address", ["", "localhost", "http://localhost", "mongodb://", "redis://["]
)
async def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(EngineError):
        await check_mongo(address)
    with pytest.raises(EngineError):
        await check_redis(address)


async def test_no_mongodb_anywhere_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"\n  sudo apt-get install -y libcurl4 && .*ubuntu2204$"):
        async with running(tmp_path, sources=NOWHERE):
            pass


async def test_no_redis_anywhere_says_what_to_install(engines: Engines, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"\n  sudo apt-get install -y redis-server$"):
        async with running(tmp_path, mongo_uri=engines.mongo_uri, sources=NOWHERE):
            pass


async def test_data_of_another_version_are_refused(tmp_path: Path) -> None:
    async with running(tmp_path):
        pass
    turtle = tmp_path / "mongo" / "WiredTiger.turtle"
    version = re.compile(r"version=\(major=1,minor=1\)")
    turtle.write_text(version.sub("version=(major=9,minor=9)", turtle.read_text()))
    with pytest.raises(EngineError, match="written by another version of MongoDB: start"):
        async with running(tmp_path):
            pass
    assert not pids(tmp_path)


async def test_spoilt_data_are_reported_in_mongods_own_words(tmp_path: Path) -> None:
    async with running(tmp_path):
        pass
    (tmp_path / "mongo" / "WiredTiger.turtle").write_text("spoilt")
    with pytest.raises(EngineError, match="WiredTiger"):
        async with running(tmp_path):
            pass


async def write_in_transaction(uri: str) -> None:
    async def insert(session: AsyncClientSession) -> None:
        await session.client["comptoir_test"]["written"].insert_one({}, session=session)

    async with (
        AsyncMongoClient[dict[str, Any]](uri) as client,
        client.start_session() as session,
    ):
        await session.with_transaction(insert)


async def count_written(uri: str) -> int:
    async with AsyncMongoClient[dict[str, Any]](uri) as client:
        return await client["comptoir_test"]["written"].count_documents({})


@asynccontextmanager
async def parent(folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Another process that runs the engines, and their URI; the block has to end it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", PARENT, str(folder)),
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        uri = (await process.stdout.readline()).decode().strip()
        assert uri
        yield process, uri
    except BaseException:
        process.kill()
        raise
    finally:
        await process.wait()


def pids(folder: Path) -> list[int]:
    return [json.loads(file.read_text())["pid"] for file in folder.glob("*.pid")]


def is_alive(pid: int) -> bool:
    return leftovers.identify(pid) is not None
