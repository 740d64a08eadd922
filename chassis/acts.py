"""What operators do by hand, kept with what it did: who, when, what, why. Knows no engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from chassis.changes import Changed
from chassis.errors import AppError, Violation
from chassis.errors import Kind as ErrorKind
from chassis.records import Index, Kind, State
from chassis.requests import Request

T = TypeVar("T")

CAUSE_LENGTH_MAX = 200


class InvalidCauseError(AppError):
    kind, reason = ErrorKind.INVALID_ARGUMENT, "INVALID_CAUSE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing done by hand.

    Attributes:
        actor: The subject of whoever asked for it.
        name: What was done, a verb and its object in snake_case.
        target: To what.
        detail: What else there is to know: ids, states and numbers, never a person.
    """

    act_id: str
    act_time: datetime
    actor: str
    name: str
    target: str
    cause: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


# Never changed nor forgotten: whoever may act must not be able to make it unseen.
ACTS = Kind(
    type=Act,
    collection="acts",
    key=lambda act: act.act_id,
    indexes=(Index(fields=("act_time", "_id")),),
    immutable=True,
)


def act_of(
    request: Request,
    name: str,
    *,
    target: str,
    now: datetime,
    cause: str = "",
    detail: Mapping[str, str] | None = None,
) -> Act:
    """The act that `request` is. Write it in the same update as what it does."""
    return Act(
        act_id=request.made_id,
        act_time=now,
        actor=request.subject,
        name=name,
        target=target,
        cause=cause,
        detail=detail or {},
    )


def with_act(changed: Changed[T], act: Act) -> Changed[T]:
    """The change, kept with the act that it is; where it changes nothing, nothing was done."""
    return replace(changed, records=(*changed.records, act)) if changed.records else changed


def noted(act: Act, state: State) -> Changed[None]:
    """The change that keeps an act before what it does is tried."""
    there = state.find(ACTS, act.act_id)  # Of a repeat so late that its answer is kept no more.
    return Changed(answer=None, records=() if there else (act,))


def cause_from(text: str) -> str:
    """Raises InvalidCauseError for none, and for one that is too long."""
    cause = text.strip()
    if not 1 <= len(cause) <= CAUSE_LENGTH_MAX:
        what = f"say why, in 1 to {CAUSE_LENGTH_MAX} characters"
        raise InvalidCauseError(f"cause: {what}", violations=(Violation("cause", what),))
    return cause
