"""What a page's service worker is told to keep."""

import base64
import hashlib
import json
import shutil
from pathlib import Path

import pytest

from services.gateway.pages import WEB
from services.gateway.shell import shell_of
from tests.gateway.house import House


@pytest.mark.parametrize("page", ["app", "terminal"])
async def test_each_file_of_the_shell_is_served_as_its_hash_says(house: House, page: str) -> None:
    worker = await house.get(f"/{page}/worker.js")
    told, script = worker.body.decode().removeprefix("self.SHELL = ").split(";\n", 1)
    shell = json.loads(told)

    assert worker.headers["Service-Worker-Allowed"] == shell["page"] == f"/{page}"
    assert script == 'importScripts("/shared/worker.js");\n'
    assert {f"/{page}", f"/made/{page}.js", "/made/look.js", "/icons/icon-192.png"} <= {
        path for path, _ in shell["files"]
    }
    for path, integrity in shell["files"]:
        served = (await house.get(path)).body
        assert integrity == f"sha256-{base64.b64encode(hashlib.sha256(served).digest()).decode()}"


@pytest.mark.parametrize("file", ["made/app.js", "shared/tokens.css", "shared/worker.js"])
def test_any_file_that_changes_makes_another_release(tmp_path: Path, file: str) -> None:
    web = shutil.copytree(WEB, tmp_path / "web")
    before = shell_of("app", web=web, pictures=None)
    (web / file).write_text((web / file).read_text() + " ")

    assert shell_of("app", web=web, pictures=None).version != before.version


def test_a_page_keeps_nothing_of_the_other(tmp_path: Path) -> None:
    kept = [path for path, _ in shell_of("app", web=WEB, pictures=tmp_path).files]

    others = ("/terminal", "/made/terminal", "/pictures")
    assert kept and not [path for path in kept if path.startswith(others)]
