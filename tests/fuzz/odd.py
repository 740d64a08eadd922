"""Messages that nobody means, made of the contracts: the same for a seed."""

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from tests.rights.methods import Method

# Bytes that are a message of no type.
MALFORMED = {
    "random": random.Random(1).randbytes(200),
    "cut off": b"\x0a\x7f\x01",
    "a wire type that is none": b"\x0f\x0e",
    "a number without end": b"\x08" + b"\xff" * 11,
    "nested without end": b"\x0b" * 5_000,
    "nested too deep": b"\x0b" * 5_000 + b"\x0c" * 5_000,
    "an end without beginning": b"\x0c",
}
TEXTS = (
    *("", "a", "\0", "é" * 40, "x" * 5_000, "🔨", "../..", "$where", '{"$gt": ""}', "0", "-1"),
    *("1e400", "EUR", "fr", "Europe/Paris", "%s%n", "\u202e", "a b", "12345678", "A" * 64),
    *("no-such-shop", "NO-SUCH-SKU", "anna@example.org", "2026-01-01"),
)
LONG = "🔨" * 5_000
BYTES = (b"", b"\0", b"\xff" * 32, b"\x04" + b"\x01" * 64, b"x" * 3_000)
BITS = {
    FieldDescriptor.TYPE_INT32: 32,
    FieldDescriptor.TYPE_SINT32: 32,
    FieldDescriptor.TYPE_SFIXED32: 32,
    FieldDescriptor.TYPE_INT64: 64,
    FieldDescriptor.TYPE_SINT64: 64,
    FieldDescriptor.TYPE_SFIXED64: 64,
}
FLOATS = (0.0, -0.0, 1.5, -91.0, 1e308, float("nan"), float("inf"))
DEPTH_MAX = 5


def malformed(method: Method) -> list[bytes]:
    """What is no request of it: all of the above, and text that is none in a field of text."""
    fields = (
        path
        for path in text_fields(method.descriptor.input_type)
        if len(path) == 1 and path[0].number < 16
    )
    not_utf8 = [encoded_field(field.number, b"\xff\xfe") for (field,) in fields]
    return [*MALFORMED.values(), *not_utf8[:1]]


def encoded_field(number: int, content: bytes) -> bytes:
    return bytes((number << 3 | 2, len(content))) + content


class Odd:
    """Makes messages whose fields are all of their types, and nothing else."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def request(self, method: Method) -> Message:
        message = method.request()
        self._fill(message, 0)
        return message

    def _fill(self, message: Any, depth: int) -> None:
        for field in message.DESCRIPTOR.fields:
            if self._random.random() < 0.2 or depth > DEPTH_MAX:
                continue
            if field.is_repeated:
                self._fill_list(getattr(message, field.name), field, depth)
            elif field.message_type is not None:
                getattr(message, field.name).SetInParent()
                self._fill(getattr(message, field.name), depth + 1)
            else:
                setattr(message, field.name, self._value(field))

    def _fill_list(self, values: Any, field: Any, depth: int) -> None:
        count = self._random.choice((0, 1, 2, 2, 300 if depth == 0 else 3))
        for _ in range(count):
            if field.message_type is None:
                values.append(self._value(field))
            elif field.message_type.GetOptions().map_entry:
                self._fill_entry(values, field.message_type, depth)
            else:
                self._fill(values.add(), depth + 1)

    def _fill_entry(self, values: Any, entry: Descriptor, depth: int) -> None:
        key, value = (entry.fields_by_name[name] for name in ("key", "value"))
        if value.message_type is None:
            values[self._value(key)] = self._value(value)
        else:
            self._fill(values[self._value(key)], depth + 1)

    def _value(self, field: Any) -> Any:
        if field.name == "request_id":
            return self.request_id()
        if field.type == FieldDescriptor.TYPE_STRING:
            return self._random.choice(TEXTS)
        if field.type == FieldDescriptor.TYPE_BYTES:
            return self._random.choice(BYTES)
        if field.type == FieldDescriptor.TYPE_BOOL:
            return self._random.random() < 0.5
        if field.type == FieldDescriptor.TYPE_ENUM:
            known = [value.number for value in field.enum_type.values]
            return self._random.choice([*known, 99, -1])
        if field.type in BITS:
            top = 1 << (BITS[field.type] - 1)
            return self._random.choice((0, 1, -1, 2, 1_000, top - 1, -top))
        return self._random.choice(FLOATS)

    def request_id(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def long_requests(self, method: Method) -> Iterator[Message]:
        """A request for each field of text, with far too much in it and nothing in the others."""
        for path in text_fields(method.descriptor.input_type):
            request: Any = method.request()
            if "request_id" in request.DESCRIPTOR.fields_by_name:
                request.request_id = self.request_id()
            place = request
            for field in path[:-1]:
                place = getattr(place, field.name)
                place = place.add() if field.is_repeated else place
            if path[-1].is_repeated:
                getattr(place, path[-1].name).append(LONG)
            else:
                setattr(place, path[-1].name, LONG)
            yield request


def text_fields(message: Descriptor, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for field in message.fields:
        here = (*above, field)
        if field.message_type is not None:
            if not field.message_type.GetOptions().map_entry:
                yield from text_fields(field.message_type, here)
        elif field.type == FieldDescriptor.TYPE_STRING and field.name != "request_id":
            yield here
