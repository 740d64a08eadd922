"""What the papers tell a reader to type, typed: every line in order, on the running suite."""

import re
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.papers import BLOCK, blocks, typed_at
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


PAPERS = sorted(
    str(path.relative_to(ROOT)) for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
)
HEAD = re.compile(r"^\|(?:\s*:?-+:?\s*\|)+$")


@pytest.mark.parametrize("document", PAPERS)
def test_a_table_has_rows_and_ends_before_the_next_sentence(document: str) -> None:
    """One without rows takes the line behind it for its first."""
    lines = ["", *BLOCK.sub("", (ROOT / document).read_text()).splitlines(), "", ""]
    around = list(pairwise(lines))

    empty = [after for line, after in around if HEAD.match(line) and not after.startswith("|")]
    swallowed = [
        after for line, after in around if line.startswith("|") and after[:1] not in ("", "|")
    ]

    assert (empty, swallowed) == ([], [])


@pytest.mark.parametrize("document", PAPERS)
def test_a_paper_links_to_what_is_there(document: str) -> None:
    paper = ROOT / document
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", paper.read_text())

    missing = [link for link in links if not (paper.parent / link).exists()]

    assert not missing
