"""Bytes on a connection of their own to a gateway: what no client library would send."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

HOST = b"Host: comptoir\r\n"
STATUS_LINE = re.compile(rb"HTTP/\d\.\d \d{3} ")
END = b"Connection: close\r\n\r\n"
# As long as anything that is asked for by hand may take: for failing, not for timing.
BOUND_S = 60.0


@dataclass(frozen=True, slots=True)
class Reply:
    """The first answer that came, and everything up to the end of the connection."""

    status: int
    headers: dict[str, str]
    body: bytes
    content: bytes

    @property
    def problem(self) -> Any:
        assert self.headers["content-type"] == "application/problem+json", self.content
        return msgspec.json.decode(self.body)

    @property
    def count(self) -> int:
        """How many answers there are in it."""
        return len(STATUS_LINE.findall(self.content))


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def asked(url: str, content: bytes) -> Reply:
    """What comes back until the gateway hangs up. AssertionError if it does not."""
    async with connected(url) as (reader, writer):
        with suppress(ConnectionError):  # It may have heard enough.
            writer.write(content)
            await writer.drain()
        async with asyncio.timeout(BOUND_S):
            return reply_of(await rest_of(reader))


async def rest_of(reader: asyncio.StreamReader) -> bytes:
    parts: list[bytes] = []
    with suppress(ConnectionError):
        while part := await reader.read(1 << 16):
            parts.append(part)
    return b"".join(parts)


def reply_of(content: bytes) -> Reply:
    head, _, body = content.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    headers = {name.lower(): value for name, _, value in pairs}
    return Reply(int(first.split(" ")[1]), headers, body, content)


def get(path: bytes, *headers: bytes, method: bytes = b"GET") -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return method + b" " + path + b" HTTP/1.1\r\n" + HOST + lines + END


def post(
    path: bytes, body: bytes, *headers: bytes, media_type: bytes = b"application/json"
) -> bytes:
    length = b"Content-Length: %d" % len(body)
    return get(path, b"Content-Type: " + media_type, length, *headers, method=b"POST") + body


def framed(path: bytes, body: bytes, *headers: bytes, version: bytes = b"HTTP/1.1") -> bytes:
    """A POST whose length only these headers say, and which asks for no end."""
    lines = b"".join(header + b"\r\n" for header in (b"Content-Type: application/json", *headers))
    return b"POST " + path + b" " + version + b"\r\n" + HOST + lines + b"\r\n" + body
