"""Small files that somebody names: certificates, secrets, tokens, panels."""

from pathlib import Path


class CannotRunError(Exception):
    """The program cannot do its work; the message says what to do."""


def read(file: Path, bytes_max: int = 1 << 20) -> bytes:
    """Raises CannotRunError."""
    try:
        with file.open("rb") as opened:
            return opened.read(bytes_max)
    except OSError as error:
        raise CannotRunError(f"{file} cannot be read: {error.strerror}") from error
