"""Ids of writes: one for each intent, kept across retries, so that it happens once."""

import json
import secrets
import time
from uuid import NAMESPACE_URL, UUID, uuid5

VERSION_7, VARIANT = 7 << 76, 2 << 62


def new_request_id() -> str:
    """A new one, to be kept with what it is for before that is sent.

    A UUID of version 7 (RFC 9562): it tells its age, so that a service can refuse one older
    than it keeps answers instead of doing it twice; and ids sort as they were made.
    """
    made_ms = time.time_ns() // 1_000_000
    number = made_ms << 80 | VERSION_7 | secrets.randbits(12) << 64 | VARIANT
    return str(UUID(int=number | secrets.randbits(62)))


def request_id_of(*names: str) -> str:
    """The same for the same names, in every process and for ever: e.g. of shop and receipt.

    It tells no age: repeated after 30 days, a write happens again, unless it moved units or made
    a reservation, a count or a transfer. Such a one is refused.
    """
    return str(uuid5(NAMESPACE_URL, json.dumps(["comptoir", *names])))
