"""Requests that are HTTP and mean nothing, on the running suite: each has its clear answer."""

import pytest

from tests.gateway.raw import asked, framed, get, post
from tests.suite import Stack

QUOTE, CATEGORIES = b"/v1/orders/quote", b"/v1/categories"
GOOD = b'{"lines": [{"sku": "PER-1802", "quantity": 1}]}'
CHUNKED = b"Transfer-Encoding: chunked"
CLOSE = b"Connection: close"


def line(quantity: bytes, sku: bytes = b"PER-1802") -> bytes:
    return b'{"lines": [{"sku": "' + sku + b'", "quantity": ' + quantity + b"}]}"


def padded(length: int) -> bytes:
    return b" " * (length - len(GOOD)) + GOOD


REFUSED = {
    "nested lists": (post(QUOTE, b'{"lines": ' + b"[" * 10_000), 400, "INVALID_REQUEST"),
    "nested objects": (post(QUOTE, b'{"lines": {"a": ' * 4_000), 400, "INVALID_REQUEST"),
    "beyond a double": (post(QUOTE, line(b"1e400")), 400, "INVALID_REQUEST"),
    "30,000 digits": (post(QUOTE, line(b"9" * 30_000)), 400, "INVALID_REQUEST"),
    "a fraction": (post(QUOTE, line(b"1.0")), 400, "INVALID_REQUEST"),
    "no number": (post(QUOTE, line(b"NaN")), 400, "INVALID_REQUEST"),
    "minus nothing": (post(QUOTE, line(b"-0")), 400, "INVALID_LINES"),
    "half a character": (post(QUOTE, line(b"1", rb"\ud800")), 400, "INVALID_REQUEST"),
    "a zero": (post(QUOTE, line(b"1", rb"\u0000")), 400, "INVALID_LINES"),
    "Latin-1": (post(QUOTE, line(b"1", b"\xe9")), 400, "INVALID_REQUEST"),
    "UTF-16": (post(QUOTE, GOOD.decode().encode("utf-16")), 400, "INVALID_REQUEST"),
    "a byte order mark": (post(QUOTE, b"\xef\xbb\xbf" + GOOD), 400, "INVALID_REQUEST"),
    "something behind it": (post(QUOTE, GOOD + b"{}"), 400, "INVALID_REQUEST"),
    "1,500 lines": (
        post(QUOTE, b'{"lines": [' + b",".join([line(b"1")[11:-2]] * 1_000) + b"]}"),
        400,
        "INVALID_REQUEST",
    ),
    "64 KiB and one": (post(QUOTE, padded((64 << 10) + 1)), 413, "BODY_TOO_LARGE"),
    "64 KiB and more in crumbs": (
        framed(QUOTE, b"1\r\n \r\n" * 66_000 + b"0\r\n\r\n", CHUNKED, CLOSE),
        413,
        "BODY_TOO_LARGE",
    ),
    "packed": (post(QUOTE, GOOD, b"Content-Encoding: gzip"), 415, "UNSUPPORTED_MEDIA_TYPE"),
    "packed in chunks": (
        framed(QUOTE, b"2\r\n\x1f\x8b\r\n0\r\n\r\n", b"Transfer-Encoding: gzip, chunked", CLOSE),
        400,
        "INVALID_REQUEST",
    ),
    "a form": (
        post(QUOTE, b"lines=1", media_type=b"application/x-www-form-urlencoded"),
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    "an overlong path": (get(b"/v1/products/%c0%af"), 404, "UNKNOWN_SKU"),
    "half an escape": (get(b"/v1/products/%"), 404, "UNKNOWN_SKU"),
    "an escape of nothing": (get(b"/v1/products/%zz"), 404, "UNKNOWN_SKU"),
    "half a character in the path": (get(b"/v1/products/%ed%a0%80"), 404, "UNKNOWN_SKU"),
    "a thousand parameters": (
        get(b"/v1/products?" + b"&".join(b"a%d=1" % number for number in range(1_000))),
        400,
        "INVALID_REQUEST",
    ),
    "a page beyond counting": (
        get(b"/v1/products?page_size=" + b"9" * 5_000),
        400,
        "INVALID_REQUEST",
    ),
    "a place beyond a double": (get(b"/v1/locations?near=1e400,1"), 400, "INVALID_REQUEST"),
    "two credentials": (
        get(b"/v1/orders", b"Authorization: Bearer a.b.c", b"Authorization: Bearer d.e.f"),
        401,
        "UNAUTHENTICATED",
    ),
    "credentials that are no text": (
        get(b"/v1/orders", b"Authorization: Bearer \xff\xfe"),
        401,
        "UNAUTHENTICATED",
    ),
    "a cursor that is no text": (
        get(b"/v1/terminal/queue/events?location_id=a", b"Last-Event-ID: \xff"),
        401,
        "UNAUTHENTICATED",
    ),
}


@pytest.mark.parametrize(("content", "status", "reason"), REFUSED.values(), ids=REFUSED)
async def test_what_means_nothing_is_refused_with_its_reason(
    stack: Stack, content: bytes, status: int, reason: str
) -> None:
    reply = await asked(stack.url, content)

    assert (reply.status, reply.problem["reason"], reply.count) == (status, reason, 1)
    assert len(reply.body) < 2_000


ANSWERED = {
    "64 KiB": post(QUOTE, padded(64 << 10)),
    "in chunks": framed(QUOTE, b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD), CHUNKED, CLOSE),
    "a charset that nobody knows": post(
        QUOTE, GOOD, media_type=b"application/json; charset=klingon"
    ),
    "a key twice, of which the last counts": post(
        QUOTE, b'{"lines": [{"sku": "PER-1802", "quantity": 0, "quantity": 1}]}'
    ),
    "part of it": get(CATEGORIES, b"Range: bytes=0-10"),
    "a host elsewhere": get(b"http://elsewhere.example/v1/categories"),
    "a hundred headers": get(CATEGORIES, *(b"X-%d: a" % number for number in range(100))),
    "a protocol of the future": get(
        CATEGORIES, b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"
    ),
    "a body where none is due": get(CATEGORIES, b"Content-Length: 2") + b"{}",
    "a trace that is none": get(CATEGORIES, b"traceparent: 00-zz-zz-zz"),
    "many tags": get(CATEGORIES, b"If-None-Match: " + b",".join([b'"a"'] * 1_500)),
    "a search for a zero": get(b"/v1/products?q=%00"),
    "a search for what is no text": get(b"/v1/products?q=%ff%fe%ed%a0%80"),
}


@pytest.mark.parametrize("content", ANSWERED.values(), ids=ANSWERED)
async def test_what_is_odd_and_means_something_is_answered(stack: Stack, content: bytes) -> None:
    reply = await asked(stack.url, content)

    assert (reply.status, reply.count) == (200, 1), reply.content[:500]


async def test_who_asks_whether_to_go_on_is_told_so(stack: Stack) -> None:
    reply = await asked(stack.url, post(QUOTE, GOOD, b"Expect: 100-continue"))

    assert (reply.status, reply.count) == (100, 2)
    assert b"HTTP/1.1 200 OK" in reply.content
