"""What stands before several gateways: connections go to one that takes them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from deploy.local.balancer import LOOK_S, balancing
from deploy.local.ports import HOST
from tests.suite import free_ports
from tests.waiting import until

BOUND_S = 60.0


@asynccontextmanager
async def echo(name: str) -> AsyncIterator[int]:
    """Says its name before each line that it gives back."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(f"{name} ".encode() + line)
        writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def said(port: int, line: str) -> str:
    """The answer to a line on a connection of its own; empty where nobody takes it."""
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(f"{line}\n".encode())
        writer.write_eof()
        return (await reader.read()).decode().strip()
    except ConnectionError:
        return ""
    finally:
        writer.close()


async def test_connections_go_in_turn_to_those_that_are_ready() -> None:
    ready: set[int] = set()

    async def is_ready(port: int) -> bool:
        return port in ready

    async with AsyncExitStack() as stack:
        one, two = [await stack.enter_async_context(echo(name)) for name in ("one", "two")]
        port = free_ports()
        await stack.enter_async_context(balancing(port, [one, two], is_ready, wait_s=LOOK_S))
        assert await said(port, "hello") == ""

        ready.update((one, two))
        seen: set[str] = set()

        async def both_answer() -> bool:
            seen.add(await said(port, "hello"))
            return {"one hello", "two hello"} <= seen

        await until(both_answer)

        ready.discard(one)

        async def only_the_other() -> bool:
            return {await said(port, "hello") for _ in range(4)} == {"two hello"}

        await until(only_the_other)


async def test_who_comes_while_none_is_ready_waits_for_one() -> None:
    is_up = asyncio.Event()

    async def is_ready(port: int) -> bool:
        return is_up.is_set()

    async with echo("one") as one:
        port = free_ports()
        async with balancing(port, [one], is_ready, wait_s=BOUND_S), asyncio.timeout(BOUND_S):
            waiting = asyncio.create_task(said(port, "hello"))
            await asyncio.wait([waiting], timeout=2 * LOOK_S)
            assert not waiting.done()
            is_up.set()
            assert await waiting == "one hello"


async def test_who_still_waits_at_its_end_is_cut() -> None:
    async def is_ready(port: int) -> bool:
        return False

    port = free_ports()
    async with asyncio.timeout(BOUND_S):
        async with balancing(port, [free_ports()], is_ready, wait_s=BOUND_S):
            waiting = asyncio.create_task(said(port, "hello"))
            await asyncio.wait([waiting], timeout=LOOK_S)
        assert await waiting == ""


async def test_one_that_is_gone_before_it_is_missed_is_passed_over() -> None:
    async def is_ready(port: int) -> bool:
        return True

    async with echo("two") as two:
        async with echo("one") as gone:
            pass
        port = free_ports()
        async with balancing(port, [gone, two], is_ready):

            async def answers() -> bool:
                return await said(port, "hello") == "two hello"

            await until(answers)
            assert {await said(port, "hello") for _ in range(4)} == {"two hello"}
