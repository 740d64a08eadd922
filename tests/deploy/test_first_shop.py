"""The first day of a retailer: docs/first-shop.md, typed line by line at a suite that is empty."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clients.known import ADDRESSES, AUTHORITY, SECRETS
from deploy.local.suite import BOOTSTRAP_CLIENT
from tests.papers import blocks, typed
from tests.suite import ROOT, Stack, started_empty

PAGE = "docs/first-shop.md"
DAY_S = 200.0


@pytest.fixture
async def empty(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    async with started_empty(tmp_path_factory.mktemp("empty")) as running:
        yield running


@pytest.fixture
def laptop(empty: Stack, tmp_path: Path) -> dict[str, str]:
    """What is set, and which secret lies there, when the page's first lines are done."""
    secrets = tmp_path / "secrets"
    secrets.mkdir(mode=0o700)
    first = f"{BOOTSTRAP_CLIENT}.secret"
    shutil.copy(empty.folder / "secrets" / first, secrets / first)
    addresses = {name: empty.address(service) for service, name in ADDRESSES.items()}
    house = {"HOUSE": str(ROOT), "COMPTOIR_GATEWAY": empty.url}
    return {**house, **addresses, SECRETS: str(secrets)}


async def test_a_first_shop_is_opened_as_the_page_says(
    laptop: dict[str, str], tmp_path: Path
) -> None:
    # Written to a file: read from its input, a shell would share that with what it starts.
    script = tmp_path / "first-shop.sh"
    script.write_text(blocks(PAGE, "sh"))

    printed = await typed(
        *("sh", "-eu", str(script)), script="", folder=tmp_path, environment=laptop, within_s=DAY_S
    )

    assert printed.splitlines()[-1] == "collected"
    for secret in (tmp_path / "secrets").iterdir():
        assert secret.stat().st_mode & 0o077 == 0, f"{secret.name} is read by others"
        if secret.suffix == ".secret":
            assert secret.read_text().strip() not in printed


def test_the_page_sets_what_the_test_sets() -> None:
    named = set(re.findall(r"^export (\w+)=", blocks(PAGE, "text"), re.MULTILINE))

    assert named == {"HOUSE", "COMPTOIR_GATEWAY", *ADDRESSES.values(), AUTHORITY, SECRETS}


def test_the_names_of_the_page_are_those_of_the_manifests() -> None:
    given = (ROOT / PAGE).read_text()
    routes = (ROOT / "deploy/k8s/routes/teams.yaml").read_text()

    hosts = re.findall(r"=(\w+\.grpc\.comptoir\.example):443", given)

    assert sorted(hosts) == sorted(re.findall(r"hostnames: \[(.*?)\]", routes))
    bootstrap = (ROOT / "deploy/k8s/base/config/associate.env").read_text()
    assert f"ASSOCIATE_BOOTSTRAP_CLIENT={BOOTSTRAP_CLIENT}\n" in bootstrap
    assert f"/{BOOTSTRAP_CLIENT}-secret\n" in bootstrap
