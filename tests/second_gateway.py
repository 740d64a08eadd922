"""Another gateway before the services of the running suite, told otherwise in some things."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from deploy.local.child_stack import ChildStack
from deploy.local.engines import Engines
from deploy.local.processes import Child, Command, running
from deploy.local.stack import answers_http
from deploy.local.suite import Suite

READY_S = 60.0


@asynccontextmanager
async def second_gateway(
    stack: ChildStack, folder: Path, port: int, **settings: str
) -> AsyncIterator[Child]:
    """Serves at `port` inside the block, with `GATEWAY_<name>` as given; logs into `folder`."""
    panel = stack.panel
    suite = Suite(
        folder=stack.folder,
        gateway_port=panel["ports"]["gateway"],
        engines=Engines(mongo_uri=panel["mongo_uri"], redis_url=panel["redis_url"]),
    )
    command = suite.command("gateway")
    given = {**settings, "ADDRESS": f"127.0.0.1:{port}"}
    changed = {f"GATEWAY_{name}": value for name, value in given.items()}
    second = Command(name="gateway-2", argv=command.argv, env={**(command.env or {}), **changed})
    async with running(second, folder) as child:
        await child.ready(partial(answers_http, port, "/readyz"), timeout_s=READY_S)
        yield child
