"""Histories by their seeds; and the shortest that is left of one that breaks something."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from tests.simulation.broken import BrokenError
from tests.simulation.chance import Chance
from tests.simulation.operations import Verb
from tests.simulation.world import Happening, Step, World, broken_by

# Longer ones bring nothing that short ones do not, and the shorter the easier to read.
STEPS_MAX = 1000


@dataclass(slots=True)
class Searched:
    """`broken` is the first that was found, by the history of `seed`."""

    steps_count: int = 0
    met: Counter[tuple[Verb, str]] = field(default_factory=Counter)
    happened: Counter[Happening] = field(default_factory=Counter)
    seed: int = 0
    broken: BrokenError | None = None
    history: list[Step] = field(default_factory=list)

    def text(self) -> str:
        """For whoever has to find out why."""
        assert self.broken is not None
        short = shortest(self.history, self.broken.invariant)
        steps = (f"{number:>3}. {step}" for number, step in enumerate(short, start=1))
        return "\n".join([f"seed {self.seed}: {broken_by(short)}", *steps])


def search(*, first_seed: int, steps_count: int) -> Searched:
    """Of so many steps at least, a history after the other, until something breaks."""
    searched = Searched(seed=first_seed)
    while True:
        history, world = list[Step](), World()
        chance = Chance(random.Random(searched.seed))
        try:
            for _ in range(STEPS_MAX):
                step = chance.next(world)
                history.append(step)
                world.happen(step)
        except BrokenError as broken:
            searched.broken, searched.history = broken, history
        finally:
            world.close()
        searched.steps_count += len(history)
        searched.met += world.auditor.met
        searched.happened.update(map(attrgetter("what"), history))
        if searched.broken or searched.steps_count >= steps_count:
            return searched
        searched.seed += 1


def shortest(history: Sequence[Step], invariant: str) -> list[Step]:
    """What is left when no step can be dropped without the invariant holding again."""

    def still_breaks(steps: Sequence[Step]) -> bool:
        broken = broken_by(steps)
        return broken is not None and broken.invariant == invariant

    left, size = list(history), len(history) // 2
    while size:
        fewer = without_parts(left, size, still_breaks)
        # Again by ones as long as that helps: what one step was for, another may have been.
        size = size // 2 if len(fewer) == len(left) or size > 1 else 1
        left = fewer
    return left


def without_parts(
    history: list[Step], size: int, still_breaks: Callable[[Sequence[Step]], bool]
) -> list[Step]:
    """From the end on, since what came last depends on most."""
    for begin in range((len(history) - 1) // size * size, -1, -size):
        fewer = history[:begin] + history[begin + size :]
        if still_breaks(fewer):
            history = fewer
    return history
