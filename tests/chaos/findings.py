"""What a check says: nothing, or which invariant is broken and by what."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Violation:
    """`example` is for a person: which record or operation, what it is and what it should be."""

    invariant: str
    example: str


Violations: TypeAlias = Iterator[Violation]
