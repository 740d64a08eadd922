"""Answers that are encoded already: kept so by whoever gives the same ones again and again."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

from comptoir.type.v1.encoded_pb2 import EncodedList
from google.protobuf.message import Message

M = TypeVar("M", bound=Message)


def encoded_as(message: type[M], items: Iterable[bytes], rest: M | None = None) -> M:
    """What a handler returns for a `message` whose first field is a list of encoded `items`.

    Bytes, which go out as they are; typed as what they are when they arrive. `rest` holds its
    other fields: two encoded messages behind each other are one with the fields of both.
    """
    content = EncodedList(items=items).SerializeToString()
    return cast(M, content if rest is None else content + rest.SerializeToString())


class Serializer:
    """Encodes answers, and lets through what is encoded."""

    def __init__(self, serialize: Callable[[Any], bytes]) -> None:
        self._serialize = serialize

    def __call__(self, answer: Any) -> bytes:
        return answer if isinstance(answer, bytes) else self._serialize(answer)


def serializer_over(serialize: Callable[[Any], bytes] | None) -> Serializer | None:
    """None is gRPC's word for a method that answers with bytes anyway."""
    if serialize is None or isinstance(serialize, Serializer):
        return serialize
    return Serializer(serialize)
