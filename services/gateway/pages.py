"""Serves the two web pages and the pictures: files of a folder, under a strict policy."""

import re
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from services.gateway.headers import COMMON
from services.gateway.kept import kept
from services.gateway.problems import HttpError, response_to
from services.gateway.shell import Shell, shell_of

WEB = Path(__file__).parent / "web"
PAGES = ("app", "terminal")
SHARED = ("shared", "made", "icons")

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    **COMMON,
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    # Asked for each time: an ETag makes that cheap, and a new release is seen at once.
    "Cache-Control": "no-cache",
}
PATH = re.compile(r"[A-Za-z0-9._/-]{1,200}")
TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}


class Pages:
    """Ours, of the types above, as they were when the gateway started; a release has others."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            file.relative_to(folder).as_posix(): kept(file.read_bytes(), TYPES[file.suffix])
            for file in folder.rglob("*.*")
            if file.suffix in TYPES
        }

    async def file(self, request: web.Request) -> web.StreamResponse:
        return self.response(request, request.match_info["path"])

    async def index(self, request: web.Request) -> web.StreamResponse:
        return self.response(request, "index.html")

    def response(self, request: web.Request, path: str) -> web.StreamResponse:
        found = self._files.get(path)
        return nothing() if found is None else found.response(request, HEADERS)


class Pictures:
    """The retailer's: files below `folder` of the types above; anything else is not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def file(self, request: web.Request) -> web.StreamResponse:
        file = self._found(request.match_info["path"])
        content_type = None if file is None else TYPES.get(file.suffix)
        if file is None or content_type is None:
            return nothing()
        return web.FileResponse(file, headers={**HEADERS, "Content-Type": content_type})

    def _found(self, path: str) -> Path | None:
        """Inside the folder, whatever dots and links lead out of it."""
        if not PATH.fullmatch(path):
            return None  # Zero bytes and the like, on which file systems differ.
        file = (self._folder / path).resolve()
        return file if file.is_relative_to(self._folder) and file.is_file() else None


class Worker:
    """A page's service worker: it may answer for the page itself, which lies above its folder."""

    def __init__(self, shell: Shell) -> None:
        self._body = shell.worker()
        self._headers = {
            **HEADERS,
            "Content-Type": TYPES[".js"],
            "Service-Worker-Allowed": shell.page,
        }

    async def script(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=self._body, headers=self._headers)


def add_pages(app: web.Application, *, pictures: Path | None) -> None:
    for name in PAGES:
        pages = Pages(WEB / name)
        worker = Worker(shell_of(name, web=WEB, pictures=pictures))
        app.router.add_get(f"/{name}/worker.js", worker.script)
        app.router.add_get(f"/{name}", pages.index)
        app.router.add_get(f"/{name}/", pages.index)
        app.router.add_get(f"/{name}/{{path:.+}}", pages.file)
    for name in SHARED:
        app.router.add_get(f"/{name}/{{path:.+}}", Pages(WEB / name).file)
    if pictures is not None:
        app.router.add_get("/pictures/{path:.+}", Pictures(pictures).file)
    app.router.add_get("/", home)


def nothing() -> web.StreamResponse:
    return response_to(HttpError(404, "NOT_FOUND", "there is no such file"))


async def home(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/app", headers=COMMON)
