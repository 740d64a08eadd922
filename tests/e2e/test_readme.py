"""What the papers tell a reader to type, typed: every line in order, on the running suite."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from tests.suite import ROOT, Stack

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TYPED_S = 60.0


def blocks(document: str, language: str) -> str:
    """All that stands in fences of this language, in order, as one script."""
    text = (ROOT / document).read_text()
    return "\n".join(code for marked, code in BLOCK.findall(text) if marked == language)


async def typed(stack: Stack, *command: str, script: str, folder: Path) -> str:
    """What `script` prints, typed into `command` by a reader who has set URL and PANEL."""
    environment = {
        **os.environ,
        "URL": stack.url,
        "PANEL": str(stack.folder / "panel.json"),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}",
    }
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(TYPED_S):
            printed, problems = await process.communicate(script.encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, f"{printed.decode()}\n{problems.decode()}"
    return printed.decode()


async def test_the_curl_lines_order_once_and_call_it_off(stack: Stack, tmp_path: Path) -> None:
    # Written to a file: read from its input, a shell would share that with curl.
    script = tmp_path / "readme.sh"
    script.write_text(blocks("README.md", "sh"))

    printed = await typed(stack, "sh", "-eu", str(script), script="", folder=tmp_path)

    assert '"sku": "PER-1802"' in printed
    first, again = re.findall(r"^(\S+) = (\S+)$", printed, re.MULTILINE)[0]
    assert first == again
    assert printed.rstrip().endswith("cancelled")


async def test_the_till_of_the_readme_sells_one(stack: Stack, tmp_path: Path) -> None:
    script = blocks("README.md", "python")

    printed = await typed(stack, sys.executable, "-", script=script, folder=tmp_path)

    before, after = (int(number) for number in re.findall(r"(\d+) on hand", printed))
    assert after == before - 1


async def test_what_the_guide_for_other_teams_shows_holds(stack: Stack, tmp_path: Path) -> None:
    script = blocks("docs/api.md", "python")

    printed = await typed(stack, sys.executable, "-", script=script, folder=tmp_path)

    assert "stock_changed paris-bastille SCI-3002" in printed
    assert "rows at paris-bastille" in printed


@pytest.mark.parametrize(
    "document", sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md"))
)
def test_a_paper_links_to_what_is_there(document: str) -> None:
    paper = ROOT / document
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", paper.read_text())

    missing = [link for link in links if not (paper.parent / link).exists()]

    assert not missing
