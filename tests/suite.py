"""The suite as tests start it: on the engines that are given to tests, where some are."""

import os
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from deploy.local import child_stack
from deploy.local.child_stack import ChildStack as Stack
from deploy.local.child_stack import claimed_ports, free_ports, is_free
from deploy.local.suite import ROOT

__all__ = [
    "ROOT",
    "Stack",
    "claimed_ports",
    "free_ports",
    "is_free",
    "launched",
    "started",
    "started_empty",
]


def started(folder: Path, *, otlp_endpoint: str = "") -> AbstractAsyncContextManager[Stack]:
    """The suite, ready, inside the block; stopped with it. Raises NotStartedError."""
    mongo_uri, redis_url = given_engines()
    return child_stack.started(
        folder, mongo_uri=mongo_uri, redis_url=redis_url, otlp_endpoint=otlp_endpoint
    )


def started_empty(folder: Path) -> AbstractAsyncContextManager[Stack]:
    """The same with nothing in it, and so on engines of its own."""
    return child_stack.started(folder, demo="none")


def launched(
    folder: Path, *, port: int = 0, mongo_uri: str = "", redis_url: str = ""
) -> AbstractAsyncContextManager[Stack]:
    """The suite from its very start on; nothing of it is left after the block."""
    mongo_given, redis_given = given_engines()
    return child_stack.launched(
        folder, port=port, mongo_uri=mongo_uri or mongo_given, redis_url=redis_url or redis_given
    )


def given_engines() -> tuple[str, str]:
    """MongoDB's and Redis' address; empty where the suite is to start its own."""
    given = os.environ.get
    return given("COMPTOIR_TEST_MONGO_URI", ""), given("COMPTOIR_TEST_REDIS_URL", "")
