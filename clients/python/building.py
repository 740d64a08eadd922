"""Wheel and sdist of what stands in several places of the repository."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
FILES = ("pyproject.toml", "MANIFEST.in", "README.md", "examples")
IGNORED = shutil.ignore_patterns("__pycache__")
# In a process of its own: a build backend may change all that is global.
BACKEND = """
import sys
from setuptools import build_meta
folder = sys.argv[1]  # The backend writes arguments of its own.
print(build_meta.build_sdist(folder), build_meta.build_wheel(folder), file=sys.stderr)
"""


def build(folder: Path) -> Sequence[Path]:
    """What was built, in `folder`. Raises CalledProcessError, having shown what was said."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as name:
        staged = stage(Path(name))
        ended = subprocess.run(
            [sys.executable, "-c", BACKEND, str(folder.absolute())],
            cwd=staged,
            capture_output=True,
            text=True,
        )
    if ended.returncode:
        print(ended.stdout, ended.stderr, file=sys.stderr)
    ended.check_returncode()
    return [folder / file for file in ended.stderr.split()[-2:]]


def stage(folder: Path) -> Path:
    """The package as its sdist has it: one tree with all of its sources."""
    for name in FILES:
        copy = shutil.copytree if (HERE / name).is_dir() else shutil.copy
        copy(HERE / name, folder / name)
    shutil.copytree(ROOT / "comptoir_client", folder / "src" / "comptoir_client", ignore=IGNORED)
    contracts = folder / "src" / "comptoir"
    shutil.copytree(ROOT / "gen" / "comptoir", contracts, ignore=IGNORED)
    (contracts / "py.typed").touch()
    return folder
