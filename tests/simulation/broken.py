"""What a simulation has found wrong."""


class BrokenError(Exception):
    """An invariant of docs/reliability.md does not hold, and by what."""

    def __init__(self, invariant: str, example: str) -> None:
        super().__init__(f"{invariant}: {example}")
        self.invariant = invariant
