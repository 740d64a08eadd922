"""Documents that are read whole: a JSON or YAML list of objects. Items count from 1."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from clients.cli.entries import Entry, Note, Read, Record, Refusal
from clients.cli.lines import check_characters, exact_json
from clients.house import CannotRunError

# All of it lies in memory, some ten times over while it is read.
DOCUMENT_BYTES_MAX = 64 << 20


def json_items(file: Path) -> list[Any]:
    """With numbers as they are written. Raises CannotRunError."""
    try:
        content = exact_json(text_of(file))
    except (ValueError, RecursionError) as error:
        # json's own words say the line: nothing in them comes from the file.
        raise CannotRunError(
            f"{file} is not whole JSON ({error}): was it cut off? Fetch it again"
        ) from error
    return list_of(file, content)


def yaml_items(file: Path) -> list[Any]:
    """With all values as they are written, as text. Raises CannotRunError."""
    # In C where it is there: ten times as fast. Neither makes anything but text, lists, objects.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        content = yaml.load(text_of(file), Loader=loader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "somewhere"
        raise CannotRunError(
            f"{file} is not whole YAML ({where}): was it cut off? Fetch it again"
        ) from error
    return list_of(file, content)


def items(content: list[Any]) -> Iterator[Read[Record]]:
    for number, item in enumerate(content, 1):
        if not isinstance(item, dict):
            yield Refusal(number, Note("NOT_AN_OBJECT", "names and values are needed here"))
            continue
        try:
            check_characters(item)
        except ValueError as error:
            yield Refusal(number, Note("NOT_JSON", str(error)))
        else:
            yield Entry(number, item)


def text_of(file: Path) -> str:
    with file.open("rb") as opened:
        raw = opened.read(DOCUMENT_BYTES_MAX + 1)
    if len(raw) > DOCUMENT_BYTES_MAX:
        raise CannotRunError(
            f"{file} is larger than {DOCUMENT_BYTES_MAX >> 20} MiB: write it as JSON Lines"
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CannotRunError(f"{file}, line {line}: not UTF-8: save the file as UTF-8") from error


def list_of(file: Path, content: Any) -> list[Any]:
    if not isinstance(content, list):
        raise CannotRunError(f"{file} holds no list at its top: is it the right file?")
    return content
