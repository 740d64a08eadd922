"""`make k8s` renders and validates; besides, what operators ask of a rendered FILE.

`python -m deploy.k8s release FILE`: may it be shipped? `secrets FILE`: which must I bring?
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from deploy.k8s import release, rendering, schemas, secrets


def main(argv: list[str]) -> int:
    match argv:
        case []:
            return render_all()
        case ["release", file]:
            found = release.refusals(rendering.documents(Path(file).read_text()))
            return told(found, f"{file} may be released")
        case ["secrets", file]:
            for name, keys in secrets.needed(rendering.documents(Path(file).read_text())).items():
                print(name, *keys)
            return 0
        case _:
            print("usage: python -m deploy.k8s [release FILE | secrets FILE]", file=sys.stderr)
            return 2


def render_all() -> int:
    try:
        for overlay in rendering.OVERLAYS:
            rendering.keep(overlay)
    except rendering.RenderingError as error:
        print(f"make k8s: {error}", file=sys.stderr)
        return 1
    # Any is better told than the first: each is a round through kubectl.
    statuses = [checked(overlay) for overlay in rendering.OVERLAYS]
    return max(statuses)


def checked(overlay: str) -> int:
    resources = rendering.kept(overlay)
    versions = ", ".join(schemas.VERSIONS)
    well = f"{overlay}: {len(resources)} resources are valid in Kubernetes {versions}"
    return told(schemas.problems(resources), well)


def told(problems: Iterable[str], well: str) -> int:
    found = list(problems)
    for problem in found:
        print(problem, file=sys.stderr)
    if not found:
        print(well)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
