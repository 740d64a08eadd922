"""The running suite, and a door to it of our own."""

from collections.abc import AsyncIterator

import pytest

from tests.fuzz.callers import Door, opened_door
from tests.rights.callers import Issuers, issuers_of
from tests.suite import Stack


@pytest.fixture(scope="session")
async def issuers(stack: Stack) -> AsyncIterator[Issuers]:
    async with issuers_of(stack) as opened:
        yield opened


@pytest.fixture(scope="module")
async def door(
    stack: Stack, issuers: Issuers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Door]:
    async with opened_door(stack, issuers, tmp_path_factory.mktemp("door")) as opened:
        yield opened
