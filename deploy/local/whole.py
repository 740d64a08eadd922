"""Whether the suite works as a whole: every service answers through the gateway.

Each is ready by itself before, but has yet to learn the others' keys; whoever is told
"ready" and calls at once must not be the one to find out.
"""

import asyncio
from typing import Any
from uuid import uuid4

import aiohttp

from deploy.local.errors import LocalError
from deploy.local.suite import Suite

ANSWER_S, WHOLE_S = 5.0, 30.0
ASK_AGAIN_S = 0.05
# One question to each service, that changes nothing there. A refusal is an answer too.
QUESTIONS: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "catalog": ("GET", "/v1/categories", None),
    "inventory": ("GET", "/v1/locations", None),
    "customer": ("POST", "/v1/sessions/refresh", {}),
    "collect": ("POST", "/v1/pickup-options", {"lines": [{"sku": "PER-1802", "quantity": 1}]}),
    "associate": ("POST", "/v1/staff/sessions/refresh", {}),
}


class NotWholeError(LocalError):
    """A service that is ready does not answer those that ask."""


async def until_whole(suite: Suite) -> None:
    """Raises NotWholeError, naming the service that gives no answer."""
    limit = aiohttp.ClientTimeout(total=ANSWER_S)
    async with aiohttp.ClientSession(suite.url, timeout=limit) as http:
        for service, (method, path, body) in QUESTIONS.items():
            try:
                async with asyncio.timeout(WHOLE_S):
                    while not await answers(http, method, path, body):  # noqa: ASYNC110
                        await asyncio.sleep(ASK_AGAIN_S)
            except TimeoutError as error:
                raise NotWholeError(
                    f"{service} does not answer through the gateway: see {service}.log and "
                    f"gateway.log in {suite.folder}"
                ) from error


async def answers(
    http: aiohttp.ClientSession, method: str, path: str, body: dict[str, Any] | None
) -> bool:
    headers = {"Idempotency-Key": str(uuid4())}
    try:
        async with http.request(method, path, json=body, headers=headers) as response:
            return response.status < 500
    except (aiohttp.ClientError, TimeoutError):
        return False
