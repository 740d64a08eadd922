"""The log as writes: which rows and which reservation one transaction left, and why. Pure.

Only the events of one record are in order. Those of one transaction may lie apart from each
other, and before those of one that was earlier: after a primary has died, its successor has
what had no position yet in another order. All of one transaction say the same `occur_time`, and
so do those of others that were written together with it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chassis.events import LoggedEvent
from services.inventory.ledger.domain import Movement
from services.inventory.reservation.domain import Reservation
from services.inventory.stock.domain import Place
from tests.chaos.journal import Entry, Outcome
from tests.history.recorded import History
from tests.history.told import Revision
from tests.simulation.operations import Operation, Verb

RECORDED, IMPORTED, BROKEN = "recorded", "imported", "broken"
VERBS = {"renewed": Verb.RENEW, "released": Verb.RELEASE, "committed": Verb.COMMIT}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Write:
    """Attributes:
    what: Of a reservation what became of it; `recorded` or `imported` of rows alone.
    position: Of the last event that says so, and the `first` of the first.
    operations: What it may have been done for; several where renewals came to the same.
    own: Of all lines of the reservation, whatever became of them.
    made: What it was made with, by place, if it was.
    until: When the hold ends that it made or renewed, where that was told to somebody.
    replaces: The revision at which another reservation ended by it.
    places: Rows that it may have written: of a line that was broken before, it did not.
    revisions: Of these rows, where that is known beforehand: not of a reservation's.
    """

    what: str
    key: str
    revision: int
    first: int
    position: int
    occur_s: float
    operations: Sequence[Operation]
    places: Sequence[Place]
    own: Sequence[Place] = ()
    made: Mapping[Place, int] | None = None
    until: int | None = None
    replaces: int | None = None
    revisions: Sequence[Revision] = ()
    movements: Sequence[Movement] = ()

    def __str__(self) -> str:
        return f"position {self.position}, {self.what} {self.key}"


@dataclass(slots=True)
class Index:
    """Which operation a thing belongs to, by what was answered and what is in the books."""

    by_made_id: dict[str, Operation] = field(default_factory=dict)
    answered: dict[tuple[Verb, str, int], list[Operation]] = field(default_factory=dict)
    recorded: dict[Revision, Operation] = field(default_factory=dict)
    moved: dict[Revision, list[Movement]] = field(default_factory=dict)
    of_write: dict[str, list[Movement]] = field(default_factory=dict)
    reservations: dict[str, Reservation] = field(default_factory=dict)
    untils: dict[tuple[str, int], int] = field(default_factory=dict)


def index_of(history: History) -> Index:
    index = Index()
    for operation in history.operations.values():
        if operation.verb not in (Verb.CANCEL, Verb.IMPORT):
            index.by_made_id[operation.made_id] = operation
    for entry in history.entries:
        if entry.outcome is Outcome.OK:
            add_answer(index, history.operations[entry.key], entry)
    for movement in history.books.movements:
        revision = Place(movement.location_id, movement.sku), movement.revision
        index.moved.setdefault(revision, []).append(movement)
        write_id = movement.movement_id.rpartition("-")[0]
        index.of_write.setdefault(write_id, []).append(movement)
    for reservation in history.books.reservations:
        index.reservations[reservation.reservation_id] = reservation
        stands = reservation.reservation_id, reservation.revision
        index.untils[stands] = reservation.expire_instant
    return index


def add_answer(index: Index, operation: Operation, entry: Entry) -> None:
    if "expire_s" in entry.answer:
        stood = entry.answer["reservation_id"], int(entry.answer["revision"])
        index.untils[stood] = int(entry.answer["expire_s"])
    if operation.verb in (Verb.RENEW, Verb.RELEASE, Verb.COMMIT):
        came_to = operation.verb, entry.answer["reservation_id"], int(entry.answer["revision"])
        operations = index.answered.setdefault(came_to, [])
        if operation not in operations[-1:]:
            operations.append(operation)
    if operation.verb in (Verb.SELL, Verb.MOVE):
        for row in entry.answer["rows"]:
            revision = Place(row["location_id"], row["sku"]), int(row["revision"])
            index.recorded[revision] = operation


@dataclass(slots=True)
class Pending:
    """Events of a write that is not whole yet."""

    events: list[LoggedEvent] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)


def writes_of(log: Sequence[LoggedEvent], index: Index) -> Iterator[Write]:
    """In the order in which they are whole."""
    parts: dict[str, Pending] = defaultdict(Pending)
    for event in log:
        if event.name == "stock_imported":
            yield from imported(event, parts, index)
        elif event.name == "stock_changed":
            operation = operation_of(place_of(event), event.revision, index)
            if operation is not None:
                yield from recorded(event, operation, parts)
        elif event.name.startswith("reservation_"):
            yield from reserved(event, index)


def operation_of(place: Place, revision: int, index: Index) -> Operation | None:
    """Of a fact; None for a row that a reservation's event tells more of."""
    if (found := index.recorded.get((place, revision))) is not None:
        return found
    for movement in index.moved.get((place, revision), ()):
        made = index.by_made_id.get(movement.movement_id.rpartition("-")[0])
        if made is not None and made.verb in (Verb.SELL, Verb.MOVE):
            return made
    return None


