"""The line between collect and whom it sends steps to."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import grpc

from chassis.errors import AppError, Kind
from services.collect.order.values import Order, Step, StepName
from services.collect.order.workflow import Effect


class AwayError(AppError):
    kind, reason = Kind.UNAVAILABLE, "AWAY"


FAULT = grpc.aio.AioRpcError(grpc.StatusCode.INTERNAL, grpc.aio.Metadata(), grpc.aio.Metadata())


class Away:
    """Inventory's stock, as it is while nobody answers there, or by a fault of it alone."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def BatchGetAvailability(self, request: object, **_: object) -> None:
        raise self._error


@dataclass(slots=True)
class Line:
    """Steps are lost where it is `cut`: before they arrive, or their answers after.

    `hold` lets a step wait until its event is set, `fail` has it answered with an error.
    """

    cut: set[tuple[str, StepName]] = field(default_factory=set)
    hold: dict[StepName, asyncio.Event] = field(default_factory=dict)
    fail: dict[StepName, Exception] = field(default_factory=dict)
    sent: list[StepName] = field(default_factory=list)

    def mend(self) -> None:
        self.cut.clear()
        self.fail.clear()
        for event in self.hold.values():
            event.set()

    def over(self, effects: Mapping[StepName, Effect]) -> dict[StepName, Effect]:
        return {name: partial(self._send, name, effect) for name, effect in effects.items()}

    async def _send(self, name: StepName, effect: Effect, order: Order, step: Step) -> str:
        if name in self.hold:
            await self.hold[name].wait()
        if name in self.fail:
            raise self.fail[name]
        if ("before", name) in self.cut:
            raise AwayError("the line is cut")
        self.sent.append(name)
        result = await effect(order, step)
        if ("after", name) in self.cut:
            raise AwayError("the line is cut")
        return result
