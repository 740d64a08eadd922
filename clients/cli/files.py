"""The file that is imported, as one that can be read from its beginning as often as needed."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from clients.house import CannotRunError

STDIN = Path("-")


@contextmanager
def readable(file: Path) -> Iterator[Path]:
    """`file` itself; of a pipe, or of `-` for what is piped in, a copy that ends with the block.

    Files are read more than once: their head tells the format, and products come before
    their prices. The copy is readable by its owner alone, as it may hold people's names.
    Raises CannotRunError for what is no file.
    """
    if file == STDIN:
        with copied(sys.stdin.buffer) as copy:
            yield copy
    elif file.is_fifo():
        with file.open("rb") as pipe, copied(pipe) as copy:
            yield copy
    elif file.is_dir():
        raise CannotRunError(f"{file} is a directory: name one file of it")
    elif not file.exists():
        raise CannotRunError(f"{file} does not exist")
    else:
        yield file


@contextmanager
def copied(source: BinaryIO) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="comptoir-import-") as folder:
        copy = Path(folder) / "stdin"
        with copy.open("wb") as target:
            shutil.copyfileobj(source, target)
        yield copy
