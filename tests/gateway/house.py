"""The gateway behind a real socket, before neighbours that answer what a test prepares."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import msgspec

from chassis import redis
from chassis.errors import AppError, Kind
from chassis.keys import Keyring
from chassis.tracing import Tracing
from services.gateway.config import Config
from services.gateway.opening import Opened
from services.gateway.opening import house as open_house
from services.gateway.serving import serving
from tests.gateway.neighbours import Neighbours, keyring_of, neighbourhood
from tests.waiting import until

# Nobody listens there: limits are then counted in the process.
NO_REDIS = "redis://127.0.0.1:1"


class RefusedError(AppError):
    """What a neighbour raises because a test says so."""

    def __init__(self, kind: Kind, reason: str, **options: Any) -> None:
        super().__init__("refused", **options)
        self.kind, self.reason = kind, reason


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def reason(self) -> str:
        assert self.headers["Content-Type"] == "application/problem+json", self.body
        found: str = self.json["reason"]
        return found

    @property
    def fields(self) -> list[str]:
        """At fault, in a problem."""
        return [error["field"] for error in self.json.get("errors", [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A running gateway."""

    opened: Opened
    neighbours: Neighbours
    url: str
    http: aiohttp.ClientSession

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = "",
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
    ) -> Answered:
        """A request as clients of ours make it: `key` is new unless given, and empty for none."""
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if method != "GET" and key != "":
            sent["Idempotency-Key"] = key or str(uuid4())
        if body is not None:
            data = msgspec.json.encode(body)
            sent.setdefault("Content-Type", "application/json")
        async with self.http.request(method, path, data=data, headers=sent) as response:
            return Answered(response.status, response.headers, await response.read())

    async def get(self, path: str, *, token: str = "", **headers: str) -> Answered:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.call("GET", path, token=token, headers=named)

    def customer(self, subject: str = "anna", session_id: str = "") -> str:
        """A token of a customer."""
        issuer = self.neighbours["customer"].issuer
        return issuer.sign(subject=subject, grants=["customer"], sid=session_id)

    def staff(self, role: str = "associate", *location_ids: str) -> str:
        issuer = self.neighbours["associate"].issuer
        grants, shops = [f"staff:{role}"], list(location_ids or ("paris",))
        return issuer.sign(subject=role, grants=grants, locations=shops)

    def made(self, name: str, method: str) -> list[Any]:
        """The requests of `method` that reached the neighbour."""
        return self.neighbours[name].requests(method)

    async def has_asked(self, *, times: int = 1) -> bool:
        """Whether views were asked of the catalogue so often."""
        return len(self.made("catalog", "BatchGetProductViews")) >= times

    async def hears(self) -> None:
        """Until the near cache hears both owners."""

        async def well() -> bool:
            return self.opened.cache.is_well

        await until(well)


@asynccontextmanager
async def open_gateway(
    move_in: Callable[[Neighbours], None] = lambda _: None, **settings: Any
) -> AsyncIterator[House]:
    """`settings` are fields of the gateway's Config; `move_in` as in `neighbourhood`."""
    keyring = await keyring_of("gateway")
    async with (
        neighbourhood(keyring.public_keys, move_in) as neighbours,
        redis.connect(NO_REDIS) as client,
    ):
        cfg = config_of(neighbours, **settings)
        async with gateway(cfg, keyring, client) as (opened, url):
            opened.cache.settle_s = 0.0  # No neighbour here is behind its log.
            async with aiohttp.ClientSession(
                url, auto_decompress=False, headers={"Accept-Encoding": "identity"}
            ) as http:
                yield House(opened=opened, neighbours=neighbours, url=url, http=http)


@asynccontextmanager
async def gateway(
    cfg: Config, keyring: Keyring, client: redis.Client
) -> AsyncIterator[tuple[Opened, str]]:
    async with open_house(cfg, keyring, client) as opened:
        async with serving(cfg, opened, Tracing()) as port:
            yield opened, f"http://127.0.0.1:{port}"


def config_of(neighbours: Neighbours, **settings: Any) -> Config:
    given: dict[str, Any] = {
        "mongo_uri_file": Path("unused"),
        "database": "unused",
        "redis_url": NO_REDIS,
        "key_file": Path("unused"),
        "peers": ",".join(f"{name}={one.address}" for name, one in neighbours.items()),
        "address": "127.0.0.1:0",
        "unready_s": 0.0,
        "drain_s": 1.0,
    }
    return Config(**{**given, **settings})
