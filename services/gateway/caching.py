"""What HTTP caches are told: validators, and for how long an answer holds."""

import hashlib
from datetime import datetime

from aiohttp import web

ETAG_BYTES = 12


def etag_of(body: bytes) -> str:
    """Weak: it names what is said, which is not always written with the same bytes."""
    return f'W/"{hashlib.blake2b(body, digest_size=ETAG_BYTES).hexdigest()}"'


def is_known(request: web.Request, etag: str) -> bool:
    """Whether If-None-Match says that the caller has it (RFC 9110, 13.1.2)."""
    header = request.headers.get("If-None-Match")
    if header is None:
        return False
    known = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in known or etag.removeprefix("W/") in known


def cache_control(public_s: int | None, *, valid_until: datetime | None, now: datetime) -> str:
    """`public_s` is None for what only its caller may see. Never beyond `valid_until`."""
    if public_s is None:
        return "no-store"
    if valid_until is not None:
        public_s = min(public_s, int((valid_until - now).total_seconds()))
    # Kept all the same, but asked for each time: an ETag makes that cheap.
    return f"public, max-age={public_s}" if public_s > 0 else "public, no-cache"


def wants_fresh(request: web.Request) -> bool:
    """Whether the caller will have nothing that was kept, e.g. to read what it has just written."""
    return "no-cache" in request.headers.get("Cache-Control", "")
