"""Renders the overlays with kubectl, and keeps what came out in rendered/.

What is kept lets reviewers see what a change does to a cluster, and the policy tests run
where there is no kubectl (it comes by no wheel). The digest of its sources stands at its
head, so that nobody forgets to render anew.
"""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
OVERLAYS = ("dev", "production")
# Rendered by none of the overlays.
ASIDE = ("rendered", "examples")
KUBECTL_MIN = (1, 27)  # Its kustomize is 5.0, of the major version these files are written for.
DIGEST = re.compile(r"^# sources: ([0-9a-f]{64})$", re.MULTILINE)


class RenderingError(Exception):
    """The overlays cannot be rendered; says what is missing or wrong."""


def kubectl() -> str:
    """Raises RenderingError unless one is there that is new enough."""
    found = shutil.which("kubectl")
    if found is None:
        raise RenderingError(f"kubectl {dotted(KUBECTL_MIN)} or later is not on the path")
    answer = subprocess.run([found, "version", "--client"], capture_output=True, text=True)
    version = re.search(r"v(\d+)\.(\d+)", answer.stdout)
    if version is None or (int(version[1]), int(version[2])) < KUBECTL_MIN:
        raise RenderingError(f"{found} is not kubectl {dotted(KUBECTL_MIN)} or later")
    return found


def dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))


def render(overlay: str) -> str:
    """What `kubectl apply -k` would apply. Raises RenderingError."""
    argv = [kubectl(), "kustomize", str(HERE / overlay)]
    answer = subprocess.run(argv, capture_output=True, text=True)
    if answer.returncode:
        raise RenderingError(f"{overlay} cannot be rendered: {answer.stderr.strip()}")
    return answer.stdout


def keep(overlay: str) -> None:
    """Render `overlay` into rendered/. Raises RenderingError."""
    text = f"# Made by `make k8s`; what counts is {overlay}/.\n# sources: {sources_digest()}\n"
    kept_file(overlay).write_text(text + render(overlay))


def kept_file(overlay: str) -> Path:
    return HERE / "rendered" / f"{overlay}.yaml"


def kept(overlay: str) -> list[dict[str, Any]]:
    return documents(kept_file(overlay).read_text())


def kept_digest(overlay: str) -> str:
    """Of the sources it was made from."""
    found = DIGEST.search(kept_file(overlay).read_text())
    return found[1] if found else ""


def documents(text: str) -> list[dict[str, Any]]:
    return [document for document in yaml.load_all(text, yaml.CSafeLoader) if document]


def sources_digest() -> str:
    digest = hashlib.sha256()
    for path in sources():
        content = path.read_bytes()
        digest.update(f"{path.relative_to(HERE)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def sources() -> Iterator[Path]:
    for path in sorted(HERE.rglob("*")):
        aside = path.relative_to(HERE).parts[0] in ASIDE
        if path.suffix in {".yaml", ".env"} and not aside:
            yield path
