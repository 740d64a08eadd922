"""`make pages`: puts the modules of each page into one script, which browsers are sent.

Debian's and Ubuntu's esbuild does it. The scripts are kept in the repository: nobody who does
not change a page needs it.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

WEB = Path(__file__).parents[1] / "services/gateway/web"
MADE = WEB / "made"
# Each script, and the module that it begins with. The look is put on before anything is drawn.
SCRIPTS: Mapping[str, str] = {
    "app.js": "app/main.js",
    "terminal.js": "terminal/main.js",
    "look.js": "shared/look.js",
}
OPTIONS = (
    *("--bundle", "--format=esm", "--charset=utf8", "--minify", "--log-level=warning"),
    # Who debugs sees the modules, which the gateway sends too.
    *("--sourcemap", "--sources-content=false"),
)
IMPORTED = re.compile(r'(?:from|import) "(\..+?)"')


def main() -> int:
    if shutil.which("esbuild") is None:
        print("esbuild is not there: apt-get install esbuild", file=sys.stderr)
        return 2
    for script, module in SCRIPTS.items():
        bundle(module, MADE / script)
    return 0


def bundle(module: str, script: Path) -> None:
    # As long as the line that is to stand there: the source map counts lines and columns.
    banner = first_line(module, b"")
    subprocess.run(
        ["esbuild", str(WEB / module), *OPTIONS, f"--banner:js={banner}", f"--outfile={script}"],
        check=True,
    )
    _, body = script.read_bytes().split(b"\n", 1)
    script.write_bytes(first_line(module, body).encode() + b"\n" + body)


def first_line(module: str, body: bytes) -> str:
    """Of a script that was made of the modules as they are, with this below it."""
    digest = hashlib.sha256(" ".join(OPTIONS).encode())
    for file in sorted(led_to(WEB / module)):
        digest.update(f"{file.relative_to(WEB).as_posix()}\n".encode() + file.read_bytes())
    made = hashlib.sha256(body).hexdigest()
    return f"// Made by `make pages` of {module}, {digest.hexdigest()}: {made}"


def led_to(start: Path) -> set[Path]:
    """The module, all that it imports, and what these do."""
    found, left = set[Path](), [start]
    while left:
        file = left.pop()
        if file not in found:
            found.add(file)
            left += [(file.parent / each).resolve() for each in IMPORTED.findall(file.read_text())]
    return found


if __name__ == "__main__":
    sys.exit(main())
