"""A route as data: what it takes, answers with, and who may. Serves nothing itself."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar

from aiohttp import web
from msgspec import Struct

from chassis.access import CUSTOMER, PUBLIC, Caller
from services.gateway.parts import Parts
from services.gateway.wire import JSON, Nothing

B = TypeVar("B")
Q = TypeVar("Q")

Metadata: TypeAlias = tuple[tuple[str, str], ...]

EVERYONE = frozenset({PUBLIC})
CUSTOMERS = frozenset({CUSTOMER})
FLOOR = frozenset({"staff:associate", "staff:manager"})
STAFF = FLOOR | {"staff:operator"}
MANAGERS = frozenset({"staff:manager", "staff:operator"})

EVENT_STREAM = "text/event-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[B, Q]):
    """A request that was understood and whose caller may make it.

    Attributes:
        body: Decoded; of a route without one, Nothing.
        request_id: Of a write; empty for others.
        caller: Who it is; None for a visitor.
        metadata: With which calls go out in the caller's name; empty for a visitor, for whom
            the gateway answers with its own.
        source: Where the request comes from: an IP address, or the network of one.
        web: It is one of our pages: refresh tokens travel in cookies.
    """

    parts: Parts
    http: web.Request
    path: Mapping[str, str]
    query: Q
    body: B
    request_id: str
    caller: Caller | None
    metadata: Metadata
    source: str
    web: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a handler answers where a bare struct does not say it all.

    Attributes:
        content: A struct, or bytes of the route's content type; None for no body.
        status: Where it is not the route's own.
        valid_until: When it changes by itself: no cache keeps it longer.
        etag: Where it is known already; else it is made of the body.
        finish: Adds what is neither body nor status, e.g. a cookie.
    """

    content: Struct | bytes | None = None
    status: int | None = None
    valid_until: datetime | None = None
    etag: str = ""
    finish: Callable[[web.Response], None] | None = None


Handler: TypeAlias = Callable[
    [Call[Any, Any]], Awaitable[Struct | Answer | web.StreamResponse | None]
]
Quick: TypeAlias = Callable[[Parts, web.Request], web.Response | None]


@dataclass(frozen=True, slots=True)
class Limit:
    """How often a minute, for one address, or for one subject where somebody is signed in."""

    name: str
    per_minute_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one path.

    Attributes:
        path: With parameters in braces.
        summary: In a line, for people.
        tag: Under which heading it is described.
        who: The grants that open it.
        body: What it takes; Nothing for no body.
        query: The parameters behind the question mark.
        answer: What it answers with; None for no body.
        content_type: Of the answer, where that is no JSON.
        also: Other statuses of success, and what they mean.
        problems: Reasons it may fail with, beyond those any route may; `409 WRONG_CODE` where
            the status is not the usual one of that reason.
        is_write: Needs an Idempotency-Key.
        exact: Nothing else is at this path, whatever the method: else another route would read
            its last word as an id.
        quick: Answers a visitor without waiting, where it can.
        public_s: How long any cache may keep the answer; None for private ones, which none may.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    tag: str
    who: frozenset[str]
    body: type[Struct] = Nothing
    query: type[Struct] = Nothing
    answer: type[Struct] | None = None
    content_type: str = JSON
    status: int = 200
    also: Mapping[int, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    is_write: bool = False
    public_s: int | None = None
    exact: bool = False
    quick: Quick | None = None
    limit: Limit | None = None

    @property
    def is_public(self) -> bool:
        return PUBLIC in self.who
