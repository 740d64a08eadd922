"""What becomes of points that somebody imports, and of their cabinets. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chassis.changes import Changed, Event
from chassis.errors import AppError, Kind
from chassis.importing import Outcome
from services.collect.locker import domain as locker
from services.collect.locker.cabinet import Cabinet
from services.collect.point.definition import invalid_point
from services.collect.point.domain import Place, PlaceKind, Point, PointKind


class UnknownLocationError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_LOCATION"


@dataclass(slots=True)
class Intake:
    """The points and cabinets that one write read, and what each item makes of them."""

    points: dict[str, Point]
    cabinets: dict[str, Cabinet]
    changed_points: set[str] = field(default_factory=set)
    changed_cabinets: set[str] = field(default_factory=set)

    def take(self, point: Point) -> bool:
        """Put the point whole, and its cabinet with it; whether that changed something.

        Raises InvalidPointError, CompartmentInUseError; then nothing of it is put.
        """
        before = self.points.get(point.point_id)
        check_kept(before, point)
        cabinet_changed = point.kind is PointKind.LOCKER and self._furnish(point)
        if same(before, point):
            return cabinet_changed
        revision = 1 if before is None else before.revision + 1
        self.points[point.point_id] = replace(point, revision=revision)
        self.changed_points.add(point.point_id)
        return True

    def changed(self, outcomes: list[Outcome]) -> Changed[list[Outcome]]:
        points = [self.points[point_id] for point_id in sorted(self.changed_points)]
        cabinets = [self.cabinets[cabinet_id] for cabinet_id in sorted(self.changed_cabinets)]
        events = [*map(point_changed, points), *map(locker.event_of, cabinets)]
        return Changed(answer=outcomes, records=(*points, *cabinets), events=tuple(events))

    def _furnish(self, point: Point) -> bool:
        before = self.cabinets.get(point.cabinet_id)
        if before is not None and before.point_id != point.point_id:
            raise invalid_point("cabinet_id", f"send another: it is point {before.point_id}'s")
        after = locker.furnished(
            before,
            cabinet_id=point.cabinet_id,
            point_id=point.point_id,
            location_id=point.location_id,
            compartments=point.compartments,
        )
        if after is before:
            return False
        self.cabinets[point.cabinet_id] = after
        self.changed_cabinets.add(point.cabinet_id)
        return True


def taken_in(
    points: Iterable[Point], cabinets: Iterable[Cabinet], items: Sequence[Point]
) -> Changed[list[Outcome]]:
    """What `items` make of the points and cabinets that are there, one after the other."""
    intake = Intake({p.point_id: p for p in points}, {c.cabinet_id: c for c in cabinets})
    outcomes: list[Outcome] = []
    for point in items:
        try:
            outcomes.append(intake.take(point))
        except AppError as error:
            outcomes.append(error)
    return intake.changed(outcomes)


def check_kept(before: Point | None, point: Point) -> None:
    """Raises InvalidPointError where an order on its way would no longer find the point."""
    if before is not None and before.kind is not point.kind:
        raise invalid_point("kind", "send it as it is, or import another point")
    if before is not None and before.cabinet_id != point.cabinet_id:
        raise invalid_point("cabinet_id", f"send {before.cabinet_id}, or import another point")


def same(before: Point | None, point: Point) -> bool:
    """Whether the point stands as it came."""
    return before is not None and replace(point, revision=before.revision) == before


def refusal(point: Point, places: Mapping[str, Place]) -> AppError | None:
    """Why a point cannot stand where it says; `places` are those that inventory has."""
    place = places.get(point.location_id)
    if place is None:
        return UnknownLocationError(
            f"inventory has no location {point.location_id}: import it first",
            location_id=point.location_id,
        )
    if place.kind is PlaceKind.WAREHOUSE:
        return invalid_point("location_id", "send a shop: customers do not come to warehouses")
    return None


def point_changed(point: Point) -> Event:
    detail = {"point_id": point.point_id}
    return Event("point_changed", point.point_id, point.revision, detail)
