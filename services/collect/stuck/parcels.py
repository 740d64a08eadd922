"""What operators do to parcels that are stuck: each act is written with what it did."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from chassis import deadline
from chassis.acts import ACTS, act_of
from chassis.changes import Changed
from chassis.clock import Clock, utc_now
from chassis.errors import AppError, Kind
from chassis.records import Records, Ref, State
from chassis.requests import Request
from services.collect.order import holdings
from services.collect.order.store import ORDERS
from services.collect.parcel import domain
from services.collect.parcel.store import PARCELS
from services.collect.parcel.values import Parcel, Task, TaskName
from services.collect.parcel.workflow import Parcels, with_order
from services.collect.stuck.domain import Residue
from services.collect.stuck.residues import parcel_residue_of
from services.collect.stuck.workflow import WRITE_S_MAX, LocationIds


class ParcelNotStuckError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "PARCEL_NOT_STUCK"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    parcel: Parcel
    residue: Residue | None


class StuckParcels:
    """`records` must keep ACTS beside collect's own kinds."""

    def __init__(self, records: Records, parcels: Parcels, *, clock: Clock = utc_now) -> None:
        self._records = records
        self._parcels = parcels
        self._clock = clock

    async def abandon(
        self, parcel_id: str, name: TaskName, cause: str, request: Request, *, within: LocationIds
    ) -> GivenUp:
        """Raises UnknownParcelError, ParcelNotStuckError."""
        found = await self._records.find(PARCELS, parcel_id)
        seen = domain.check_there(found, found.target_location_id if found else "", within)
        order = await self._records.find(ORDERS, seen.order_id)
        refs: list[Ref[Any]] = [Ref(PARCELS, parcel_id), Ref(ORDERS, seen.order_id)]
        refs += [Ref(ACTS, request.made_id), *(holdings.all_refs_of(order) if order else ())]
        done = await self._records.update(
            dict.fromkeys(refs),
            partial(given_up, parcel_id, name, cause, request, self._clock()),
            answer=GivenUp,
            request=request,
            timeout_s=deadline.left_s(WRITE_S_MAX),
        )
        self._parcels.drive(parcel_id)
        return done


def given_up(
    parcel_id: str, name: TaskName, cause: str, request: Request, now: datetime, state: State
) -> Changed[GivenUp]:
    parcel = domain.check_there(state.find(PARCELS, parcel_id), "", None)
    if state.find(ACTS, request.made_id) is not None:
        # A repeat so late that its answer is kept no more.
        return Changed(answer=GivenUp(parcel=parcel, residue=None))
    task = failing_task(parcel, name)
    after = without(parcel, task, now)
    residue = None
    if task.name is not TaskName.HOLD:
        residue = parcel_residue_of(parcel, task, residue_id=request.made_id, now=now)
    act = act_of(
        request,
        "abandon_parcel_task",
        target=parcel_id,
        now=now,
        cause=cause,
        detail={
            "task": task.name.value,
            "tries_count": str(task.tries),
            "reason": task.fail_reason,
        },
    )
    written = with_order(state, after, now=now)
    kept = (act,) if residue is None else (act, residue)
    return Changed(
        answer=GivenUp(parcel=after, residue=residue),
        records=(*written.records, *kept),
        events=written.events,
    )


def failing_task(parcel: Parcel, name: TaskName) -> Task:
    """Raises ParcelNotStuckError."""
    if not parcel.todo or not parcel.todo[0].tries or parcel.todo[0].name is not name:
        raise ParcelNotStuckError("this task of it does not fail: look again")
    return parcel.todo[0]


def without(parcel: Parcel, task: Task, now: datetime) -> Parcel:
    """As if it were done, or, of a hold, refused."""
    if task.name is TaskName.HOLD:
        after = domain.refused(parcel, task, now=now)
    else:
        after = domain.settled(parcel, task, "", now=now)
    # At once: what comes behind it has waited long enough.
    wake_time = now if after.todo else after.wake_time
    return replace(after, wake_time=wake_time, revision=parcel.revision + 1)
