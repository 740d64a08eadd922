"""An open-loop load: journeys begin when they are due, whatever became of those before.

Everything random comes from the seed: which journeys, when, with what. What a fault makes
of them does not.
"""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.chaos.crew import Crew
from tests.chaos.desk import Desk
from tests.chaos.journey import GaveUpError, Journey
from tests.chaos.journeys import Way

# More at once would be no load any more but a queue of our own.
JOURNEYS_MAX = 400


@dataclass(slots=True, kw_only=True)
class Load:
    """`ways` says how often each is gone, in parts of the whole; `shed_count` how many journeys
    did not begin for too many that had not ended."""

    desk: Desk
    crew: Crew
    seed: int
    per_s: float
    ways: Mapping[Way, int]
    shed_count: int = 0
    begun_count: int = 0
    failures: list[BaseException] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        """Until cancelled; journeys under way go on: `ended` waits for them."""
        loop = asyncio.get_running_loop()
        dice, due_s = random.Random(self.seed), loop.time()
        while True:
            due_s += dice.expovariate(self.per_s)
            await asyncio.sleep(max(0.0, due_s - loop.time()))
            self._begin(random.Random(dice.getrandbits(64)))

    def _begin(self, dice: random.Random) -> None:
        if len(self._tasks) >= JOURNEYS_MAX:
            self.shed_count += 1
            return
        self.begun_count += 1
        task = asyncio.create_task(self._gone(dice))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _gone(self, dice: random.Random) -> None:
        [way] = dice.choices(list(self.ways), list(self.ways.values()))
        journey = Journey(
            desk=self.desk,
            crew=self.crew,
            dice=dice,
            buyer=dice.choice(self.crew.customers),
            seller=dice.choice(self.crew.sellers),
        )
        try:
            await way(journey)
        except GaveUpError:
            pass  # The journal says why.
        except Exception as error:  # A flaw of ours would be taken for silence.
            self.failures.append(error)

    async def ended(self, *, timeout_s: float) -> None:
        """Wait for journeys under way; those that take longer are cut, and what they did last
        is unknown."""
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=timeout_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