def recorded(
    event: LoggedEvent, operation: Operation, parts: dict[str, Pending]
) -> Iterator[Write]:
    part = parts[operation.made_id]
    part.events.append(event)
    part.revisions.append((place_of(event), event.revision))
    if len(part.events) == len(places_of(operation)):
        del parts[operation.made_id]
        yield write_of(RECORDED, operation.request_id, part, operations=(operation,))


def imported(event: LoggedEvent, parts: dict[str, Pending], index: Index) -> Iterator[Write]:
    detail = event.detail
    _, _, write_id = event.key.partition(" ")
    movements = index.of_write.get(write_id, [])
    part = parts[write_id]
    part.events.append(event)
    part.revisions += [
        (Place(str(detail["location_id"]), sku), revision)
        for sku, revision in zip(detail["skus"], detail["revisions"], strict=True)
    ]
    if len(part.revisions) >= len({(m.location_id, m.sku) for m in movements}):
        del parts[write_id]
        yield write_of(IMPORTED, write_id, part, movements=movements)


def write_of(
    what: str,
    key: str,
    part: Pending,
    *,
    operations: Sequence[Operation] = (),
    movements: Sequence[Movement] = (),
) -> Write:
    positions = [event.position for event in part.events]
    return Write(
        what=what,
        key=key,
        revision=0,
        first=min(positions),
        position=max(positions),
        occur_s=part.events[-1].occur_time.timestamp(),
        operations=operations,
        places=[place for place, _ in part.revisions],
        revisions=part.revisions,
        movements=movements,
    )


def reserved(event: LoggedEvent, index: Index) -> Iterator[Write]:
    what, reservation = event.name.partition("_")[2], index.reservations.get(event.key)
    if what == "released" and reservation is not None and reservation.superseded_by_id:
        return  # Told once more, with what replaces it.
    is_alone = what in ("lapsed", BROKEN)
    old = replaced_by(event.key, index) if what == "made" else None
    concerned = [] if is_alone else [each for each in (reservation, old) if each is not None]
    places = list(dict.fromkeys(place for each in concerned for place in each.places))
    own = list(reservation.places) if reservation is not None else []
    yield Write(
        what=what,
        key=event.key,
        revision=event.revision,
        first=event.position,
        position=event.position,
        occur_s=event.occur_time.timestamp(),
        operations=[held_part(o, own) for o in operations_of(event, what, index)],
        places=places,
        own=own,
        made=made_with(reservation) if what == "made" and reservation is not None else None,
        until=index.untils.get((event.key, event.revision)),
        replaces=None if old is None else old.revision,
    )


def made_with(reservation: Reservation) -> Mapping[Place, int]:
    """What is broken was held until then."""
    quantities: dict[Place, int] = defaultdict(int)
    for line in (*reservation.lines, *reservation.broken):
        quantities[line.place] += line.quantity
    return dict(quantities)


def held_part(operation: Operation, places: Sequence[Place]) -> Operation:
    """Without lines of which nothing was held: at which revision these were read, nobody says."""
    lines = tuple((place, n) for place, n in operation.lines if place in places)
    is_less = operation.is_partial and len(lines) < len(operation.lines)
    return replace(operation, lines=lines) if is_less else operation


def replaced_by(reservation_id: str, index: Index) -> Reservation | None:
    operation = index.by_made_id.get(reservation_id)
    if operation is None or operation.verb is not Verb.SUPERSEDE:
        return None
    return index.reservations.get(operation.about)


def operations_of(event: LoggedEvent, what: str, index: Index) -> Sequence[Operation]:
    """What a change of a reservation may have been asked by; who was answered so, knows."""
    if what == "made":
        made = index.by_made_id.get(event.key)
        return [made] if made is not None else []
    if what == "lapsed":
        return [Operation(verb=Verb.TELL, request_id="", lapsed=(event.key,))]
    if what == BROKEN:
        return []
    verb = VERBS[what]
    found = index.answered.get((verb, event.key, event.revision), [])
    if not found and verb is Verb.RELEASE and event.key in index.reservations:
        # By an undo, which has the id of what it undoes.
        owner = index.reservations[event.key].owner
        return [Operation(verb=verb, request_id="", owner=owner, about=event.key)]
    return found


def places_of(operation: Operation) -> list[Place]:
    given = [place for place, _ in operation.lines] + [moved.place for moved in operation.moved]
    return list(dict.fromkeys(given))


def place_of(event: LoggedEvent) -> Place:
    return Place(str(event.detail["location_id"]), str(event.detail["sku"]))


def levels_of(operations: Iterable[Operation]) -> Mapping[Place, set[int]]:
    found: dict[Place, set[int]] = defaultdict(set)
    for operation in operations:
        if operation.verb is Verb.IMPORT:
            for place, sellable in operation.lines:
                found[place].add(sellable)
    return found
