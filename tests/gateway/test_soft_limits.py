"""Soft limits over two replicas, with Redis, after it was killed, and while it stalls."""

from collections import Counter
from functools import partial
from pathlib import Path

import aiohttp

from chassis import redis
from tests.gateway.house import config_of, gateway
from tests.gateway.neighbours import keyring_of, neighbourhood
from tests.mortal import mortal_redis
from tests.waiting import until

LIMIT = 60  # POST /v1/terminals, a minute and address.
BODY = {"code": "c", "public_key": "AAAA"}


async def tried(http: aiohttp.ClientSession, url: str, count: int) -> Counter[int]:
    """How often each status was answered to so many tries.

    One after the other: Redis is given up after moments, and many at once are many moments.
    """

    async def once(number: int) -> int:
        key = {"Idempotency-Key": f"0190163d-8694-739b-aea5-{number:012x}"}
        async with http.post(f"{url}/v1/terminals", json=BODY, headers=key) as response:
            return response.status

    return Counter([await once(number) for number in range(count)])


async def lets_in(http: aiohttp.ClientSession, url: str) -> bool:
    return await tried(http, url, 1) == {201: 1}


async def test_two_replicas_count_as_one_and_each_alone_when_redis_is_killed(
    tmp_path: Path,
) -> None:
    keyring = await keyring_of("gateway")
    async with (
        mortal_redis(tmp_path) as mortal,
        redis.connect(mortal.url) as client,
        neighbourhood(keyring.public_keys, lambda _: None) as neighbours,
        gateway(config_of(neighbours, near_cache=False), keyring, client) as (_, one),
        gateway(config_of(neighbours, near_cache=False), keyring, client) as (_, other),
        aiohttp.ClientSession() as http,
    ):
        assert await tried(http, one, LIMIT - 10) == {201: LIMIT - 10}
        assert await tried(http, other, 20) == {201: 10, 429: 10}

        await mortal.kill()
        assert await tried(http, one, LIMIT + 5) == {201: LIMIT, 429: 5}
        assert await tried(http, other, LIMIT + 5) == {201: LIMIT, 429: 5}

        # Back and empty: it counts for both again, from one, once they have asked it again.
        await mortal.start()
        for url in (one, other):
            await until(partial(lets_in, http, url))
        assert await tried(http, one, LIMIT - 2) == {201: LIMIT - 2}
        assert await tried(http, other, 1) == {429: 1}


async def test_while_redis_stalls_each_replica_counts_alone(tmp_path: Path) -> None:
    keyring = await keyring_of("gateway")
    async with (
        mortal_redis(tmp_path) as mortal,
        redis.connect(mortal.url) as client,
        neighbourhood(keyring.public_keys, lambda _: None) as neighbours,
        gateway(config_of(neighbours, near_cache=False), keyring, client) as (_, url),
        aiohttp.ClientSession() as http,
    ):
        assert await tried(http, url, LIMIT) == {201: LIMIT}

        mortal.stall()
        assert await tried(http, url, LIMIT + 5) == {201: LIMIT, 429: 5}
