"""The codes that prove at the counter who may collect an order. Pure; the keys are given.

The 8 digits are an HMAC of order and time window (as in RFC 6238), the QR text the same
statement under collect's Ed25519 key, so that a terminal without a line can check it.
Neither is kept.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

WINDOW = timedelta(minutes=5)
DIGITS_COUNT = 8
QR_PREFIX = "comptoir-order"

# Signs a text; says whether a signature is of a text.
Sign: TypeAlias = Callable[[bytes], bytes]
Verify: TypeAlias = Callable[[bytes, bytes], bool]


def window_of(now: datetime) -> int:
    return int(now.timestamp() // WINDOW.total_seconds())


def valid_until(now: datetime) -> datetime:
    """When the code shown now gives way to the next; it is taken for one window more."""
    return datetime.fromtimestamp((window_of(now) + 1) * WINDOW.total_seconds(), UTC)


def digits(key: bytes, order_id: str, window: int) -> str:
    """8 decimal digits, dynamically truncated as RFC 4226, 5.3 says."""
    mac = hmac.digest(key, f"{order_id} {window}".encode(), hashlib.sha256)
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4]) & 0x7FFFFFFF
    return f"{number % 10**DIGITS_COUNT:0{DIGITS_COUNT}d}"


def qr_text(sign: Sign, order_id: str, window: int) -> str:
    statement = f"{QR_PREFIX} {order_id} {window}"
    signature = base64.urlsafe_b64encode(sign(statement.encode())).decode()
    return f"{statement} {signature}"


def opens(code: str, *, order_id: str, now: datetime, key: bytes, verify: Verify) -> bool:
    """Whether `code`, digits or QR text, is the order's in this window or the one before."""
    current = window_of(now)
    windows = (current, current - 1)
    if code.startswith(QR_PREFIX):
        return any(signed_for(code, order_id, window, verify) for window in windows)
    given = "".join(code.split()).encode()
    return any(hmac.compare_digest(given, digits(key, order_id, w).encode()) for w in windows)


def signed_for(code: str, order_id: str, window: int, verify: Verify) -> bool:
    statement = f"{QR_PREFIX} {order_id} {window}"
    if not code.startswith(statement + " "):
        return False
    try:
        signature = base64.b64decode(code[len(statement) + 1 :], altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    return verify(statement.encode(), signature)
