"""Serves the OpenAPI document and the page made of it; both are made once, at start."""

from pathlib import Path

import msgspec
from aiohttp import web

from services.gateway.kept import kept
from services.gateway.openapi import Json
from services.gateway.pages import HEADERS, TYPES
from services.gateway.reference.page import DOCUMENT_PATH, STYLE_PATH, page
from services.gateway.wire import JSON

STYLE = Path(__file__).parent / "reference.css"


class Reference:
    def __init__(self, document: Json) -> None:
        self._document = kept(msgspec.json.encode(document), JSON)
        self._page = kept(page(document).encode(), TYPES[".html"])
        self._style = kept(STYLE.read_bytes(), TYPES[".css"])

    def add_to(self, app: web.Application) -> None:
        app.router.add_get(DOCUMENT_PATH, self.document)
        app.router.add_get("/docs", self.page)
        app.router.add_get(STYLE_PATH, self.style)

    async def document(self, request: web.Request) -> web.Response:
        return self._document.response(request, HEADERS)

    async def page(self, request: web.Request) -> web.Response:
        return self._page.response(request, HEADERS)

    async def style(self, request: web.Request) -> web.Response:
        return self._style.response(request, HEADERS)
