"""Calls without a wire or an event loop, before and after which whoever makes them rests."""

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

from chassis import access
from chassis.access import Caller
from chassis.client import actor
from services.collect.order.values import Order, Step
from services.collect.order.workflow import Effect

COLLECT = Caller(subject="collect", grants=frozenset({"service:collect"}))


class Rest:
    """Awaiting it hands over to whoever steps the replica."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class Servicer:
    """A servicer without a wire, as if it were its own stub."""

    def __init__(self, servicer: object) -> None:
        self._servicer = servicer

    def __getattr__(self, method: str) -> Callable[[Any], Any]:
        async def called(request: Any) -> Any:
            # Calls go to servicers directly, so nobody else says who makes them, and for what.
            access._caller.set(replace(COLLECT, actor=actor()))
            return await getattr(self._servicer, method)(request, context=None)

        return called


async def rested(effect: Effect, order: Order, step: Step) -> str:
    await Rest()
    result = await effect(order, step)
    await Rest()
    return result
