"""What an import tells: rejections as they come, progress, and the sum at the end."""

import json
from dataclasses import dataclass, replace
from typing import TextIO

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from clients.cli.entries import Note
from clients.house import printable

SHOWN_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What became of the entries of one kind; `read` is the sum of the other three."""

    name: str
    read: int = 0
    written: int = 0
    unchanged: int = 0
    rejected: int = 0

    def add(self, *, written: int = 0, unchanged: int = 0, rejected: int = 0) -> "Count":
        return replace(
            self,
            read=self.read + written + unchanged + rejected,
            written=self.written + written,
            unchanged=self.unchanged + unchanged,
            rejected=self.rejected + rejected,
        )

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.read} read, {self.written} written, "
            f"{self.unchanged} unchanged, {self.rejected} rejected"
        )


class Report:
    """Tells people on `console`: at most SHOWN_MAX rejections and as many notes.

    All of them go into `rejects`, a JSON object a line. `place` is what a place in the
    file is called: line or item.
    """

    def __init__(self, console: Console, *, place: str, rejects: TextIO | None) -> None:
        self._console = console
        self._place = place
        self._rejects = rejects
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("")
        self.rejected: set[int] = set()
        self.noted_count = 0
        self._rejected_count = 0

    def __enter__(self) -> "Report":
        self._progress.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._progress.stop()

    def reject(self, place: int, note: Note) -> None:
        self.rejected.add(place)
        self._rejected_count += 1
        self._tell(place, note, "rejected", self._rejected_count)

    def note(self, place: int, note: Note) -> None:
        self.noted_count += 1
        self._tell(place, note, "noted", self.noted_count)

    def count(self, count: Count) -> None:
        self._progress.update(self._task, description=str(count))

    def close(self) -> None:
        """What was told without being shown."""
        for what, told in (("rejected", self._rejected_count), ("noted", self.noted_count)):
            if told > SHOWN_MAX:
                self._say(f"… and {told - SHOWN_MAX} more {what}{self._where()}")

    def _where(self) -> str:
        if self._rejects is None:
            return "; --rejects FILE writes them all"
        return f", all in {self._rejects.name}"

    def _tell(self, place: int, note: Note, what: str, number: int) -> None:
        if number <= SHOWN_MAX:
            self._say(f"{self._place} {place} {what}: {note.reason}: {note.message}")
        if self._rejects is not None:
            row = {self._place: place, "what": what, "reason": note.reason, "message": note.message}
            self._rejects.write(json.dumps(row, ensure_ascii=False) + "\n")

    def _say(self, text: str) -> None:
        # Texts of a file and of services are no markup.
        self._console.print(printable(text, 1000), markup=False, highlight=False, soft_wrap=True)
