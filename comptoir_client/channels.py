"""Channels to the services: spread over replicas, bounded in time, retried, kept alive."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import grpc

from comptoir_client import partitions

CALL_S_MAX = 10.0
# Beyond the age at which services end streams themselves, and end them cleanly.
STREAM_S_MAX = 75 * 60.0
MESSAGE_BYTES_MAX = 4 << 20
# A call's deadline is the shorter of its own and the one here, so streams are named.
STREAMS: Mapping[str, Sequence[str]] = {
    "comptoir.associate.v1.StaffService": ("ImportStaff",),
    "comptoir.catalog.v1.PriceService": ("ImportPrices",),
    "comptoir.catalog.v1.ProductService": ("ImportProducts",),
    "comptoir.catalog.v1.ReviewService": ("ImportReviews",),
    "comptoir.collect.v1.LockerService": ("Attach",),
    "comptoir.collect.v1.OrderService": ("WatchOrder",),
    "comptoir.collect.v1.PickingService": ("WatchQueue",),
    "comptoir.collect.v1.PointService": ("ImportPoints",),
    "comptoir.customer.v1.HistoryService": ("ImportPurchases",),
    "comptoir.customer.v1.ProfileService": ("ImportCustomers",),
    "comptoir.inventory.v1.LocationService": ("ImportLocations",),
    "comptoir.inventory.v1.PeriodService": ("ClosePeriod", "VerifyArchives"),
    "comptoir.inventory.v1.ReservationService": ("ReserveStream",),
    "comptoir.inventory.v1.StockService": ("ImportStock", "VerifyBalances", "WatchStock"),
    "comptoir.type.v1.EventService": ("WatchEvents",),
}


def service_config(*, call_s_max: float = CALL_S_MAX, affinity: bool = False) -> Mapping[str, Any]:
    """Writes carry a request id, so every call may be repeated where nobody took it."""
    retry_policy = {
        "maxAttempts": 3,
        "initialBackoff": "0.05s",
        "maxBackoff": "0.5s",
        "backoffMultiplier": 2,
        # CANCELLED: what a service that stops says of calls it had not begun (grpc#41785).
        "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"],
    }
    streams = [
        {"service": service, "method": method}
        for service, methods in STREAMS.items()
        for method in methods
    ]
    return {
        "loadBalancingConfig": partitions.BALANCING if affinity else [{"round_robin": {}}],
        "methodConfig": [
            {"name": [{}], "timeout": f"{call_s_max}s", "retryPolicy": retry_policy},
            {"name": streams, "timeout": f"{STREAM_S_MAX}s", "retryPolicy": retry_policy},
        ],
        # Where most calls fail, retries would be one load more.
        "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1},
    }


def open_channel(
    address: str,
    *,
    authority: bytes | None = None,
    call_s_max: float = CALL_S_MAX,
    affinity: bool = False,
) -> grpc.aio.Channel:
    """A channel to a service at `host:port`, inside a running loop; closed by its caller.

    With `authority`, PEM certificates, it speaks TLS to whoever these vouch for; without, it
    is plain, which is for one machine alone. Unary calls take at most `call_s_max`.
    With `affinity` calls that say a location go to one replica of inventory for each.
    """
    config = service_config(call_s_max=call_s_max, affinity=affinity)
    options = [
        ("grpc.service_config", json.dumps(config)),
        ("grpc.service_config_disable_resolution", 1),  # This one, not one of a DNS record.
        ("grpc.keepalive_time_ms", 60_000),  # Services refuse more than one a second.
        ("grpc.keepalive_timeout_ms", 10_000),
        # By default a service that is back may stay away for its callers for two minutes.
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 1_000),
        ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
    ]
    if affinity:
        partitions.unlock()
        # By default 20 s, for which calls would wait for their replica where its host is gone.
        options.append(("grpc.min_reconnect_backoff_ms", 5_000))
    target = address if "/" in address else f"dns:///{address}"
    if authority is None:
        return grpc.aio.insecure_channel(target, options=options)
    credentials = grpc.ssl_channel_credentials(authority)
    return grpc.aio.secure_channel(target, credentials, options=options)
