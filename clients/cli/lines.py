"""Text files line by line: JSON Lines and CSV. Each record stands at its first line."""

import csv
import json
import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from clients.cli.entries import Entry, Note, Read, Record, Refusal
from clients.house import CannotRunError, printable

if TYPE_CHECKING:
    from _csv import Dialect

# Above every limit of a product's texts together, below the services' message of 1 MiB.
LINE_BYTES_MAX = 512 << 10
# A quoted CSV field may hold line breaks; one that is never closed must not swallow the file.
RECORD_LINES_MAX = 100
DELIMITERS = (",", ";", "\t")
# What a JSON object may hold in another: {"title": {"fr": …}}, {"fact": {"length": {"unit": …}}}.
DEPTH_MAX = 4
LISTS = {
    "category": "/",
    "pictures": " ",
    "roles": " ",
    "location_ids": " ",
    "compartments.S": " ",
    "compartments.M": " ",
    "compartments.L": " ",
}


def lines(file: Path) -> Iterator[Read[str]]:
    """Lines that hold something, with their ends. A byte order mark is left out."""
    with file.open("rb") as opened:
        number = 0
        while raw := opened.readline(LINE_BYTES_MAX + 1):
            number += 1
            if len(raw) > LINE_BYTES_MAX:
                skip_line(opened, raw)
                yield Refusal(number, Note("LINE_TOO_LONG", f"at most {LINE_BYTES_MAX} bytes"))
                continue
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                yield Refusal(number, Note("NOT_UTF8", "save the file as UTF-8"))
                continue
            if text.strip():
                yield Entry(number, text)


def skip_line(opened: BinaryIO, raw: bytes) -> None:
    while raw and not raw.endswith(b"\n"):
        raw = opened.readline(LINE_BYTES_MAX)


def json_records(file: Path) -> Iterator[Read[Record]]:
    for line in lines(file):
        if isinstance(line, Refusal):
            yield line
            continue
        try:
            content = exact_json(line.value)
        except (ValueError, RecursionError):
            yield Refusal(line.place, Note("NOT_JSON", "write one whole JSON object a line"))
            continue
        try:
            record = flat(content)
            check_characters(record)
            yield Entry(line.place, record)
        except ValueError as error:
            yield Refusal(line.place, Note("NOT_JSON", str(error)))


def exact_json(text: str) -> Any:
    """With numbers as they are written, or a price would become a float. Raises ValueError."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is not JSON")

    return json.loads(text, parse_float=str, parse_int=str, parse_constant=refuse)


def check_characters(content: Any) -> None:
    """Raises ValueError for half a character, which JSON can say and no UTF-8 can."""
    try:
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("half of a character stands alone: write it whole") from None


def flat(content: Any) -> dict[str, str]:
    """Objects in objects by dotted names, all as text, as a CSV would have it.

    Raises ValueError, saying what to do.
    """
    if not isinstance(content, dict):
        raise ValueError("write one whole JSON object a line")
    found: dict[str, str] = {}
    waiting = deque((name, value, 1) for name, value in content.items())
    while waiting:
        name, value, depth = waiting.popleft()
        if isinstance(value, dict) and depth < DEPTH_MAX:
            waiting.extend((f"{name}.{key}", inner, depth + 1) for key, inner in value.items())
        elif value is not None:
            found[name] = text_of(name, value)
    return found


def text_of(name: str, value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case list() if name in LISTS and all(isinstance(each, str) for each in value):
            return LISTS[name].join(value)
    raise ValueError(f"{printable(name, 40)}: a text, a number, true or false")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which there may be, which there must be, and the same in words."""

    known: re.Pattern[str]
    needed: Collection[str]
    words: str


def csv_records(file: Path, expected: Columns) -> Iterator[Read[Record]]:
    """Raises CannotRunError, before the first record, for a header that is not as expected."""
    reading = Records(lines(file))
    head = reading.first()
    if isinstance(head, Refusal):
        raise CannotRunError(f"{file}, line {head.place}: {head.note.message}")
    dialect = dialect_of(head.value)
    columns = columns_of(head.value, dialect)
    check_columns(file, columns, expected)
    return rows_of(reading, columns, dialect)


def columns_of(header: str, dialect: "Dialect") -> list[str]:
    """None of them where it is no line of a CSV."""
    try:
        return [column.strip() for column in row_of(header, dialect) or ()]
    except csv.Error:
        return []


def rows_of(reading: "Records", columns: list[str], dialect: "Dialect") -> Iterator[Read[Record]]:
    for row in reading.rows(dialect):
        if isinstance(row, Refusal):
            yield row
        elif len(row.value) != len(columns):
            message = f"{len(row.value)} fields under {len(columns)} columns: quote what holds "
            yield Refusal(row.place, Note("NOT_CSV", message + repr(dialect.delimiter)))
        else:
            filled = {c: v.strip() for c, v in zip(columns, row.value, strict=True) if v.strip()}
            yield Entry(row.place, filled)


def dialect_of(header: str) -> "Dialect":
    """Made once for a file: to make one takes as long as to read a line by it."""
    delimiter = max(DELIMITERS, key=header.count)
    return csv.reader((), delimiter=delimiter, strict=True).dialect


def check_columns(file: Path, columns: list[str], expected: Columns) -> None:
    if missing := [name for name in expected.needed if name not in columns]:
        wrong = f"it has no column {', '.join(missing)}"
    elif unknown := [name for name in columns if not expected.known.fullmatch(name)]:
        wrong = f"no such column: {printable(unknown[0], 80)!r}"
    elif len(set(columns)) < len(columns):
        wrong = "two columns have one name"
    else:
        return
    raise CannotRunError(
        f"{file}: {wrong}. The first line names the columns, between commas, semicolons or tabs: "
        f"{expected.words}"
    )


class Records:
    """Rows of a CSV from its lines; lines of a row that never ends are looked at again."""

    def __init__(self, source: Iterable[Read[str]]) -> None:
        self._source = iter(source)
        self._again: deque[Read[str]] = deque()

    def first(self) -> Read[str]:
        line = self._next()
        return line or Refusal(1, Note("EMPTY", "there is nothing in it"))

    def rows(self, dialect: "Dialect") -> Iterator[Read[list[str]]]:
        while line := self._next():
            yield line if isinstance(line, Refusal) else self._row(line, dialect)

    def _next(self) -> Read[str] | None:
        return self._again.popleft() if self._again else next(self._source, None)

    def _row(self, line: Entry[str], dialect: "Dialect") -> Read[list[str]]:
        taken: list[Read[str]] = []
        text = line.value
        try:
            while (row := row_of(text, dialect)) is None and len(taken) < RECORD_LINES_MAX:
                following = self._next()
                if following is None:
                    break
                taken.append(following)
                if isinstance(following, Refusal):
                    break
                text += following.value
        except csv.Error:
            row = None
        if row is not None:
            return Entry(line.place, row)
        self._again.extendleft(reversed(taken))
        message = "a quote is not closed, or stands in the wrong place"
        return Refusal(line.place, Note("NOT_CSV", message))


def row_of(text: str, dialect: "Dialect") -> list[str] | None:
    """None where a quoted field goes on in the next line. Raises csv.Error."""
    try:
        return next(csv.reader([text], dialect), [])
    except csv.Error as error:
        if str(error) == "unexpected end of data":
            return None
        raise
