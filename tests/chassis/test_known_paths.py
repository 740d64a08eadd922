"""What becomes of a service whose server's own loop has ended."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import grpc
import pytest

from chassis import known_paths, server
from chassis.access import Caller


async def test_a_server_that_grpc_ends_by_itself_ends_the_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else health would go on telling that it is ready, with its port closed."""

    async def broken(_: object) -> None:
        raise OSError("a fault that nobody knows of yet")

    monkeypatch.setattr(known_paths.Serving, "_refuse_the_rest", broken)
    settings = server.Settings(
        address="127.0.0.1:0", health_address="127.0.0.1:0", unready_s=0.05, drain_s=5
    )
    with pytest.raises(server.ServingEndedError):
        async with asyncio.timeout(30):
            await server.serve(SERVICE, settings)


async def nobody(_: Mapping[str, str | bytes]) -> Caller:
    return Caller(subject="nobody", grants=frozenset())


async def well() -> None:
    return


@asynccontextmanager
async def no_resources(_: grpc.aio.Server) -> AsyncIterator[server.Check]:
    yield well


SERVICE = server.Service(
    name="test.comptoir", descriptors=[], authenticate=nobody, resources=no_resources
)
