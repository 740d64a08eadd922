"""The whole suite on this machine: `make run`. Engines, six services, the demo chain.

Stops services first, then engines, on Ctrl-C, on SIGTERM and when its terminal closes.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from deploy.local import engines, panel, ports
from deploy.local.balancer import balancing
from deploy.local.demo.load import loaded, nobody
from deploy.local.errors import LocalError
from deploy.local.forking import Forker, forking
from deploy.local.keeping import Keeper, keeping
from deploy.local.processes import Child, Start, spawned
from deploy.local.suite import (
    MONGO_DRIVERS,
    REPLICAS_MAX,
    ROOT,
    SERVICES,
    Replica,
    Suite,
    module_of,
)
from deploy.local.whole import until_whole

PORT_DEFAULT = 8080
DEMOS = ("fargue", "none")
HEALTH_S = 1.0
READY_S_MAX = 60.0  # Some 4 s each where nothing else runs; all six start at once.
STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class PortTakenError(LocalError):
    """Somebody else listens where the suite would."""


def main() -> int:
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("stack").setLevel(logging.INFO)
    try:
        return asyncio.run(run())
    except LocalError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


async def run() -> int:
    stopping = asyncio.Event()
    for signum in STOPPING:
        asyncio.get_running_loop().add_signal_handler(signum, stopping.set)
    work = asyncio.create_task(until_cancelled())
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
    # Once, and nothing else ends it: cancelled while it stops its children, it kills them.
    work.cancel()
    stop.cancel()
    with suppress(asyncio.CancelledError):
        await work
    return 0


async def until_cancelled() -> None:
    async with running(folder_from_env(), port_from_env()) as (_, words):
        print(words, flush=True)
        await asyncio.Event().wait()


@asynccontextmanager
async def running(folder: Path, port: int) -> AsyncIterator[tuple[Suite, str]]:
    """The suite, ready, with the demo chain in it if that is wanted; and what to tell people.

    Raises LocalError, in words for whoever started it.
    """
    mongo_uri = os.environ.get("COMPTOIR_MONGO_URI", "")
    redis_url = os.environ.get("COMPTOIR_REDIS_URL", "")
    driver, replicas_count = driver_from_env(), replicas_from_env()
    async with (
        forking(*map(module_of, SERVICES)) as forker,
        engines.running(folder, mongo_uri=mongo_uri, redis_url=redis_url) as started,
    ):
        suite = Suite(
            folder=folder,
            gateway_port=port,
            engines=started,
            replicas_count=replicas_count,
            mongo_driver=driver,
            otlp_endpoint=os.environ.get("COMPTOIR_OTLP_ENDPOINT", ""),
        )
        check_ports(suite)
        async with fronted(suite), keeping(*keepers(suite, forker)):
            accounts = await loaded(suite) if has_demo() else nobody(suite)
            await until_whole(suite)
            file = panel.write(suite, accounts)
            yield suite, panel.text(suite, accounts, file)


@asynccontextmanager
async def fronted(suite: Suite) -> AsyncIterator[None]:
    """With one port before the gateways, where there are several."""
    async with AsyncExitStack() as stack:
        backends = [suite.port(r.service, r.number) for r in suite.replicas if is_gateway(r)]
        if len(backends) > 1:
            is_ready = partial(answers_http, path="/readyz")
            await stack.enter_async_context(balancing(suite.gateway_port, backends, is_ready))
        yield


def keepers(suite: Suite, forker: Forker) -> list[Keeper]:
    """What is started again is started anew, with the code as it is then."""
    return [keeper(suite, replica, start=forker.start) for replica in suite.replicas]


def keeper(suite: Suite, replica: Replica, *, start: Start = spawned) -> Keeper:
    command = suite.command(replica.service, replica.number)
    return Keeper(command, suite.folder, partial(until_ready, suite, replica), start=start)


def check_ports(suite: Suite) -> None:
    """Raises PortTakenError for the first port that is not free."""
    for name, port in suite.ports().items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise PortTakenError(
                    f"port {port} ({name}) is taken: stop what listens there, "
                    f"or choose another first port, e.g. COMPTOIR_PORT={suite.gateway_port + 100}"
                ) from None


async def until_ready(suite: Suite, replica: Replica, child: Child) -> None:
    """Raises ProcessError."""
    await child.ready(partial(is_ready, suite, replica), timeout_s=READY_S_MAX)


async def is_ready(suite: Suite, replica: Replica) -> bool:
    if is_gateway(replica):
        return await answers_http(suite.port(replica.service, replica.number), "/readyz")
    # A refused connection costs a hundredth of what a channel does, and we ask often.
    address = suite.health_address(replica.service, replica.number)
    if not await ports.answers(int(address.rpartition(":")[2])):
        return False
    async with grpc.aio.insecure_channel(address) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)  # Its types know no async methods.
        try:
            answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=HEALTH_S)
        except grpc.aio.AioRpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def is_gateway(replica: Replica) -> bool:
    return replica.service == "gateway"


async def answers_http(port: int, path: str) -> bool:
    """Whether a GET there is answered with 200. Small enough not to want a client."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
        async with asyncio.timeout(HEALTH_S):
            return b" 200 " in await reader.readline()
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()


def folder_from_env() -> Path:
    return Path(os.environ.get("COMPTOIR_FOLDER", ROOT / ".comptoir"))


def has_demo() -> bool:
    """Raises LocalError unless COMPTOIR_DEMO names a chain that there is, or none."""
    demo = os.environ.get("COMPTOIR_DEMO", DEMOS[0])
    if demo not in DEMOS:
        raise LocalError(f"COMPTOIR_DEMO must be {' or '.join(DEMOS)}, not {demo!r}")
    return demo == DEMOS[0]


def driver_from_env() -> str:
    """Raises LocalError unless COMPTOIR_MONGO_DRIVER is a driver that services know."""
    driver = os.environ.get("COMPTOIR_MONGO_DRIVER", MONGO_DRIVERS[0])
    if driver not in MONGO_DRIVERS:
        known = " or ".join(MONGO_DRIVERS)
        raise LocalError(f"COMPTOIR_MONGO_DRIVER must be {known}, not {driver!r}")
    return driver


def replicas_from_env() -> int:
    """Raises LocalError unless COMPTOIR_REPLICAS is a number that we have ports for."""
    text = os.environ.get("COMPTOIR_REPLICAS", "1")
    if not text.isdecimal() or not 1 <= int(text) <= REPLICAS_MAX:
        raise LocalError(f"COMPTOIR_REPLICAS must be a number from 1 to {REPLICAS_MAX}")
    return int(text)


def port_from_env() -> int:
    """Raises LocalError unless COMPTOIR_PORT is a port with room above it."""
    text = os.environ.get("COMPTOIR_PORT", str(PORT_DEFAULT))
    if not text.isdecimal() or not 1024 <= int(text) <= 65_000:
        raise LocalError(f"COMPTOIR_PORT must be a port from 1024 to 65000, not {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
