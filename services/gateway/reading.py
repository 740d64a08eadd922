"""Reads what a request brings: body, query, idempotency key. Each mistake says where it is."""

import asyncio
import copy
from typing import Any, Generic, TypeVar

import msgspec
from aiohttp import web

from chassis.errors import Violation
from chassis.requests import InvalidRequestIdError, canonical_id
from services.gateway.problems import HttpError, violations_of
from services.gateway.wire import JSON, InvalidRequestError

BODY_BYTES_MAX = 64 << 10
BODY_S_MAX = 10.0
KEY_HEADER = "Idempotency-Key"

# Queries of a route that were read before: most are asked for over and over.
QUERIES_MAX = 2_000
QUERY_CHARS_MAX = 128

S = TypeVar("S", bound=msgspec.Struct)


def request_id_of(request: web.Request) -> str:
    """Raises InvalidRequestIdError unless the key is there, once, and a UUID."""
    keys = request.headers.getall(KEY_HEADER, [])
    try:
        return canonical_id(keys[0] if len(keys) == 1 else "")
    except InvalidRequestIdError:
        raise InvalidRequestIdError(
            f"a write needs one {KEY_HEADER} header: a UUID, new for each intent "
            "and the same when that is sent again",
            violations=(Violation(KEY_HEADER, "a UUID in its usual form"),),
        ) from None


class Queries(Generic[S]):
    """Reads the queries of one route. What one means never changes, so none is read twice."""

    def __init__(self, struct: type[S], *, kept_max: int = QUERIES_MAX) -> None:
        self._struct = struct
        self._kept_max = kept_max
        self._read: dict[str, S] = {}

    def of(self, request: web.Request) -> S:
        """Raises InvalidRequestError."""
        text = request.rel_url.raw_query_string
        found = self._read.get(text)
        if found is None:
            found = query_of(request, self._struct)
            if len(self._read) >= self._kept_max:
                self._read.clear()
            if len(text) <= QUERY_CHARS_MAX:
                self._read[text] = found
        return copy.copy(found)  # Theirs, to do with as they like.


def query_of(request: web.Request, struct: type[S]) -> S:
    """Raises InvalidRequestError."""
    if not request.query_string:
        return decoded({}, struct)
    given = request.query
    if len(set(given)) != len(given):
        raise wrong("a parameter came twice", ())
    return decoded(dict(given), struct)


def decoded(values: dict[str, str], struct: type[S]) -> S:
    try:
        return msgspec.convert(values, struct, strict=False)
    except msgspec.ValidationError as error:
        raise wrong("the query is not as described", violations_of(error)) from None


async def body_of(request: web.Request, decoder: msgspec.json.Decoder[Any]) -> Any:
    """The body; an empty one is read as `{}`. Raises HttpError, InvalidRequestError."""
    check_encoding(request)
    content = await content_of(request)
    if content and request.content_type != JSON:
        raise HttpError(415, "UNSUPPORTED_MEDIA_TYPE", f"the body must be {JSON}")
    try:
        return decoder.decode(content or b"{}")
    except msgspec.ValidationError as error:
        raise wrong("the body is not as described", violations_of(error)) from None
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise wrong("the body is no JSON", ()) from None


def check_encoding(request: web.Request) -> None:
    # Unpacking is how a small request becomes a large one.
    if "Content-Encoding" in request.headers:
        raise HttpError(415, "UNSUPPORTED_MEDIA_TYPE", "send the body without Content-Encoding")


async def content_of(request: web.Request) -> bytes:
    if not request.can_read_body:
        return b""
    try:
        async with asyncio.timeout(BODY_S_MAX):
            return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise HttpError(
            413, "BODY_TOO_LARGE", f"a body has at most {BODY_BYTES_MAX} bytes"
        ) from None
    except TimeoutError:
        raise HttpError(
            408, "REQUEST_TIMEOUT", f"the body did not arrive within {BODY_S_MAX:.0f} s"
        ) from None


def wrong(message: str, violations: tuple[Violation, ...]) -> InvalidRequestError:
    if violations:
        said = "; ".join(f"{v.field}: {v.description}".removeprefix(": ") for v in violations)
        message = f"{message}: {said}"
    return InvalidRequestError(message, violations=violations)
