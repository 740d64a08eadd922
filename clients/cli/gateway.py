"""A handful of calls to the gateway's HTTP API, one after the other. Knows no route."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from clients.house import CALL_S_MAX, LOOPBACK, CannotRunError, printable

ANSWER_BYTES_MAX = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """`url` without a path. Its certificate is of `ca_file`, or of whom this system trusts."""

    url: str
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        """Raises CannotRunError for an address to which no PIN may be sent."""
        parts = urlsplit(self.url)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise CannotRunError(f"{self.url} is read by all between: say https://")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise CannotRunError(f"{self.url!r} is no address of a gateway: https://HOST")

    def post(self, path: str, body: Mapping[str, str]) -> Any:
        """What it answers. Raises CannotRunError, with its reason."""
        request = urllib.request.Request(
            self.url.rstrip("/") + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Idempotency-Key": str(uuid4())},
        )
        try:
            with self._opener().open(request, timeout=CALL_S_MAX) as answer:
                return json.loads(answer.read(ANSWER_BYTES_MAX))
        except urllib.error.HTTPError as error:
            with error:
                raise CannotRunError(problem_of(error)) from error
        except (OSError, ValueError) as error:
            why = getattr(error, "reason", None) or type(error).__name__
            raise CannotRunError(f"{self.url} does not answer as a gateway: {why}") from error

    def _opener(self) -> urllib.request.OpenerDirector:
        """What is not encrypted goes to this machine itself, by no proxy of the environment."""
        if urlsplit(self.url).scheme == "http":
            return urllib.request.build_opener(urllib.request.ProxyHandler({}))
        context = ssl.create_default_context(cafile=self.ca_file)
        return urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))


def problem_of(error: urllib.error.HTTPError) -> str:
    try:
        problem = json.loads(error.read(ANSWER_BYTES_MAX))
        return printable(f"{problem['reason']}: {problem['detail']}")
    except (ValueError, KeyError, TypeError):
        return f"the gateway answers {error.code}, without a reason"
