"""Refresh tokens of our own pages: in a cookie that no script reads and no other route gets."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from aiohttp import web

from services.gateway.routes import Call


@dataclass(frozen=True, slots=True)
class RefreshCookie:
    name: str
    path: str

    def token(self, call: Call[Any, Any]) -> str:
        """The one that came; empty if there is none."""
        return call.http.cookies.get(self.name, "")

    def setting(
        self, call: Call[Any, Any], token: str, expire_time: datetime
    ) -> Callable[[web.Response], None]:
        """What puts `token` into the browser, until it expires."""
        left_s = (expire_time - call.parts.clock()).total_seconds()
        return partial(
            web.Response.set_cookie,
            name=self.name,
            value=token,
            path=self.path,
            max_age=max(int(left_s), 0),
            httponly=True,
            secure=call.parts.secure_cookies or call.http.secure,
            samesite="Strict",
        )

    def clear(self, response: web.Response) -> None:
        response.del_cookie(self.name, path=self.path)


CUSTOMER_COOKIE = RefreshCookie("comptoir_refresh", "/v1/sessions/refresh")
STAFF_COOKIE = RefreshCookie("comptoir_staff_refresh", "/v1/staff/sessions/refresh")
