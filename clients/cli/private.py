"""Files that nobody but their owner reads: secrets, tokens, keys."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from clients.house import CannotRunError


@dataclass(frozen=True, slots=True)
class Room:
    """A place that is known to take a text, before there is one."""

    file: Path
    draft: IO[str]

    def keep(self, text: str) -> None:
        """In place of what stood there; whole, or not at all."""
        self.draft.write(f"{text}\n")
        self.draft.flush()
        os.fsync(self.draft.fileno())
        os.replace(self.draft.name, self.file)
        folder = os.open(self.file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # Or a loss of power takes what is told only once.
        finally:
            os.close(folder)


@contextmanager
def room_at(file: Path) -> Iterator[Room]:
    """To be asked for before a secret is made: one that cannot be written down is lost.

    Nothing changes unless something is kept. Raises CannotRunError.
    """
    if file.is_dir():
        raise CannotRunError(f"{file} is a directory: name a file in it")
    if not file.parent.is_dir():
        raise CannotRunError(f"{file.parent} is no directory: make it, e.g. with mkdir -m 700")
    # Made readable by its owner alone, and so moved.
    with tempfile.NamedTemporaryFile(
        "w", dir=file.parent, prefix=f".{file.name}.", delete=False, encoding="utf-8"
    ) as draft:
        try:
            yield Room(file, draft)
        finally:
            Path(draft.name).unlink(missing_ok=True)
