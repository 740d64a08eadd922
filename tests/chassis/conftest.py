"""What a service has logged."""

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from chassis import logs


@pytest.fixture
def out() -> Iterator[io.BytesIO]:
    """Where the lines of this process go, as those of a service would."""
    stream = io.BytesIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()  # Or configuring closes those of the test runner.
    logs.configure("inventory", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
