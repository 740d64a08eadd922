"""What becomes of a service whose server's own loop has ended."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from grpc._cython import cygrpc

from chassis import known_paths, server
from chassis.access import Caller


@pytest.fixture
def broken_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_: object) -> None:
        raise OSError("a fault that nobody knows of yet")

    monkeypatch.setattr(known_paths.Serving, "_refuse_the_rest", broken)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[bytes, BaseException | None]:
    """How it ended for each who asked gRPC's core for a method's next call."""
    asking = known_paths.Serving._request_registered_call
    endings: dict[bytes, BaseException | None] = {}

    async def asked(self: known_paths.Serving, method: bytes) -> Any:
        endings[method] = None
        try:
            return await asking(self, method)
        except BaseException as error:
            endings[method] = error
            raise

    monkeypatch.setattr(known_paths.Serving, "_request_registered_call", asked)
    return endings


@pytest.mark.usefixtures("broken_loop")
async def test_a_server_that_grpc_ends_by_itself_ends_the_service() -> None:
    """Else health would go on telling that it is ready, with its port closed."""
    await served_to_its_end()


@pytest.mark.usefixtures("broken_loop")
async def test_who_asked_for_a_call_keeps_what_it_is_written_into_until_the_core_has_told(
    told: dict[bytes, BaseException | None],
) -> None:
    """Else the core writes into what is somebody else's by then."""
    await served_to_its_end()
    assert {type(each) for each in told.values()} == {cygrpc._RequestCallError}


async def served_to_its_end() -> None:
    settings = server.Settings(
        address="127.0.0.1:0", health_address="127.0.0.1:0", unready_s=0.05, drain_s=5
    )
    service = server.Service(
        name="test.comptoir", descriptors=[], authenticate=nobody, resources=no_resources
    )
    with pytest.raises(server.ServingEndedError):
        async with asyncio.timeout(30):
            await server.serve(service, settings)


async def nobody(_: Mapping[str, str | bytes]) -> Caller:
    return Caller(subject="nobody", grants=frozenset())


async def well() -> None:
    return


@asynccontextmanager
async def no_resources(_: grpc.aio.Server) -> AsyncIterator[server.Check]:
    yield well
