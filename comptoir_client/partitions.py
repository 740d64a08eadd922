"""Which replica of inventory a write goes to: that at which the rows of its location are written.

Two replicas that write the same rows wait for each other. A wrong choice is slower, never wrong.
"""

import os
import zlib
from collections.abc import Mapping
from typing import Any

from comptoir_client.sessions import Metadata

PARTITIONS_COUNT = 32
KEY = "partition"
# gRPC chooses by metadata only where this is set (gRFC A76), and else fails every call.
UNLOCKED_BY = "GRPC_EXPERIMENTAL_RING_HASH_SET_REQUEST_HASH_KEY"
BALANCING: list[Mapping[str, Any]] = [
    {
        "ring_hash_experimental": {
            # As the services themselves have it: callers agree on where a partition is at home.
            "minRingSize": 1024,
            "maxRingSize": 4096,
            "requestHashHeader": KEY,
        }
    },
    {"round_robin": {}},
]


def partition_of(location_id: str) -> int:
    """CRC-32 of the id's UTF-8 bytes, modulo 32; the same for ever."""
    return zlib.crc32(location_id.encode()) % PARTITIONS_COUNT


def near(location_id: str) -> Metadata:
    """Metadata of a call that writes stock of this location, or of a stream of such calls."""
    return ((KEY, str(partition_of(location_id))),)


def unlock() -> None:
    """Before a channel is made. gRPC looks at the environment each time, also once imported."""
    if os.environ.get(UNLOCKED_BY) != "true":
        os.environ[UNLOCKED_BY] = "true"
