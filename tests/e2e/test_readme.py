"""What the papers tell a reader to type, typed: every line in order, on the running suite."""

import re
import sys
from pathlib import Path

import pytest

from tests.papers import blocks, typed_at
from tests.suite import ROOT, Stack


async def test_the_curl_lines_order_once_and_call_it_off(stack: Stack, tmp_path: Path) -> None:
    # Written to a file: read from its input, a shell would share that with curl.
    script = tmp_path / "readme.sh"
    script.write_text(blocks("README.md", "sh"))

    printed = await typed_at(stack, "sh", "-eu", str(script), script="", folder=tmp_path)

    assert '"sku": "PER-1802"' in printed
    first, again = re.findall(r"^(\S+) = (\S+)$", printed, re.MULTILINE)[0]
    assert first == again
    assert printed.rstrip().endswith("cancelled")


async def test_the_till_of_the_readme_sells_one(stack: Stack, tmp_path: Path) -> None:
    script = blocks("README.md", "python")

    printed = await typed_at(stack, sys.executable, "-", script=script, folder=tmp_path)

    before, after = (int(number) for number in re.findall(r"(\d+) on hand", printed))
    assert after == before - 1


async def test_what_the_guide_for_other_teams_shows_holds(stack: Stack, tmp_path: Path) -> None:
    script = blocks("docs/api.md", "python")

    printed = await typed_at(stack, sys.executable, "-", script=script, folder=tmp_path)

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
