"""What is sent as it is, from memory, packed for whoever takes that."""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from services.gateway.caching import etag_of, is_known

# Pictures are packed already.
PACKED = re.compile(r"text/|image/svg|application/(manifest\+)?json")
TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.I)


@dataclass(frozen=True, slots=True)
class Kept:
    """`packed` is empty where that would not be smaller. One tag, a weak one, is of both."""

    body: bytes
    packed: bytes
    content_type: str
    tag: str

    def response(self, request: web.Request, headers: Mapping[str, str]) -> web.Response:
        """304 to whoever has it."""
        told = {**headers, "ETag": self.tag, "Content-Type": self.content_type}
        if self.packed:
            told["Vary"] = "Accept-Encoding"
        if is_known(request, self.tag):
            return web.Response(status=304, headers=told)
        if self.packed and TAKES_GZIP.search(request.headers.get("Accept-Encoding", "")):
            told["Content-Encoding"] = "gzip"
            return web.Response(body=self.packed, headers=told)
        return web.Response(body=self.body, headers=told)


def kept(body: bytes, content_type: str) -> Kept:
    # Without the time of day: replicas send the same bytes.
    packed = gzip.compress(body, mtime=0) if PACKED.match(content_type) else b""
    smaller = packed if len(packed) < len(body) else b""
    return Kept(body, smaller, content_type, etag_of(body))
