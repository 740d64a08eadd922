"""What happens next, by a seed: what callers ask for, and what becomes of it on its way."""

import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate
from typing import TypeAlias, TypeVar

from chassis.requests import step_id
from services.inventory.ledger.domain import Cause
from services.inventory.stock.domain import Place
from tests.simulation.auditor import Auditor
from tests.simulation.operations import Moved, Operation, Verb
from tests.simulation.repertoire import (
    BUYERS,
    HOLDS_S,
    LIMITS,
    MOVES,
    OPEN_S,
    OWNERS,
    PERIODS_S,
    PLACES,
    VERBS,
)
from tests.simulation.world import REPLICAS_COUNT, Happening, Step, World

T = TypeVar("T")
# Whether a reservation was made and not ended, as far as whoever asks can know.
Stands: TypeAlias = Callable[[str], bool]
# At which revision a row is.
Position: TypeAlias = Callable[[Place], int]

SKEW_MS_MAX, DAY_MS = 300_000, 86_400_000
MESSAGES_MAX, TASKS_MAX, REMEMBERED_MAX = 24, 12, 24
OFTEN, HOW_OFTEN = list(VERBS), list(accumulate(VERBS.values()))


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
        if roll < 0.16 and (step := self._seldom(roll, world)) is not None:
            return step
        if roll < 0.60 and world.tasks:
            return Step(Happening.GO_ON, self._one(list(world.tasks)))
        if roll < 0.80 and world.messages and len(world.tasks) < TASKS_MAX:
            number, replica = self._one(list(world.messages)), self._below(REPLICAS_COUNT)
            return Step(Happening.ARRIVE, number, replica, self.number())
        if (roll < 0.90 and world.messages) or len(world.messages) >= MESSAGES_MAX:
            return Step(Happening.LOSE, self._one(list(world.messages)))
        auditor = world.auditor
        return self._sent(self.operation(auditor.stands, auditor.position))

    def _seldom(self, roll: float, world: World) -> Step | None:
        """Or nothing of that kind."""
        if roll < 0.02 and world.auditor.overclaims:
            return self._sent(self._mending(world.auditor))
        if roll < 0.044:
            return Step(Happening.PASS, value=self._passing_ms(world))
        if roll < 0.047:
            return Step(Happening.DIE, self._below(REPLICAS_COUNT))
        if roll < 0.05:
            skew_ms = self.dice.randint(-SKEW_MS_MAX, SKEW_MS_MAX)
            return Step(Happening.SET, self._below(REPLICAS_COUNT), skew_ms)
        if roll < 0.140:
            return Step(Happening.HEAR, self._below(REPLICAS_COUNT))
        # Soon, so that most of what follows is limited, and seldom after that.
        if roll < (0.142 if world.auditor.account.buyers.rules else 0.155):
            return self._sent(self._limiting())
        if 0.142 <= roll < 0.1435:
            return self._sent(self._closing())
        return None

    def _sent(self, operation: Operation) -> Step:
        return Step(Happening.SEND, self.number(), operation=operation)

    def _passing_ms(self, world: World) -> int:
        """Some seconds; or until an instant at which a hold lapses on some replica, exactly; or
        until the next day."""
        if self.dice.random() < 0.01:
            return DAY_MS - world.now_ms % DAY_MS
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
        [verb] = self.dice.choices(OFTEN, cum_weights=HOW_OFTEN)
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
        request_id = self._id()
        return Operation(
            verb=Verb.RESERVE,
            request_id=request_id,
            owner=self._by(self._one(OWNERS)),
            lines=self._lines(3),
            hold_s=self._one(HOLDS_S),
            is_partial=self.dice.random() < 0.4,
            buyer_id=buyer_of(request_id),
        )

    def _superseding(self, made: Operation) -> Operation:
        request_id = self._id()
        return Operation(
            verb=Verb.SUPERSEDE,
            request_id=request_id,
            owner=made.owner,
            lines=self._lines(3),
            hold_s=self._one(HOLDS_S),
            is_partial=self.dice.random() < 0.4,
            about=made.made_id,
            buyer_id=buyer_of(request_id) if request_id[0] == "0" else made.buyer_id,
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

    def _limiting(self) -> Operation:
        limits = ((self._one(PLACES).sku, self._one(LIMITS), self._one(PERIODS_S)),)
        return Operation(
            verb=Verb.LIMIT, request_id=self._id(), owner=self._by("erp"), limits=limits
        )

    def _closing(self) -> Operation:
        return Operation(
            verb=Verb.CLOSE,
            request_id=self._id(),
            owner=self._by("operator"),
            about=self._one(PLACES).location_id,
            open_s=self._one(OPEN_S),
        )

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


def buyer_of(request_id: str) -> str:
    """By its id, so that who reserves without limits draws what they drew before."""
    return BUYERS[int(request_id[-4:], 16) % len(BUYERS)]
