"""Redis: wakes other replicas and counts for soft limits. May die at any instant, losing nothing.

Nothing is kept here that is not also found by looking again.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias
from uuid import uuid4

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MaxConnectionsError, RedisError

from chassis.background import give_way
from chassis.signals import Signal

SOCKET_TIMEOUT_S = 0.2
POOL_WAIT_S = 0.05
CONNECTIONS_MAX = 32
LISTEN_S = 1.0
SILENCE_S_MAX = 2.5
RECONNECT_S_MAX = 0.5
# What wakes others is lost only with the process that should have sent it, after its commit.
SWEEP_WELL_S = 1.0
# What a limit may add to a request where Redis does not answer; and for how long nobody else
# waits for it then. One that stalls would slow every request down, not only the next.
COUNT_S_MAX = 0.2
AWAY_S = 1.0

Client: TypeAlias = Redis

log = logging.getLogger(__name__)


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[Client]:
    """Open in the running loop. Does not ask whether Redis is there: it need not be."""
    pool = Pool.from_url(
        url,
        max_connections=CONNECTIONS_MAX,
        timeout=POOL_WAIT_S,
        socket_timeout=SOCKET_TIMEOUT_S,
        socket_connect_timeout=SOCKET_TIMEOUT_S,
        # It retries ten times by default, and a counter then counts ten times.
        retry=Retry(NoBackoff(), 0),
    )
    client = Redis(connection_pool=pool)
    try:
        yield client
    finally:
        await client.aclose()
        await pool.aclose()


class Pool(BlockingConnectionPool):
    """Tells that all its connections are busy from that Redis is away.

    redis-py gives both one error (redis/redis-py#3237), but the one has a TimeoutError of
    asyncio for its cause; what stalls is another, redis-py's own.
    """

    async def get_connection(self, command_name: Any = None, *keys: Any, **options: Any) -> Any:
        """Raises MaxConnectionsError where none was free for POOL_WAIT_S."""
        try:
            return await super().get_connection()  # type: ignore[no-untyped-call]
        except RedisConnectionError as error:
            if isinstance(error.__cause__, TimeoutError):
                raise MaxConnectionsError("no connection to Redis was free") from error
            raise


class Wake(Signal):
    """A signal that reaches the other replicas too, as long as `run` runs and Redis is there.

    Setting it never fails and never waits: what was set meanwhile goes out as one.
    """

    def __init__(self, client: Client, channel: str) -> None:
        super().__init__()
        self._client = client
        self._channel = channel
        self._sender = uuid4().bytes
        self._unsent = asyncio.Event()
        self._heard_s = float("-inf")

    @property
    def well(self) -> bool:
        """Whether others are heard, so that looking by oneself can be rare."""
        return time.monotonic() - self._heard_s < SILENCE_S_MAX

    @property
    def pause_s(self) -> float:
        return SWEEP_WELL_S if self.well else super().pause_s

    def set(self) -> None:
        super().set()
        self._unsent.set()

    async def run(self) -> None:
        """Until cancelled, through every absence of Redis."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._send())
            tasks.create_task(self._listen())

    async def _send(self) -> None:
        while True:
            await self._unsent.wait()
            self._unsent.clear()
            # Who is not woken looks by itself.
            with contextlib.suppress(RedisError, OSError, TimeoutError):
                await self._client.publish(self._channel, self._sender)
            give_way()

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except (RedisError, OSError, TimeoutError) as error:
                if self.well:
                    log.warning("Redis is away, readers poll: %s", type(error).__name__)
                self._heard_s = float("-inf")
                super().set()
            give_way()
            await asyncio.sleep(random.uniform(0, RECONNECT_S_MAX))

    async def _hear(self) -> None:
        """Until Redis goes away or falls silent."""
        async with self._client.pubsub() as subscription:
            await subscription.subscribe(self._channel)
            begun_s = time.monotonic()
            while time.monotonic() - max(self._heard_s, begun_s) < SILENCE_S_MAX:
                give_way()
                message = await subscription.get_message(timeout=LISTEN_S)
                if message is None:
                    await subscription.ping()
                    continue
                self._heard_s = time.monotonic()
                if message["data"] != self._sender:
                    super().set()


# One window lives in one key, which goes by itself.
COUNT_SCRIPT = """
local count = redis.call('INCRBY', KEYS[1], ARGV[1])
if count == tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return count
"""


class Limits:
    """Soft limits: at most so many in a window, over all replicas while Redis is there.

    While it is away each process counts for itself: a limit is then at most so
    many times too wide, and nobody is refused for the lack of Redis. Nor kept waiting:
    one of those who come asks it again, each AWAY_S, and waits COUNT_S_MAX at most.
    """

    def __init__(self, client: Client, *, prefix: str) -> None:
        self._count = client.register_script(COUNT_SCRIPT)
        self._prefix = prefix
        self._alone = Windows()
        self._away = False
        self._ask_again_s = float("-inf")

    async def allows(self, key: str, *, count_max: int, window_s: float, count: int = 1) -> bool:
        """Count `count` for `key`; False if its window has more than `count_max` now."""
        name = f"{self._prefix}:{{{key}}}"  # Braces keep an entity on one node of a cluster.
        total = await self._together(name, count, window_s)
        if total is None:
            total = self._alone.add(name, count, window_s)
        return total <= count_max

    async def _together(self, name: str, count: int, window_s: float) -> int | None:
        """What all replicas have counted; None while Redis is away, or no connection is free."""
        now_s = time.monotonic()
        if self._away:
            if now_s < self._ask_again_s:
                return None
            self._ask_again_s = now_s + AWAY_S  # By us; whoever comes meanwhile does not wait.
        try:
            args = [count, max(int(window_s * 1000), 1)]
            async with asyncio.timeout(COUNT_S_MAX):
                total = int(await self._count(keys=[name], args=args))
        except MaxConnectionsError:
            return None  # Those who have the connections will see whether Redis is there.
        except (RedisError, OSError, TimeoutError):
            self._away, self._ask_again_s = True, time.monotonic() + AWAY_S
            return None
        self._away = False
        return total


class Windows:
    """Counters of this process, the oldest of which are dropped."""

    KEYS_MAX = 10_000

    def __init__(self) -> None:
        self._windows: dict[str, tuple[float, int]] = {}

    def add(self, key: str, count: int, window_s: float) -> int:
        now_s = time.monotonic()
        ends_s, total = self._windows.pop(key, (0.0, 0))
        if ends_s <= now_s:
            ends_s, total = now_s + window_s, 0
        self._windows[key] = ends_s, total + count
        if len(self._windows) > self.KEYS_MAX:
            del self._windows[next(iter(self._windows))]
        return total + count
