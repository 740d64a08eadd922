"""Logs as JSON lines on stdout, with trace ids and without secrets or persons."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, BinaryIO

import orjson
import structlog
from grpc._cython import cygrpc

from chassis import tracing

REDACTED = "[redacted]"
DEPTH_MAX = 6

# Words of a key that make its value nobody's business: `customer_email`, `accessToken`.
SECRET_WORDS = frozenset(
    "token password pin secret authorization credential email phone name code key cookie".split()
)
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")

SECRET_TEXTS = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), rf"\1 {REDACTED}"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), REDACTED),  # A JWT, wherever it stands.
    (re.compile(r"(\w://)[^\s/@]+@"), rf"\1{REDACTED}@"),  # The credentials of a URL.
    (re.compile(r"[\w.+%-]+@[\w-]+\.[\w.-]*\w"), REDACTED),
)

GRPC = "grpc._cython.cygrpc"
# The core could not send, since whoever called has gone. Words other than these in an
# ExecuteBatchError say that a batch was wrong, which is our doing.
CALLER_GONE = 'Failed "execute_batch": '

EventDict = MutableMapping[str, Any]


def configure(service: str, *, level: str = "INFO", stream: BinaryIO | None = None) -> None:
    """Send what structlog and the standard library log to `stream`, stdout by default."""
    out = sys.stdout.buffer if stream is None else stream

    def described(_: Any, __: str, event: EventDict) -> EventDict:
        return {"service": service, **event, **trace_ids()}

    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        described,
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=encode)],
        wrapper_class=structlog.make_filtering_bound_logger(level.lower()),
        logger_factory=structlog.BytesLoggerFactory(out),
    )
    handler = BytesHandler(shared, out)
    handler.addFilter(is_worth_a_line)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


class BytesHandler(logging.Handler):
    """Sends records of the standard library the way of structlog's."""

    def __init__(self, processors: list[Any], out: BinaryIO) -> None:
        super().__init__()
        self._processors = processors
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        try:
            event: EventDict = {"event": record.getMessage(), "logger": record.name}
            if record.exc_info:
                event["exc_info"] = record.exc_info
            for process in self._processors:
                event = process(None, record.levelname.lower(), event)
            self._out.write(encode(event) + b"\n")
            self._out.flush()
        except Exception:
            self.handleError(record)  # A log line is never a reason to fail.


def is_worth_a_line(record: logging.LogRecord) -> bool:
    """Whether it is more than a caller's doing, which gRPC tells as an error of ours.

    Of metadata that is not UTF-8 it writes the value, whosever secret that is, and takes it for
    Latin-1. A call that is left before its answer is out is one of those that it hides as soon
    as it knows (`_handle_exceptions` of server.pyx.pxi, grpc#32551), and now and then it does
    not know yet. Anybody could fill the log with either.
    """
    if record.name != GRPC:
        return True
    if str(record.msg).startswith("Invalid encoding on "):
        return False
    error = record.exc_info[1] if record.exc_info else None
    return not (isinstance(error, cygrpc.ExecuteBatchError) and str(error).startswith(CALLER_GONE))


def trace_ids() -> dict[str, str]:
    place = tracing.here()
    if place is None:
        return {}
    return {"trace_id": f"{place.trace_id:032x}", "span_id": f"{place.span_id:016x}"}


def redact(_: Any, __: str, event: EventDict) -> EventDict:
    """Replace what the key says is secret, and what looks like it in any text."""
    return {key: redacted(key, value) for key, value in event.items()}


def redacted(key: str, value: Any, depth: int = 0) -> Any:
    if depth >= DEPTH_MAX or is_secret(key):
        return REDACTED
    if isinstance(value, Mapping):
        return {str(k): redacted(str(k), v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted("", item, depth + 1) for item in value]
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):  # JSON here holds 64 bits.
        return value if -(1 << 63) <= value < 1 << 63 else str(value)
    return redacted_text(str(value))


def is_secret(key: str) -> bool:
    return any(word.lower().removesuffix("s") in SECRET_WORDS for word in WORD.findall(key))


def redacted_text(text: str) -> str:
    for pattern, replacement in SECRET_TEXTS:
        text = pattern.sub(replacement, text)
    # Half a character, as broken input leaves it, is no JSON.
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()


def encode(event: Any, **_: Any) -> bytes:
    return orjson.dumps(event, default=str)
