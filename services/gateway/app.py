"""The aiohttp application: routes of the table, pages, probes; what is not there is a problem."""

from collections.abc import Iterable
from pathlib import Path

from aiohttp import web

from services.gateway.endpoint import Endpoint
from services.gateway.pages import add_pages
from services.gateway.probes import Probes
from services.gateway.problems import HttpError, response_to
from services.gateway.reading import BODY_BYTES_MAX
from services.gateway.reference.serving import Reference
from services.gateway.routes import EVENT_STREAM, Route


def app_of(
    endpoints: Iterable[tuple[Route, Endpoint]],
    *,
    probes: Probes,
    reference: Reference,
    pictures: Path | None,
) -> web.Application:
    app = web.Application(client_max_size=BODY_BYTES_MAX)
    for route, endpoint in endpoints:
        for method in methods_of(route):
            app.router.add_route(method, route.path, endpoint.handle)
        if route.exact:
            app.router.add_route("*", route.path, nowhere)
    probes.add_to(app)
    reference.add_to(app)
    add_pages(app, pictures=pictures)
    # Last, and not a middleware: every answer would pay for that.
    app.router.add_route("*", "/{path:.*}", nowhere)
    return app


def methods_of(route: Route) -> tuple[str, ...]:
    """What can be got can be asked about (RFC 9110, 9.1), but for streams, which never end."""
    if route.method == "GET" and route.content_type != EVENT_STREAM:
        return "GET", "HEAD"
    return (route.method,)


async def nowhere(request: web.Request) -> web.Response:
    """What reaches no route: the path is unknown, or takes other methods."""
    allowed = await methods_at(request)
    if not allowed:
        return response_to(HttpError(404, "NOT_FOUND", "there is nothing at this path"))
    methods = ", ".join(sorted(allowed))
    response = response_to(HttpError(405, "METHOD_NOT_ALLOWED", f"this path takes {methods}"))
    response.headers["Allow"] = methods
    return response


async def methods_at(request: web.Request) -> set[str]:
    """Of the path as it stands, else of those with parameters that fit."""
    exact, fitting = set[str](), set[str]()
    for resource in request.app.router.resources():
        methods = (await resource.resolve(request))[1] - {"*"}
        (exact if isinstance(resource, web.PlainResource) else fitting).update(methods)
    return exact or fitting
