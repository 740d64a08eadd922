"""What happens next, by a seed: what callers ask for, and what becomes of it on its way."""

import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias, TypeVar

from chassis.requests import step_id
from services.inventory.ledger.domain import Cause
from services.inventory.stock.domain import Bucket, Place
from tests.simulation.auditor import Auditor
from tests.simulation.operations import Moved, Operation, Verb
from tests.simulation.world import REPLICAS_COUNT, Happening, Step, World

T = TypeVar("T")
# Whether a reservation was made and not ended, as far as whoever asks can know.
Stands: TypeAlias = Callable[[str], bool]
# At which revision a row is.
Position: TypeAlias = Callable[[Place], int]

# Few, so that everybody meets at the same ones.
PLACES = tuple(Place(shop, sku) for shop in ("lille", "lyon") for sku in ("LAMP", "RUG"))
OWNERS = ("market", "bazaar")
HOLDS_S = (1, 30, 100, 300, 600, 600, 900, 7200)
SKEW_MS_MAX = 300_000
MESSAGES_MAX, TASKS_MAX, REMEMBERED_MAX = 24, 12, 24
MOVES = (
    (Bucket.OUTSIDE, Bucket.SELLABLE, Cause.RECEIPT),
    (Bucket.OUTSIDE, Bucket.SELLABLE, Cause.COUNT),
    (Bucket.SELLABLE, Bucket.OUTSIDE, Cause.COUNT),
    (Bucket.SELLABLE, Bucket.DAMAGED, Cause.DAMAGE),
    (Bucket.SELLABLE, Bucket.OUTSIDE, Cause.NOT_FOUND),
    (Bucket.STAGED, Bucket.OUTSIDE, Cause.ORDER),
    (Bucket.STAGED, Bucket.SELLABLE, Cause.RETURN),
    (Bucket.OUTSIDE, Bucket.QUARANTINE, Cause.RETURN),
    (Bucket.QUARANTINE, Bucket.SELLABLE, Cause.RETURN),
)
VERBS = {
    Verb.RESERVE: 30,
    Verb.SUPERSEDE: 10,
    Verb.RENEW: 10,
    Verb.RELEASE: 8,
    Verb.COMMIT: 12,
    Verb.CANCEL: 8,
    Verb.SELL: 5,
    Verb.MOVE: 6,
    Verb.IMPORT: 6,
    Verb.TELL: 5,
}


