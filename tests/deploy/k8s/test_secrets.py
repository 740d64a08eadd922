"""Which secrets are to be brought, and that the example and kind.sh bring them."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from deploy.k8s import rendering, secrets
from deploy.k8s.__main__ import main
from tests.deploy.k8s.cluster import SERVICES, Cluster

BIN = Path(sys.executable).parent


def test_each_service_needs_its_keys_and_the_password_of_its_database(rendered: Cluster) -> None:
    needed = secrets.needed(rendered.resources)
    of_backup = {"backup-mongodb-password"} if rendered.dumps else set()
    assert needed.keys() == of_backup | {
        f"{one}-{kind}" for one in SERVICES for kind in ("keys", "mongodb-password")
    }
    assert needed["customer-keys"] == ["address-key", "key", "refresh-key", "vault-key"]
    assert needed["gateway-mongodb-password"] == ["password"]


def test_the_list_names_each_secret_with_its_keys(capsys: Any) -> None:
    assert main(["secrets", str(rendering.kept_file("dev"))]) == 0
    assert "collect-keys code-key key\n" in capsys.readouterr().out


def test_the_example_brings_every_one(production: Cluster) -> None:
    text = (rendering.HERE / "examples" / "external-secrets.yaml").read_text()
    brought = {one["spec"]["target"]["name"] for one in rendering.documents(text)}
    assert brought == secrets.needed(production.resources).keys()


def test_scripts_of_deploy_are_clean_to_shellcheck() -> None:
    scripts = [str(path) for path in rendering.HERE.parent.rglob("*.sh")]
    checked = subprocess.run([BIN / "shellcheck", *scripts], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    assert str(rendering.HERE / "kind.sh") in scripts
