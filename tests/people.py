"""A customer and an associate at the HTTP API, as their apps would speak to it."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PASSWORD = "quatre mots bien choisis"
TRIES_MAX, AGAIN_S = 5, 0.2


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        return str(self.body.get("reason", "")) if isinstance(self.body, dict) else ""

    def ok(self) -> Any:
        """The body. Raises AssertionError with the problem where it is one."""
        assert self.status < 300, f"{self.status} {self.body}"
        return self.body


class Person:
    """Whoever holds an access token; a visitor without one.

    What a busy engine did not do in time is asked again with the same key, as by every app.
    """

    def __init__(self, http: aiohttp.ClientSession, token: str = "") -> None:
        self.http = http
        self.token = token

    async def get(self, path: str, **query: Any) -> Answer:
        return await self._insisted("GET", path, params=query)

    async def post(self, path: str, body: Any = None, *, key: str = "") -> Answer:
        return await self._insisted("POST", path, body=body or {}, key=key or str(uuid4()))

    async def put(self, path: str, body: Any, *, key: str = "") -> Answer:
        return await self._insisted("PUT", path, body=body, key=key or str(uuid4()))

    async def delete(self, path: str) -> Answer:
        return await self._insisted("DELETE", path, key=str(uuid4()))

    async def _insisted(self, method: str, path: str, **request: Any) -> Answer:
        for _ in range(TRIES_MAX - 1):
            answer = await self.call(method, path, **request)
            if answer.reason != "DATABASE_TIMEOUT":
                return answer
            await asyncio.sleep(AGAIN_S)
        return await self.call(method, path, **request)

    async def call(
        self, method: str, path: str, *, body: Any = None, key: str = "", params: Any = None
    ) -> Answer:
        """Once, whatever comes of it."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        async with self.http.request(
            method, path, json=body, headers=headers, params=params
        ) as response:
            text = await response.text()
            kind = response.content_type
            content = json.loads(text) if text and kind.endswith("json") else text
            return Answer(response.status, content, dict(response.headers))

    @asynccontextmanager
    async def events(self, path: str) -> AsyncIterator[AsyncIterator[Any]]:
        """The data of the server-sent events at `path`, as they come."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "text/event-stream"}
        async with self.http.get(path, headers=headers) as response:
            assert response.status == 200, await response.text()
            yield data_of(response)


async def data_of(response: aiohttp.ClientResponse) -> AsyncIterator[Any]:
    async for line in response.content:
        if line.startswith(b"data:"):
            yield json.loads(line[5:])


async def customer(http: aiohttp.ClientSession, *, email: str = "", password: str = "") -> Person:
    """Signed in to the account given, or signed up to a new one."""
    password = password or PASSWORD
    if email:
        answer = await Person(http).post("/v1/sessions", {"email": email, "password": password})
    else:
        body = {
            "email": f"{uuid4().hex}@example.org",
            "password": password,
            "given_name": "Jeanne",
        }
        answer = await Person(http).post("/v1/customers", body)
    return Person(http, answer.ok()["tokens"]["access_token"])


async def associate(http: aiohttp.ClientSession, *, code: str, badge: str, pin: str) -> Person:
    """On a terminal enrolled with `code`, signed in with badge and PIN."""
    device = ec.generate_private_key(ec.SECP256R1())
    point = device.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    visitor = Person(http)
    enrolled = await visitor.post("/v1/terminals", {"code": code, "public_key": b64(point)})
    terminal_id = enrolled.ok()["terminal_id"]
    challenge = (await visitor.post(f"/v1/terminals/{terminal_id}/challenges")).ok()["challenge"]
    signed = await visitor.post(
        "/v1/staff/sessions",
        {
            "terminal_id": terminal_id,
            "challenge": challenge,
            "signature": b64(signature_of(device, unb64(challenge))),
            "badge": badge,
            "pin": pin,
        },
    )
    return Person(http, signed.ok()["tokens"]["access_token"])


def signature_of(device: ec.EllipticCurvePrivateKey, challenge: bytes) -> bytes:
    """r and s, as Web Crypto makes it."""
    r, s = decode_dss_signature(device.sign(challenge, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
