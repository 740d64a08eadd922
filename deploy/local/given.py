"""Refuses a given MongoDB or Redis that Comptoir cannot run on. Changes nothing there."""

import asyncio
import re
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError
from redis.exceptions import AuthenticationError, RedisError

from deploy.local import mongod, redis_server
from deploy.local.errors import EngineError

ANSWER_MS_MAX = 3_000
UNAUTHORIZED = {13, 18}  # Not allowed, wrong password.


async def check_mongo(uri: str) -> None:
    """Raise EngineError, naming what to do, unless `uri` leads to a fit primary.

    Fit: a replica set, MongoDB 6.0 or later, transactionLifetimeLimitSeconds of
    3 at most. The error names hosts only: the rest of a URI may be secret.
    """
    # Not by the asynchronous client: where nobody listens, PyMongo 4.20's leaves a socket open.
    await asyncio.to_thread(_ask_mongo, uri)


def _ask_mongo(uri: str) -> None:
    where = f"the MongoDB given ({_mongo_hosts(uri)})"
    try:
        # Without the set's name in the URI: with it, the driver reports a
        # standalone mongod as nobody there.
        client: MongoClient[dict[str, Any]] = MongoClient(
            uri, replicaSet=None, serverSelectionTimeoutMS=ANSWER_MS_MAX, timeoutMS=ANSWER_MS_MAX
        )
        with client:
            _check_mongo(client, where)
    except OperationFailure as error:
        if error.code not in UNAUTHORIZED:
            raise
        raise EngineError(
            f"{where} does not let this user in, or ask for its settings: check the password, "
            f"and grant the role clusterMonitor"
        ) from error
    except (PyMongoError, ValueError) as error:
        raise EngineError(
            f"{where} has no primary that answers within {ANSWER_MS_MAX} ms "
            f"({type(error).__name__}): is it running, and is the address right?"
        ) from error


def _check_mongo(client: MongoClient[dict[str, Any]], where: str) -> None:
    hello = client.admin.command("hello")
    if "setName" not in hello:
        raise EngineError(
            f"{where} is no replica set, and transactions need one: start its mongod with "
            f"--replSet rs0, then run rs.initiate() once"
        )
    if not hello["isWritablePrimary"]:
        raise EngineError(f"{where} is not the primary of its set: leave out directConnection")
    version = (client.admin.command("buildInfo"))["versionArray"][:2]
    if tuple(version) < mongod.PROGRAM.version_min:
        raise EngineError(
            f"{where} is version {version[0]}.{version[1]}, and at least 6.0 is needed: upgrade it"
        )
    name = "transactionLifetimeLimitSeconds"
    limit_s = (client.admin.command({"getParameter": 1, name: 1}))[name]
    if limit_s > mongod.TRANSACTION_S_MAX:
        raise EngineError(
            f"{where} has {name} = {limit_s}, so a killed process locks its rows for that long: "
            f"start it with --setParameter {name}={mongod.TRANSACTION_S_MAX}"
        )


async def check_redis(url: str) -> None:
    """Raise EngineError, naming what to do, unless `url` leads to a Redis 6.0 that takes writes."""
    where = f"the Redis given ({_redis_host(url)})"
    try:
        async with redis_server.client(url) as redis:
            info = await redis.info("server") | await redis.info("replication")
    except AuthenticationError as error:
        raise EngineError(f"{where} does not let this user in: check the password") from error
    except (RedisError, ValueError, OSError) as error:
        raise EngineError(
            f"{where} does not answer ({type(error).__name__}): is it running, and is the "
            f"address right?"
        ) from error
    version = tuple(int(part) for part in str(info["redis_version"]).split(".")[:2])
    if version < redis_server.PROGRAM.version_min:
        raise EngineError(f"{where} is {info['redis_version']}, and at least 6.0 is needed")
    if info["role"] != "master":
        raise EngineError(f"{where} is a replica and takes no writes: give its master's address")


def _mongo_hosts(uri: str) -> str:
    match = re.match(r"mongodb(?:\+srv)?://(?:.*@)?([^/?]+)", uri)
    return match[1] if match else "no mongodb:// address"


def _redis_host(url: str) -> str:
    match = re.match(r"rediss?://(?:.*@)?([^/?]+)", url)
    return match[1] if match else "no redis:// address"
