"""The gateway as it runs: its environment, its keys in a real database, its drain."""

import asyncio
import base64
import os
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from comptoir.collect.v1 import basket_service_pb2 as basket_pb

from chassis import redis
from chassis.config import ConfigError
from chassis.server import AddressInUseError
from chassis.tracing import Tracing
from services.gateway.config import Config
from services.gateway.opening import addresses_of
from services.gateway.opening import house as open_house
from services.gateway.serving import running, serving
from tests.driver import DRIVER, connect
from tests.gateway.house import NO_REDIS, House, config_of, open_gateway
from tests.gateway.neighbours import keyring_of, neighbourhood
from tests.waiting import until

FAR_S = 3600.0
NAMES = ("catalog", "inventory", "customer", "collect", "associate")


def config(folder: Path, mongo_uri: str = "", **settings: Any) -> Config:
    uri, key = folder / "uri", folder / "key"
    uri.write_text(mongo_uri)
    if not key.exists():
        key.write_text(base64.b64encode(os.urandom(32)).decode())
    given: dict[str, Any] = {
        "database": f"comptoir_test_{uuid4().hex}",
        "redis_url": NO_REDIS,
        "mongo_driver": DRIVER,
        "peers": ",".join(f"{name}=127.0.0.1:1" for name in NAMES),
        "address": "127.0.0.1:0",
    }
    return Config(mongo_uri_file=uri, key_file=key, unready_s=0, **{**given, **settings})


async def keys_of(port: int) -> str:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
        async with http.get("/.well-known/jwks.json") as response:
            return await response.text()


async def test_its_keys_outlive_it(mongo_uri: str, tmp_path: Path) -> None:
    cfg = config(tmp_path, mongo_uri)
    async with running(cfg) as port:
        first = await keys_of(port)
    async with running(cfg) as port:
        assert await keys_of(port) == first
    async with connect(mongo_uri, cfg.database) as database:
        await database.drop()


async def test_a_port_that_is_taken_is_said_with_what_to_set(
    mongo_uri: str, tmp_path: Path
) -> None:
    cfg = config(tmp_path, mongo_uri)
    async with running(cfg) as port:
        second = config(tmp_path, mongo_uri, database=cfg.database, address=f"127.0.0.1:{port}")
        with pytest.raises(AddressInUseError, match="GATEWAY_ADDRESS"):
            async with running(second):
                pass
    async with connect(mongo_uri, cfg.database) as database:
        await database.drop()


def test_every_service_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="inventory, customer"):
        addresses_of(config(tmp_path, peers="catalog=a:1,collect=a:1,associate=a:1"))


async def test_what_is_under_way_when_it_closes_is_answered() -> None:
    release = asyncio.Event()

    async def slowly(request: object) -> basket_pb.GetBasketResponse:
        await release.wait()
        return basket_pb.GetBasketResponse()

    stack = AsyncExitStack()
    house = await stack.enter_async_context(
        open_gateway(near_cache=False, unready_s=0.2, drain_s=30.0)
    )
    house.neighbours["collect"].answers["GetBasket"] = slowly
    headers = {"Authorization": f"Bearer {house.customer()}"}
    async with aiohttp.ClientSession(house.url) as http:
        asking = asyncio.create_task(status_of(http, "/v1/basket", headers))
        await until(lambda: has_asked(house))
        closing = asyncio.create_task(stack.aclose())
        await until(lambda: is_refused(http))
        release.set()

        assert await asking == 200
    await closing


async def test_it_is_not_ready_while_it_waits_for_others_to_notice_that_it_closes() -> None:
    stack = AsyncExitStack()
    house = await stack.enter_async_context(open_gateway(near_cache=False, unready_s=FAR_S))
    async with aiohttp.ClientSession(house.url) as http:
        await until(lambda: answers(http, "/readyz", 200))
        closing = asyncio.create_task(stack.aclose())
        await until(lambda: answers(http, "/readyz", 503))

        assert await status_of(http, "/healthz", {}) == 200
    closing.cancel()
    await asyncio.wait([closing])


async def test_while_it_closes_no_connection_waits_for_another_request() -> None:
    """One that came just as the connection is closed would be lost with it."""
    stack = AsyncExitStack()
    house = await stack.enter_async_context(open_gateway(near_cache=False, unready_s=FAR_S))
    async with aiohttp.ClientSession(house.url) as http:
        await until(lambda: answers(http, "/readyz", 200))
        async with http.get("/v1/basket") as before:
            assert "Connection" not in before.headers
        closing = asyncio.create_task(stack.aclose())
        await until(lambda: answers(http, "/readyz", 503))

        async with http.get("/v1/basket") as last:
            assert last.headers["Connection"] == "close"
    closing.cancel()
    await asyncio.wait([closing])


async def test_it_calls_nobody_in_its_own_name_before_its_keys_can_be_fetched() -> None:
    """Who fetches keys and finds nobody would refuse it for a second."""
    keyring, asked = await keyring_of("gateway"), Counter[str]()
    stage = "opening"

    async def fetched() -> Mapping[str, bytes]:
        asked[stage] += 1
        return await keyring.public_keys()

    async with (
        neighbourhood(fetched, lambda _: None) as neighbours,
        redis.connect(NO_REDIS) as client,
        open_house(config_of(neighbours), keyring, client) as opened,
    ):
        for _ in range(2):
            await opened.check()  # Public; what was called before has arrived before.
        assert asked["opening"] == 0

        stage = "listening"
        async with serving(config_of(neighbours), opened, Tracing()):
            await until(lambda: asyncio.sleep(0, opened.cache.is_well))


async def answers(http: aiohttp.ClientSession, path: str, status: int) -> bool:
    return await status_of(http, path, {}) == status


async def status_of(http: aiohttp.ClientSession, path: str, headers: dict[str, str]) -> int:
    async with http.get(path, headers=headers) as response:
        return response.status


async def is_refused(http: aiohttp.ClientSession) -> bool:
    """Nobody is let in any more."""
    try:
        return await status_of(http, "/healthz", {"Connection": "close"}) != 200
    except aiohttp.ClientConnectionError:
        return True


async def has_asked(house: House) -> bool:
    return bool(house.made("collect", "GetBasket"))
