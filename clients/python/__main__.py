"""Builds the package, without a network: `python -m clients.python [FOLDER]`; `make client`."""

import sys
from pathlib import Path

from clients.python.building import build

DIST = Path("dist")


def main() -> int:
    for file in build(Path(sys.argv[1]) if len(sys.argv) > 1 else DIST):
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
