"""Partitions of what is written, and how a caller finds the replica that a partition is at home at.

Who writes the same rows through two replicas makes them wait for each other and begin anew; a
replica writes together what comes to it alone. A wrong choice is slower, and never wrong.
"""

import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

PARTITIONS_COUNT = 32
KEY = "partition"  # Of the metadata that says which one a call is about.

# Places of each replica on the ring; gRPC takes no more than 4,096 of all together.
RING_SIZE_MIN, RING_SIZE_MAX = 1024, 4096
# gRPC reads `requestHashHeader` only under this name (gRFC A76). Without it the policy asks xDS,
# and fails every call because nobody answers.
UNLOCKED_BY = "GRPC_EXPERIMENTAL_RING_HASH_SET_REQUEST_HASH_KEY"

BALANCING: list[Mapping[str, Any]] = [
    {
        "ring_hash_experimental": {
            "minRingSize": RING_SIZE_MIN,
            "maxRingSize": RING_SIZE_MAX,
            "requestHashHeader": KEY,
        }
    },
    {"round_robin": {}},  # For a gRPC that has no ring: slower, and not wrong.
]
OPTIONS = (
    # A call waits while its own replica is being connected to. One that stands still takes the
    # connection and says nothing, and its partitions would wait until the keepalive gives it up
    # once more, or for gRPC's 20 s.
    ("grpc.min_reconnect_backoff_ms", 1_000),
)

_partition: ContextVar[int | None] = ContextVar("partition", default=None)


def partition_of(place: str) -> int:
    """Of what is written at `place`, e.g. a location's id: the same in every release and language.

    CRC-32 (ISO 3309, as in zip) of its UTF-8 bytes, modulo 32.
    """
    return zlib.crc32(place.encode()) % PARTITIONS_COUNT


@contextmanager
def near(place: str) -> Iterator[None]:
    """Calls inside, over a channel with affinity, go to the replica where `place` is at home.

    A call about several places is one of the first's.
    """
    token = _partition.set(partition_of(place))
    try:
        yield
    finally:
        _partition.reset(token)


def metadata_here() -> list[tuple[str, str]]:
    """What a call made here says of its partition; nothing where that is not known."""
    partition = _partition.get()
    return [] if partition is None else [(KEY, str(partition))]


def unlock() -> None:
    """Let gRPC read which metadata to choose by; before a channel is made, whoever said what.

    It looks at the process's environment each time, also once it is imported.
    """
    if os.environ.get(UNLOCKED_BY) != "true":
        os.environ[UNLOCKED_BY] = "true"
