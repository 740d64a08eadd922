"""The local suite's secrets: made once, files of their owner alone, like those of a cluster."""

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

KEY_BYTES = 32
PASSWORD_BYTES = 24


def key_file(folder: Path, name: str) -> Path:
    """32 random bytes in base64, the same at every start."""
    return kept(folder / f"{name}.key", lambda: base64.b64encode(os.urandom(KEY_BYTES)).decode())


def password_file(folder: Path, name: str) -> Path:
    """A random password, the same at every start."""
    return kept(folder / f"{name}.secret", lambda: secrets.token_urlsafe(PASSWORD_BYTES))


def text_file(folder: Path, name: str, text: str) -> Path:
    """What is secret because of what stands in it, e.g. a URI; replaced when it changes."""
    file = folder / name
    if not file.exists() or file.read_text() != text:
        write_private(file, text)
    return file


def kept(file: Path, make: Callable[[], str]) -> Path:
    if not file.exists():
        write_private(file, make())
    return file


def write_private(file: Path, text: str) -> None:
    """Whole or not at all, readable by its owner alone from the first byte on."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.new")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text)
    partial.replace(file)