@dataclass(slots=True)
class Chance:
    """Attributes:
    made: Of late, what makes a reservation, done or not.
    sent: Of late, all that was sent.
    """

    dice: random.Random
    subject: str = ""
    made: deque[Operation] = field(default_factory=lambda: deque(maxlen=REMEMBERED_MAX))
    sent: deque[Operation] = field(default_factory=lambda: deque(maxlen=REMEMBERED_MAX))
    numbers: int = 0

    def next(self, world: World) -> Step:
        """What may well happen in this world now."""
        roll = self.dice.random()
        if roll < 0.02 and world.auditor.overclaims:
            return Step(Happening.SEND, self.number(), operation=self._mending(world.auditor))
        if roll < 0.05:
            return Step(Happening.PASS, value=self._passing_ms(world))
        if roll < 0.053:
            return Step(Happening.DIE, self._below(REPLICAS_COUNT))
        if roll < 0.056:
            skew_ms = self.dice.randint(-SKEW_MS_MAX, SKEW_MS_MAX)
            return Step(Happening.SET, self._below(REPLICAS_COUNT), skew_ms)
        if roll < 0.56 and world.tasks:
            return Step(Happening.GO_ON, self._one(list(world.tasks)))
        if roll < 0.80 and world.messages and len(world.tasks) < TASKS_MAX:
            number, replica = self._one(list(world.messages)), self._below(REPLICAS_COUNT)
            return Step(Happening.ARRIVE, number, replica, self.number())
        if (roll < 0.90 and world.messages) or len(world.messages) >= MESSAGES_MAX:
            return Step(Happening.LOSE, self._one(list(world.messages)))
        return Step(
            Happening.SEND,
            self.number(),
            operation=self.operation(world.auditor.stands, world.auditor.position),
        )

    def _passing_ms(self, world: World) -> int:
        """Some seconds; or until an instant at which a hold lapses on some replica, exactly."""
        if self.dice.random() < 0.3 and self.made:
            hold = world.auditor.account.holds.get(self._one(list(self.made)).made_id)
            clock_ms = world.clock_ms(self._below(REPLICAS_COUNT))
            if hold is not None and hold.until * 1000 > clock_ms:
                return hold.until * 1000 - clock_ms
        return self.dice.randint(1, 10_000)

    def operation(self, stands: Stands, position: Position | None = None) -> Operation:
        """Now and then what was asked for before: its answer was lost."""
        if not self.sent:
            self.sent.append(self._filling())
            return self.sent[0]
        if self.sent and self.dice.random() < 0.2:
            return self._one(list(self.sent))
        [verb] = self.dice.choices(list(VERBS), list(VERBS.values()))
        operation = self._asked(verb, stands, position)
        self.sent.append(operation)
        if verb in (Verb.RESERVE, Verb.SUPERSEDE):
            self.made.append(operation)
        return operation

    def _asked(self, verb: Verb, stands: Stands, position: Position | None) -> Operation:
        """About a reservation that stands, more often than about one that does not."""
        standing = [made for made in self.made if stands(made.made_id)]
        known = standing if standing and self.dice.random() < 0.8 else list(self.made)
        about = self._one(known) if known else None
        if about is None or verb is Verb.RESERVE:
            return self._reserving()
        ask: dict[Verb, Callable[[Operation], Operation]] = {
            Verb.SUPERSEDE: self._superseding,
            Verb.RENEW: self._on(Verb.RENEW),
            Verb.RELEASE: self._on(Verb.RELEASE),
            Verb.COMMIT: partial(self._committing, position),
            Verb.CANCEL: self._undoing,
            Verb.SELL: self._selling,
            Verb.MOVE: partial(self._moving, position),
            Verb.IMPORT: self._importing,
            Verb.TELL: lambda made: Operation(
                verb=Verb.TELL, request_id=self._id(), lapsed=tuple(m.made_id for m in self.made)
            ),
        }
        return ask[verb](about)

    def _reserving(self) -> Operation:
        return Operation(
            verb=Verb.RESERVE,
            request_id=self._id(),
            owner=self._by(self._one(OWNERS)),
            lines=self._lines(3),
            hold_s=self._one(HOLDS_S),
            is_partial=self.dice.random() < 0.4,
        )

    def _superseding(self, made: Operation) -> Operation:
        return Operation(
            verb=Verb.SUPERSEDE,
            request_id=self._id(),
            owner=made.owner,
            lines=self._lines(3),
            hold_s=self._one(HOLDS_S),
            is_partial=self.dice.random() < 0.4,
            about=made.made_id,
        )

    def _on(self, verb: Verb) -> Callable[[Operation], Operation]:
        return lambda made: Operation(
            verb=verb,
            request_id=self._id(),
            owner=made.owner if self.dice.random() < 0.95 else self._by(self._one(OWNERS)),
            hold_s=self._one(HOLDS_S) if verb is Verb.RENEW else 0,
            about=made.made_id,
        )

    def _committing(self, position: Position | None, made: Operation) -> Operation:
        """Everything was found, or some of a line was not."""
        picked = []
        if self.dice.random() < 0.4:
            place, quantity = self._one(made.lines)
            found = self.dice.randint(0, quantity)
            picked.append((place, found, self.dice.randint(0, quantity - found)))
        return Operation(
            verb=Verb.COMMIT,
            request_id=self._id(),
            owner=made.owner,
            about=made.made_id,
            picked=tuple(picked),
            looked=self._looked(position, [place for place, _, missed in picked if missed]),
        )

    def _undoing(self, made: Operation) -> Operation:
        """Of what has hardly been sent, as often as not."""
        undone = self.made[-1] if self.dice.random() < 0.5 else made
        return Operation(verb=Verb.CANCEL, request_id=undone.request_id, owner=undone.owner)

    def _selling(self, made: Operation) -> Operation:
        shop = self._one(PLACES).location_id
        lines = tuple((place, n) for place, n in self._lines(4) if place.location_id == shop)
        return Operation(
            verb=Verb.SELL,
            request_id=self._id(),
            owner=self._by("till"),
            lines=lines or ((self._one(PLACES), 1),),
        )

    def _moving(self, position: Position | None, made: Operation) -> Operation:
        moved = tuple(
            Moved(self._one(PLACES), source, target, self.dice.randint(1, 4), cause)
            for source, target, cause in self.dice.choices(MOVES, k=self.dice.randint(1, 2))
        )
        missed = [each.place for each in moved if each.cause is Cause.NOT_FOUND]
        return Operation(
            verb=Verb.MOVE,
            request_id=self._id(),
            owner=self._by("erp"),
            moved=moved,
            looked=self._looked(position, missed),
        )

    def _looked(
        self, position: Position | None, places: Sequence[Place]
    ) -> tuple[tuple[Place, int], ...]:
        """A moment ago, or before that; some do not know."""
        if position is None:
            return ()
        ago = {place: self.dice.choice((0, 0, 1, 4)) for place in places}
        return tuple(
            (place, max(position(place) - n, 0))
            for place, n in ago.items()
            if self.dice.random() < 0.8
        )

    def _importing(self, made: Operation) -> Operation:
        return Operation(
            verb=Verb.IMPORT,
            request_id=self._id(),
            owner=self._by("erp"),
            lines=self._lines(2, least=0, most=9),
            safety=self._one((0, 0, 0, 1)),
        )

    def _mending(self, auditor: Auditor) -> Operation:
        """Of a row that somebody has noted, or had: then nothing is left to do."""
        noted, place = self._one(list(auditor.overclaims.items()))
        return Operation(verb=Verb.MEND, request_id=self._id(), about=noted, lines=((place, 1),))

    def _filling(self) -> Operation:
        """At first something is everywhere."""
        lines = tuple((place, self.dice.randint(1, 9)) for place in PLACES)
        return Operation(
            verb=Verb.IMPORT, request_id=self._id(), owner=self._by("erp"), lines=lines
        )

    def _lines(
        self, count_max: int, *, least: int = 1, most: int = 3
    ) -> tuple[tuple[Place, int], ...]:
        places = self.dice.sample(PLACES, self.dice.randint(1, count_max))
        return tuple((place, self.dice.randint(least, most)) for place in places)

    def _by(self, name: str) -> str:
        return f"{self.subject}{name}"

    def _one(self, of: Sequence[T]) -> T:
        return of[self._below(len(of))]

    def _below(self, limit: int) -> int:
        return int(self.dice.random() * limit)

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    def _id(self) -> str:
        return step_id(str(self.dice.getrandbits(64)))
