"""Serves the OpenAPI document and the page made of it; both are made once, at start."""

from pathlib import Path

import msgspec
from aiohttp import web

from services.gateway.caching import etag_of, is_known
from services.gateway.openapi import Json
from services.gateway.pages import HEADERS, Folder
from services.gateway.reference.page import DOCUMENT_PATH, STYLE_PATH, page
from services.gateway.wire import JSON


class Reference:
    def __init__(self, document: Json) -> None:
        self._document = msgspec.json.encode(document)
        self._page = page(document).encode()
        self._folder = Folder(Path(__file__).parent)

    def add_to(self, app: web.Application) -> None:
        app.router.add_get(DOCUMENT_PATH, self.document)
        app.router.add_get("/docs", self.page)
        app.router.add_get(STYLE_PATH, self.style)

    async def document(self, request: web.Request) -> web.Response:
        return made(request, self._document, JSON)

    async def page(self, request: web.Request) -> web.Response:
        return made(request, self._page, "text/html; charset=utf-8")

    async def style(self, request: web.Request) -> web.StreamResponse:
        return self._folder.response("reference.css")


def made(request: web.Request, body: bytes, content_type: str) -> web.Response:
    headers = {**HEADERS, "ETag": etag_of(body), "Content-Type": content_type}
    if is_known(request, headers["ETag"]):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, headers=headers)
