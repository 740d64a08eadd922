"""The cabinet's memory on disk: whole and durable, or as it was before."""

import os
from pathlib import Path

from clients.locker.memory import Memory, memory_from_json, memory_to_json


class StateFile:
    """One file, of one process: it holds the cabinet's private key."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Memory | None:
        """None where there is no file yet. Raises UnreadableMemoryError."""
        try:
            return memory_from_json(self._path.read_text())
        except FileNotFoundError:
            return None

    def save(self, memory: Memory) -> None:
        """Returns when no loss of power can undo it."""
        draft = self._path.with_suffix(self._path.suffix + ".new")
        # Readable by its owner alone from the first byte on.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(memory_to_json(memory))
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, self._path)
        sync_folder(self._path.parent)


def sync_folder(folder: Path) -> None:
    """Without it a loss of power may undo the renaming."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
