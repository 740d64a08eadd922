"""The package as another team has it: its wheel, what that says it needs, and nothing else."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, distribution
from pathlib import Path

from clients.python.building import build

NAME = re.compile(r"[A-Za-z0-9._-]+")


def install(folder: Path, *, extra: str = "") -> Mapping[str, str]:
    """The environment of a Python that has it: run with -S, it has no other packages.

    Its dependencies, with those of `extra`, are those of this interpreter, linked, so that no
    network is asked.
    """
    wheel = next(file for file in build(folder / "dist") if file.suffix == ".whl")
    installed, needed = folder / "installed", folder / "needed"
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--no-index", "--no-compile", "--target", installed, wheel),
        ],
        check=True,
    )
    [found] = (Distribution.at(path) for path in installed.glob("*.dist-info"))
    link(found, needed, set(), extra=extra)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**environment, "PYTHONPATH": f"{installed}{os.pathsep}{needed}"}


def link(dependent: Distribution, folder: Path, done: set[str], *, extra: str = "") -> None:
    """All that `dependent` says it needs."""
    for name in sorted(set(required(dependent, extra)) - done):
        done.add(name)
        found = distribution(name)
        for file in found.files or ():
            target = folder / file
            # Programs lie outside, and some files come with two packages.
            if ".." not in file.parts and not target.is_symlink():
                target.parent.mkdir(parents=True, exist_ok=True)
                target.symlink_to(Path(str(found.locate_file(file))))
        link(found, folder, done)


def required(dependent: Distribution, extra: str) -> Iterator[str]:
    for requirement in dependent.requires or ():
        needed, _, only_with = requirement.partition("extra == ")
        if only_with.strip("\"'") in ("", extra) and (name := NAME.match(needed)):
            yield name.group()
