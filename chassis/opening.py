"""Opens gRPC channels to other services: balanced, retried, kept alive, renewed."""

import json
from typing import TypeAlias

import grpc

from chassis import partitions
from chassis.certificates import Certificates, Identity, channel_credentials
from chassis.renewing import RenewingChannel

# Beyond the age at which servers end streams themselves, and end them cleanly.
STREAM_S_MAX = 75 * 60.0
MESSAGE_BYTES_MAX = 4 << 20

# Every method gets a timeout here, streams one that only bounds what went wrong;
# unary calls get theirs from `timeout_s`. Writes carry a request id: all may be retried.
SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [{}],
            "timeout": f"{STREAM_S_MAX}s",
            "retryPolicy": {
                "maxAttempts": 3,
                "initialBackoff": "0.05s",
                "maxBackoff": "0.5s",
                "backoffMultiplier": 2,
                # CANCELLED: what a server that stops says of calls it had not begun (grpc#41785).
                "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"],
            },
        }
    ],
    "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1},
}
Options: TypeAlias = tuple[tuple[str, str | int], ...]
OPTIONS: Options = (
    ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
    ("grpc.service_config_disable_resolution", 1),  # Ours, not one from a DNS record.
    # Who stands still is missed before a call's time is over, and called no more; its kernel
    # would take our calls for as long as it has room.
    ("grpc.keepalive_time_ms", 2_000),
    ("grpc.keepalive_timeout_ms", 2_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),  # No limit.
    # Of a ping that is on its way when the next is due, which is then not sent: else 60 s.
    ("grpc.http2.ping_timeout_ms", 2_000),
    # By default gRPC waits up to two minutes between two tries to connect, so that
    # a service which is back would stay away for its callers.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
    # Channels to one target would share connections, and so a balance made by another.
    ("grpc.use_local_subchannel_pool", 1),
)


def options_for(*, affinity: bool) -> Options:
    if not affinity:
        return OPTIONS
    partitions.unlock()
    config = {**SERVICE_CONFIG, "loadBalancingConfig": partitions.BALANCING}
    others = [option for option in OPTIONS if option[0] != "grpc.service_config"]
    return (("grpc.service_config", json.dumps(config)), *others, *partitions.OPTIONS)


def opened_channel(
    address: str, certificates: Certificates | None, options: Options
) -> grpc.aio.Channel:
    if certificates is None:
        return grpc.aio.insecure_channel(address, options=options)

    def opens(identity: Identity) -> grpc.aio.Channel:
        return grpc.aio.secure_channel(address, channel_credentials(identity), options=options)

    return RenewingChannel(opens, certificates, grace_s=STREAM_S_MAX)
