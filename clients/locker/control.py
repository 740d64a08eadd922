"""What people do at the cabinet, over HTTP on the loopback: for tests and for curious people."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from clients.locker.cabinet import Cabinet
from clients.locker.line import Line
from clients.locker.memory import Compartment

BODY_BYTES_MAX = 1 << 16
REQUEST_S_MAX = 10.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class BadRequestError(Exception):
    """What is wrong with a request, and its HTTP status."""

    def __init__(self, status: str, problem: str) -> None:
        super().__init__(problem)
        self.status = status


class Control:
    def __init__(self, cabinet: Cabinet, line: Line) -> None:
        self._cabinet = cabinet
        self._line = line

    async def answer(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Raises BadRequestError."""
        match method, path:
            case "GET", "/state":
                return state_of(self._cabinet, self._line)
            case "POST", "/type":
                return self._panel(await self._cabinet.type(text_in(body, "code")))
            case "POST", "/scan":
                return self._panel(await self._cabinet.scan(text_in(body, "text")))
            case "POST", "/close":
                return {"answer": self._cabinet.close(text_in(body, "compartment"))}
            case "POST", "/line":
                self._line.let(body.get("up") is True)
                return {"up": self._line.is_up}
        raise BadRequestError("404 Not Found", f"{method} {path} does nothing")

    def _panel(self, answer: str) -> dict[str, Any]:
        return {"answer": answer, "wait_ms": self._cabinet.wait_ms()}


def state_of(cabinet: Cabinet, line: Line) -> dict[str, Any]:
    """What can be seen, and the journal; neither keys nor what codes are checked against."""
    memory = cabinet.memory
    return {
        "cabinet_id": memory.cabinet_id,
        "enrolled": bool(memory.code),
        "up": line.is_up,
        "attached": line.attached,
        "last_sequence": memory.last_sequence,
        "unacknowledged": [
            {"sequence": entry.sequence, "happened": entry.happened.value, "reason": entry.reason}
            for entry in memory.journal
        ],
        "wait_ms": cabinet.wait_ms(),
        "compartments": {name: seen(c) for name, c in sorted(memory.compartments.items())},
    }


def seen(compartment: Compartment) -> dict[str, Any]:
    return {
        "wanted": compartment.wanted.value,
        "generation": compartment.generation,
        "order_id": compartment.order_id,
        "loaded": compartment.loaded,
        "opened": compartment.opened,
        "door": compartment.door.purpose.value if compartment.door else "shut",
    }


def text_in(body: dict[str, Any], name: str) -> str:
    if not isinstance(body.get(name), str):
        raise BadRequestError("400 Bad Request", f"send {name}, a text")
    return str(body[name])


@asynccontextmanager
async def serving(control: Control, host: str, port: int) -> AsyncIterator[int]:
    """Listen inside the block; yields the port. Whoever can reach it opens doors."""
    if host not in LOOPBACK:
        raise ValueError(f"{host} is not the loopback: others could open doors")

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_S_MAX):
                writer.write(await response_to(control, reader))
                await writer.drain()
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError, ValueError):
            pass  # It went away, or does not speak HTTP.
        finally:
            writer.close()

    server = await asyncio.start_server(connected, host, port)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def response_to(control: Control, reader: asyncio.StreamReader) -> bytes:
    status = "200 OK"
    try:
        method, path, body = await request_from(reader)
        answer = await control.answer(method, path, body)
    except BadRequestError as error:
        status, answer = error.status, {"problem": str(error)}
    content = json.dumps(answer).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


async def request_from(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, Any]]:
    """Method, path and JSON body. Raises BadRequestError."""
    words = (await reader.readuntil(b"\r\n")).decode("latin-1").split()
    headers = {}
    while line := (await reader.readuntil(b"\r\n")).decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    if len(words) != 3:
        raise BadRequestError("400 Bad Request", "not HTTP")
    if words[0] != "POST":
        return words[0], words[1], {}
    # A web page in a browser on this machine cannot send this type without being allowed to.
    if headers.get("content-type", "").partition(";")[0] != "application/json":
        raise BadRequestError("415 Unsupported Media Type", "send application/json")
    return words[0], words[1], await body_from(reader, headers.get("content-length", ""))


async def body_from(reader: asyncio.StreamReader, length: str) -> dict[str, Any]:
    if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
        raise BadRequestError("413 Content Too Large", f"send at most {BODY_BYTES_MAX} bytes")
    try:
        body = json.loads(await reader.readexactly(int(length)))
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise BadRequestError("400 Bad Request", "send a JSON object")
    return body
