"""What a panel offers, tried as whoever reads it would."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from tests.people import Person
from tests.suite import ROOT, Stack


def codes_of(stack: Stack) -> set[str]:
    return {stack.panel["terminal_code"], *stack.panel["cabinets"].values()}


def command_in(stack: Stack, module: str) -> str:
    """The line of the panel that runs this module."""
    return next(line.strip() for line in stack.words.splitlines() if f"-m {module} " in line)


@asynccontextmanager
async def typed(command: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A command of the panel in a shell, ended with the block."""
    process = await asyncio.create_subprocess_shell(
        f"exec env {command}",
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def finds_a_drill(stack: Stack) -> bool:
    async with aiohttp.ClientSession(stack.url) as http:
        return (await Person(http).get("/v1/products/PER-1802")).status == 200
