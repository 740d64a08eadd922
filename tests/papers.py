"""What papers tell a reader to type, and typing it."""

import asyncio
import os
import re
from collections.abc import Mapping
from pathlib import Path

from tests.suite import ROOT, Stack

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TYPED_S = 60.0


def blocks(document: str, language: str) -> str:
    """All that stands in fences of this language, in order, as one script."""
    text = (ROOT / document).read_text()
    return "\n".join(code for marked, code in BLOCK.findall(text) if marked == language)


async def typed(
    *command: str, script: str, folder: Path, environment: Mapping[str, str], within_s: float
) -> str:
    """What `script` prints, typed into `command` by a reader who has set `environment`."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(within_s):
            printed, problems = await process.communicate(script.encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, f"{printed.decode()}\n{problems.decode()}"
    return printed.decode()


async def typed_at(stack: Stack, *command: str, script: str, folder: Path) -> str:
    """As somebody who has set URL and PANEL types it."""
    environment = {
        "URL": stack.url,
        "PANEL": str(stack.folder / "panel.json"),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}",
    }
    return await typed(
        *command, script=script, folder=folder, environment=environment, within_s=TYPED_S
    )
