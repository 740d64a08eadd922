"""Ours and a baseline in turn, and what is made of the runs. Pure but for the runs it is given.

Single runs move by a factor of two on a busy machine, so a ratio is taken of two runs that
follow each other, and of several such ratios the one in the middle.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias

# A generator that takes this much of a core has no more to give,
GENERATOR_CORES_MIN = 0.90
# and if no process that it speaks to is this busy, it was the limit, not they.
SERVER_CORES_MIN = 0.80


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a load generator.

    Attributes:
        failed_count: Answers that were not what was asked for; they are not in `per_s`.
        generator_cores: Processor time of the generator, by the time the run took.
        server_cores: The same of the busiest process that it loads.
        server_ms: Processor time of all these processes together, by answer. It hardly moves
            when others use the machine, as rates do.
    """

    per_s: float
    p50_ms: float
    p99_ms: float
    failed_count: int
    generator_cores: float
    server_cores: float
    server_ms: float

    @property
    def void(self) -> str:
        """Why it says nothing; empty if it does."""
        if self.failed_count or not self.per_s:
            return f"{self.failed_count} of its requests failed"
        if self.generator_cores >= GENERATOR_CORES_MIN and self.server_cores < SERVER_CORES_MIN:
            return (
                f"the load generator was the limit ({self.generator_cores:.0%} of a core, "
                f"the server {self.server_cores:.0%})"
            )
        return ""


Measure: TypeAlias = Callable[[], Awaitable[Run]]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs that followed each other."""

    ours: Run
    bare: Run

    @property
    def void(self) -> str:
        if self.ours.void:
            return f"ours: {self.ours.void}"
        return self.bare.void and f"baseline: {self.bare.void}"


@dataclass(frozen=True, slots=True)
class Rounds:
    """All pairs of a comparison, in order."""

    pairs: tuple[Pair, ...]

    @property
    def valid(self) -> tuple[Pair, ...]:
        return tuple(pair for pair in self.pairs if not pair.void)

    @property
    def note(self) -> str:
        """How busy everybody was, and what was void and why."""
        words = [f"{name} {cores(runs)}" for name, runs in self._by_side() if runs]
        if voids := [pair.void for pair in self.pairs if pair.void]:
            words.append(f"{len(voids)} of {len(self.pairs)} rounds void: {voids[0]}")
        return "; ".join(words)

    def ours(self, of: Callable[[Run], float]) -> float | None:
        return middle([of(pair.ours) for pair in self.valid])

    def bare(self, of: Callable[[Run], float]) -> float | None:
        return middle([of(pair.bare) for pair in self.valid])

    def ratio(self, of: Callable[[Run], float]) -> float | None:
        return middle([of(pair.ours) / of(pair.bare) for pair in self.valid])

    def _by_side(self) -> tuple[tuple[str, list[Run]], ...]:
        ours = [pair.ours for pair in self.pairs]
        return ("ours", ours), ("bare", [pair.bare for pair in self.pairs])


async def alternated(ours: Measure, bare: Measure, *, rounds_count: int) -> Rounds:
    return Rounds(tuple([Pair(await ours(), await bare()) for _ in range(rounds_count)]))


def per_s(run: Run) -> float:
    return run.per_s


def p50_ms(run: Run) -> float:
    return run.p50_ms


def p99_ms(run: Run) -> float:
    return run.p99_ms


def middle(numbers: Sequence[float]) -> float | None:
    return median(numbers) if numbers else None


def cores(runs: Sequence[Run]) -> str:
    """Processor use of server and generator, in the middle run of each."""
    server = median(run.server_cores for run in runs)
    generator = median(run.generator_cores for run in runs)
    each_ms = median(run.server_ms for run in runs)
    return f"cpu {server:.0%} ({each_ms:.2f} ms each), generator {generator:.0%}"
