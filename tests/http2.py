"""HTTP/2 by hand (RFC 9113): frames that no gRPC library would send."""

import asyncio
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, CONTINUATION = 0x0, 0x1, 0x3, 0x4, 0x6, 0x7, 0x9
END_STREAM, END_HEADERS = 0x1, 0x4
CANCEL = 0x8
ANSWER_S_MAX = 60.0


def frame(kind: int, flags: int, stream_id: int, content: bytes = b"") -> bytes:
    return (
        struct.pack(">I", len(content))[1:] + struct.pack(">BBI", kind, flags, stream_id) + content
    )


def kinds_in(content: bytes) -> list[int]:
    """Of all frames, in order."""
    kinds = list[int]()
    while content:
        length = int.from_bytes(content[:3])
        kinds.append(content[3])
        content = content[9 + length :]
    return kinds


async def answer_to(address: str, content: bytes) -> bytes:
    """What comes back until the first answer has ended, or the connection."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(content)
    answer = b""
    try:
        async with asyncio.timeout(ANSWER_S_MAX):
            while not has_ended(answer) and (more := await reader.read(1 << 16)):
                answer += more
    finally:
        writer.close()
    return answer


def has_ended(content: bytes) -> bool:
    """Whether it holds the end of a stream, whole."""
    while len(content) >= 9:
        length = 9 + int.from_bytes(content[:3])
        is_end = content[3] == RESET or (content[3] in (DATA, HEADERS) and content[4] & END_STREAM)
        if is_end and len(content) >= length:
            return True
        content = content[length:]
    return False


def field(name: bytes, value: bytes) -> bytes:
    """A literal that is not indexed (RFC 7541, 6.2.2), each part below 127 bytes."""
    return b"\0" + bytes((len(name),)) + name + bytes((len(value),)) + value


def headers_of(path: bytes, *more: tuple[bytes, bytes]) -> bytes:
    fields = (
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":path", path),
        (b":authority", b"comptoir"),
        (b"te", b"trailers"),
        (b"content-type", b"application/grpc"),
        *more,
    )
    return b"".join(field(name, value) for name, value in fields)


def begun() -> bytes:
    return PREFACE + frame(SETTINGS, 0, 0)


def begun_call(stream_id: int, path: bytes, *more: tuple[bytes, bytes], flags: int = 0) -> bytes:
    """The head of one call, on a connection that was begun."""
    return frame(HEADERS, END_HEADERS | flags, stream_id, headers_of(path, *more))


def calls(path: bytes, count: int, *, then: bytes = b"") -> bytes:
    """So many calls on one connection, each with a head and no message."""
    head = headers_of(path)
    return begun() + b"".join(frame(HEADERS, END_HEADERS, 2 * n + 1, head) for n in range(count))


def call(path: bytes, *more: tuple[bytes, bytes]) -> bytes:
    """One, whole, with an empty message."""
    head = headers_of(path, *more)
    return (
        begun()
        + frame(HEADERS, END_HEADERS, 1, head)
        + frame(DATA, END_STREAM, 1, struct.pack(">BI", 0, 0))
    )


def reset_calls(path: bytes, count: int) -> bytes:
    """So many calls, each taken back at once (CVE-2023-44487)."""
    head, why = headers_of(path), struct.pack(">I", CANCEL)
    return begun() + b"".join(
        frame(HEADERS, END_HEADERS, stream_id, head) + frame(RESET, 0, stream_id, why)
        for stream_id in range(1, 2 * count, 2)
    )


def half_a_message(path: bytes) -> bytes:
    """A call that says how long its message is, and sends a part of it."""
    part = struct.pack(">BI", 0, 1_000) + b"x" * 10
    return calls(path, 1) + frame(DATA, 0, 1, part)


def headers_without_end(path: bytes, count: int) -> bytes:
    """A head that goes on and on (CONTINUATION flood, CVE-2024-27316)."""
    more = field(b"x-more", b"x" * 100) * 10
    return (
        begun()
        + frame(HEADERS, 0, 1, headers_of(path))
        + b"".join(frame(CONTINUATION, 0, 1, more) for _ in range(count))
    )
