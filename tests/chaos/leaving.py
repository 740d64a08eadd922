"""What a run under faults leaves behind: its logs in a folder if asked to, and an exit code."""

import asyncio
import logging
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from deploy.local.errors import LocalError


def exit_code(
    run: Callable[[Path], Coroutine[Any, Any, int]], folder: Path | None, *, name: str
) -> int:
    """What `run` in the folder comes to, or in one that goes with it."""
    logging.basicConfig(level=logging.ERROR, format="%(name)s: %(message)s", stream=sys.stderr)
    with tempfile.TemporaryDirectory(prefix=f"comptoir-{name}-") as temporary:
        try:
            return asyncio.run(run(folder or Path(temporary)))
        except LocalError as error:
            print(f"\n{error}", file=sys.stderr)
            return 1
