"""Who calls, at the edge: the bearer token of a user, or a visitor without one."""

from aiohttp import web

from chassis.access import AccessDeniedError, Caller, UnauthenticatedError
from chassis.auth import Verifier
from services.gateway.routes import Metadata, Route

CLIENT_HEADER = "X-Comptoir-Client"
WEB_CLIENT = "web"


class Gate:
    """Lets in who may take a route. The services behind check whose data it is."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    async def caller(self, request: web.Request, route: Route) -> Caller | None:
        """None for a visitor of a public route.

        A token that is no good is refused on public routes too: whoever sends one wants to
        be known. Raises UnauthenticatedError, AccessDeniedError and KeysUnavailableError.
        """
        credentials = request.headers.get("Authorization")
        if credentials is None:
            if route.is_public:
                return None
            raise UnauthenticatedError("valid credentials are required")
        who = await self._verifier.authenticate({"authorization": credentials})
        if not route.is_public and not who.grants & route.who:
            raise AccessDeniedError(
                f"{route.method} {route.path} is not open to this caller", route=route.path
            )
        return who

    async def still(self, credentials: str) -> None:
        """Raises UnauthenticatedError once a session that was let in has ended."""
        await self._verifier.authenticate({"authorization": credentials})


def metadata_of(request: web.Request) -> Metadata:
    """With which calls go out in the caller's own name."""
    credentials = request.headers.get("Authorization")
    return () if credentials is None else (("authorization", credentials),)


def is_web(request: web.Request) -> bool:
    return request.headers.get(CLIENT_HEADER, "") == WEB_CLIENT
