"""What a page starts from where there is no line: its files, each with the hash of its content."""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WORKER = "shared/worker.js"
# Of every page, beside the one of its name: `make pages` makes them.
SCRIPTS = ("look.js",)
# Of the retailer's pictures, those that the pages themselves show.
SIGNS = ("logo.svg", "icon.svg")


@dataclass(frozen=True, slots=True)
class Shell:
    """One release of a page.

    The browser takes each file only with the hash given here, so that a page never consists of
    two releases, however many of them answer while the gateway is rolled out.
    """

    page: str
    files: tuple[tuple[str, str], ...]
    version: str

    def worker(self) -> bytes:
        """The service worker. It differs by a byte when any file does: that is how a browser
        learns of a release (Service Workers, 8.3: Update)."""
        told = json.dumps({"page": self.page, "version": self.version, "files": self.files})
        return f'self.SHELL = {told};\nimportScripts("/{WORKER}");\n'.encode()


def shell_of(page: str, *, web: Path, pictures: Path | None) -> Shell:
    """Of `/<page>`, as its files are now."""
    found = sorted(files_of(page, web=web, pictures=pictures))
    files = tuple((path, integrity_of(file)) for path, file in found)
    whole = json.dumps([files, integrity_of(web / WORKER)]).encode()
    version = hashlib.blake2b(whole, digest_size=8).hexdigest()
    return Shell(page=f"/{page}", files=files, version=version)


def files_of(page: str, *, web: Path, pictures: Path | None) -> Iterator[tuple[str, Path]]:
    """Paths on the server, and the files that answer there."""
    for script in (f"{page}.js", *SCRIPTS):
        yield f"/made/{script}", web / "made" / script
    for folder in (page, "shared", "icons"):
        for file in (web / folder).rglob("*.*"):
            path = file.relative_to(web).as_posix()
            if path == f"{page}/index.html":
                yield f"/{page}", file
            elif file.suffix != ".js":  # The modules that scripts are made of.
                yield f"/{path}", file
    signs = () if pictures is None else tuple(pictures / sign for sign in SIGNS)
    yield from ((f"/pictures/{sign.name}", sign) for sign in signs if sign.is_file())


def integrity_of(file: Path) -> str:
    """As Subresource Integrity writes it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(file.read_bytes()).digest()).decode()}"
