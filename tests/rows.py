"""Which worker runs which files: those on the running suite in two rows, all others as they come.

A worker that comes to a test on the running suite starts one, which takes seconds, and then an
eighth of a processor while it idles. Two rows are two suites, however many workers there are.
"""

from pathlib import PurePath
from zlib import crc32

from xdist.scheduler import LoadFileScheduling

# Folders below tests/, and all in them; a row takes as long as the other.
ROWS = {
    "browser": "pages and strangers",
    "fuzz": "pages and strangers",
    "rights": "pages and strangers",
    "e2e": "journeys and faults",
    "promises": "journeys and faults",
}


class Rows(LoadFileScheduling):
    """Hands a worker a whole row, or a file."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return row_of(file) or file


def row_of(file: str) -> str:
    """Empty for a file that needs no running suite; by its path from the repository's root."""
    _, folder, *_ = PurePath(file).parts
    return ROWS.get(folder, "")


def turn_of(file: str) -> tuple[bool, int]:
    """Rows come first, since nobody shortens them later. The others are mixed, the same way
    everywhere and each time: in some folders all wait, in others all compute."""
    return (False, 0) if row_of(file) else (True, crc32(file.encode()))
