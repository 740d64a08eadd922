"""A channel that shows its newest certificate, which a channel of gRPC cannot.

Python's gRPC takes a client's certificate once, when the channel is made (grpc#41779, open;
grpc#41124, closed); only its servers ask again. So a new channel takes the place of the old
one when the files have changed, and the old one ends with the last of its calls.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import grpc

from chassis.certificates import Certificates, Identity

# The kubelet takes a minute to bring new files; looking more often would find nothing sooner.
LOOK_S = 60.0

Open = Callable[[Identity], grpc.aio.Channel]


class RenewingChannel(grpc.aio.Channel):
    """What `opens` makes of the certificate there is; calls of the old one get `grace_s`."""

    def __init__(
        self,
        opens: Open,
        certificates: Certificates,
        *,
        grace_s: float,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._opens = opens
        self._certificates = certificates
        self._grace_s = grace_s
        self._monotonic_s = monotonic_s
        self._shown = certificates.read()
        self._looked_s = monotonic_s()
        self._opened = opens(self._shown)
        self._ending: dict[grpc.aio.Channel, asyncio.Task[None]] = {}

    def current(self) -> grpc.aio.Channel:
        if self._monotonic_s() - self._looked_s >= LOOK_S:
            self._looked_s = self._monotonic_s()
            found = self._certificates.read_again(self._shown)
            if found != self._shown:
                self._replace(found)
        return self._opened

    def _replace(self, found: Identity) -> None:
        old, self._shown, self._opened = self._opened, found, self._opens(found)
        self._ending[old] = asyncio.create_task(self._end(old))

    async def _end(self, old: grpc.aio.Channel) -> None:
        await old.close(self._grace_s)
        del self._ending[old]

    def unary_unary(self, *args: Any, **kwargs: Any) -> Any:
        return Method(self, lambda channel: channel.unary_unary(*args, **kwargs))

    def unary_stream(self, *args: Any, **kwargs: Any) -> Any:
        return Method(self, lambda channel: channel.unary_stream(*args, **kwargs))

    def stream_unary(self, *args: Any, **kwargs: Any) -> Any:
        return Method(self, lambda channel: channel.stream_unary(*args, **kwargs))

    def stream_stream(self, *args: Any, **kwargs: Any) -> Any:
        return Method(self, lambda channel: channel.stream_stream(*args, **kwargs))

    async def __aenter__(self) -> "RenewingChannel":
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.close()

    async def close(self, grace: float | None = None) -> None:
        ending = dict(self._ending)
        for task in ending.values():
            task.cancel()
        await asyncio.gather(*ending.values(), return_exceptions=True)
        for channel in (*ending, self._opened):
            await channel.close(grace)

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        return self.current().get_state(try_to_connect)

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        await self._opened.wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        await self.current().channel_ready()


class Method:
    """One method, on whichever channel is the current one."""

    def __init__(self, channel: RenewingChannel, make: Callable[[grpc.aio.Channel], Any]) -> None:
        self._channel = channel
        self._make = make
        self._of = channel.current()
        self._made = make(self._of)

    def __call__(self, *args: Any, **options: Any) -> Any:
        current = self._channel.current()
        if current is not self._of:
            self._of, self._made = current, self._make(current)
        return self._made(*args, **options)
