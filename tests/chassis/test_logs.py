"""What a log line says, and what it never says."""

import io
import logging
from typing import Any

import orjson
import pytest
import structlog

from chassis.tracing import Tracing, here


def lines(out: io.BytesIO) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("logger", ["structlog", "standard"])
def test_a_line_says_which_service_when_and_what(out: io.BytesIO, logger: str) -> None:
    if logger == "structlog":
        structlog.get_logger().warning("not ready: Timeout")
    else:
        logging.getLogger("chassis.server").warning("not ready: %s", "Timeout")

    (line,) = lines(out)
    assert (line["service"], line["level"], line["event"]) == (
        "inventory",
        "warning",
        "not ready: Timeout",
    )
    assert line["time"].endswith("Z")


@pytest.mark.parametrize("logger", ["structlog", "standard"])
def test_a_line_inside_a_trace_says_which(out: io.BytesIO, logger: str) -> None:
    with Tracing().edge("test"):
        place = here()
        say(logger, "inside")
    say(logger, "outside")

    inside, outside = lines(out)
    assert place is not None
    assert inside["trace_id"] == f"{place.trace_id:032x}"
    assert inside["span_id"] == f"{place.span_id:016x}"
    assert "trace_id" not in outside


def say(logger: str, text: str) -> None:
    which: Any = structlog.get_logger() if logger == "structlog" else logging.getLogger("test")
    which.info(text)


def test_debug_is_silent_unless_asked_for(out: io.BytesIO) -> None:
    structlog.get_logger().debug("quiet")
    logging.getLogger("test").debug("quiet")

    assert lines(out) == []


@pytest.mark.parametrize("logger", ["structlog", "standard"])
def test_an_exception_is_told_whole_but_for_its_secrets(out: io.BytesIO, logger: str) -> None:
    which: Any = structlog.get_logger() if logger == "structlog" else logging.getLogger("test")
    try:
        raise ValueError("mongodb://root:hunter2@db.internal/x refused ada@example.org")
    except ValueError:
        which.exception("unexpected error")

    (line,) = lines(out)
    assert "Traceback" in line["exception"] and "ValueError" in line["exception"]
    assert "hunter2" not in str(line) and "ada@" not in str(line)


SECRET_KEYS = [
    "token",
    "access_token",
    "accessToken",
    "PASSWORD",
    "pin",
    "client_secret",
    "Authorization",
    "email",
    "customer_emails",
    "phone",
    "name",
    "first_name",
    "pickup_code",
]


@pytest.mark.parametrize("key", SECRET_KEYS)
def test_what_its_key_calls_secret_is_redacted_at_any_depth(out: io.BytesIO, key: str) -> None:
    structlog.get_logger().info("x", **{key: "hunter2"}, nested=[{"deep": {key: ["hunter2"]}}])

    (line,) = lines(out)
    assert line[key] == "[redacted]"
    assert "hunter2" not in str(line)


@pytest.mark.parametrize(
    "text",
    [
        "authorization: Bearer abc.hunter2-x_y",
        "bearer hunter2",
        "Basic aHVudGVyMjpodW50ZXIy= hunter2".removesuffix(" hunter2"),
        "sent to hunter2@example.org twice",
        "redis://:hunter2@10.0.0.1:6379/0",
        "got eyJhbGciOiJFZERTQSJ9.hunter2.c2ln back",
    ],
)
@pytest.mark.parametrize("logger", ["structlog", "standard"])
def test_secrets_inside_text_are_redacted(out: io.BytesIO, logger: str, text: str) -> None:
    say(logger, text)

    (line,) = lines(out)
    assert "[redacted]" in line["event"]
    assert "hunter2" not in line["event"] and "aHVu" not in line["event"]


def test_what_is_no_secret_is_told(out: io.BytesIO) -> None:
    told = {"sku": "A-1", "left_count": 3, "reason": "OUT_OF_STOCK", "ok": True, "none": None}
    structlog.get_logger().info("refused", **told)

    (line,) = lines(out)
    assert told.items() <= line.items()


def test_a_value_no_json_holds_costs_no_line(
    out: io.BytesIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = logging.getLogger().handlers[:1]
    # Not the test runner's: a worker of it cannot report what is no text.
    monkeypatch.setattr(logging.getLogger(), "handlers", ours)
    structlog.get_logger().info("odd", big=2**80, odd={"a": object(), 7: b"x"}, text="\ud800")
    logging.getLogger("test").info("odd %s", "\ud800")

    assert [line["event"][:3] for line in lines(out)] == ["odd", "odd"]
