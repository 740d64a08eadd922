"""Files as people really have them: what is wrong is told with its line, the rest goes in."""

import codecs
import gzip
import os
import threading
from pathlib import Path

import pytest

from clients.cli.entries import Refusal
from clients.cli.formats import Format, format_of, levels_in
from clients.house import CannotRunError
from tests.clients.shop import Shop

HEAD = b"location_id,sku,sellable_quantity\n"
GOOD = b"lyon,LAMP,7\n"
JSON_LINE = b'{"location_id":"lyon","sku":"LAMP","sellable_quantity":7}\n'
LYON = '{"location_id":"lyon","name":"Lyon","country":"FR","time_zone":"Europe/Paris"}\n'


def told(folder: Path, content: bytes) -> list[tuple[int, str]]:
    """Line, and the sku there or the reason why not. Raises CannotRunError."""
    file = folder / "file"
    file.write_bytes(content)
    form = format_of(file, None, among=(Format.CSV, Format.JSONL))
    return [
        (each.place, each.note.reason if isinstance(each, Refusal) else each.value.sku)
        for each in levels_in(file, form, [])
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(codecs.BOM_UTF8 + HEAD + GOOD, [(2, "LAMP")], id="byte order mark"),
        pytest.param((HEAD + GOOD).replace(b"\n", b"\r\n"), [(2, "LAMP")], id="CRLF"),
        pytest.param(HEAD + GOOD.rstrip(), [(2, "LAMP")], id="no last end"),
        pytest.param(
            HEAD + "lyon,é,1\n".encode("latin-1") + GOOD,
            [(2, "NOT_UTF8"), (3, "LAMP")],
            id="Latin-1",
        ),
        pytest.param(
            HEAD + b"lyon,CORD\rDISC,1\n" + GOOD, [(2, "NOT_CSV"), (3, "LAMP")], id="CR inside"
        ),
        pytest.param(
            HEAD + b'lyon,"A\nB",1\n' + GOOD, [(2, "A\nB"), (4, "LAMP")], id="quoted line break"
        ),
        pytest.param(HEAD + b'lyon,"A,1\n' + GOOD, [(2, "NOT_CSV"), (3, "LAMP")], id="open quote"),
        pytest.param(HEAD + b"lyon\n" + GOOD, [(2, "NOT_CSV"), (3, "LAMP")], id="too few fields"),
        pytest.param(
            HEAD + b"lyon,A,1,2\n" + GOOD, [(2, "NOT_CSV"), (3, "LAMP")], id="too many fields"
        ),
        pytest.param(
            HEAD + b"lyon," + b"x" * (10 << 20) + b",1\n" + GOOD,
            [(2, "LINE_TOO_LONG"), (3, "LAMP")],
            id="10 MiB in a line",
        ),
        pytest.param(
            HEAD + b"lyon,A,seven\n" + GOOD, [(2, "INVALID_FIELD"), (3, "LAMP")], id="no number"
        ),
        pytest.param(
            HEAD + b"lyon,,1\n\n\n" + GOOD, [(2, "INVALID_FIELD"), (5, "LAMP")], id="empty lines"
        ),
        pytest.param(HEAD + GOOD + GOOD, [(2, "LAMP"), (3, "DUPLICATE")], id="twice"),
        pytest.param(HEAD, [], id="a header alone"),
        pytest.param(
            JSON_LINE.replace(b"LAMP", b"\\ud800") + JSON_LINE,
            [(1, "NOT_JSON"), (2, "LAMP")],
            id="half a character",
        ),
        pytest.param(
            JSON_LINE.replace(b"sku", b"\\uDFFF") + JSON_LINE,
            [(1, "NOT_JSON"), (2, "LAMP")],
            id="half a character in a name",
        ),
    ],
)
def test_a_bad_line_is_told_and_the_rest_is_read(
    tmp_path: Path, content: bytes, expected: list[tuple[int, str]]
) -> None:
    assert told(tmp_path, content) == expected


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(codecs.BOM_UTF8 + b"\n", "is empty", id="a byte order mark alone"),
        pytest.param((HEAD + GOOD).decode().encode("utf-16"), "save it as UTF-8", id="UTF-16"),
        pytest.param(
            (HEAD + GOOD).decode().encode("utf-16-le"), "export it as text", id="UTF-16 unmarked"
        ),
        pytest.param(gzip.compress(HEAD + GOOD), "unpack it", id="gzip"),
        pytest.param((HEAD + GOOD).replace(b"\n", b"\r"), "CR alone", id="CR alone"),
        pytest.param(
            "location_id,sku,sellable_quantity,é\n".encode("latin-1"), "line 1: ", id="bad header"
        ),
        pytest.param(b"location_id,sku,sku,sellable_quantity\n", "one name", id="doubled column"),
        pytest.param(b'location_id,"sku" x,y\n' + GOOD, "first line names", id="no header"),
        pytest.param(b"hello\n", "give --format", id="something else"),
    ],
)
def test_what_cannot_be_read_at_all_says_what_to_do(
    tmp_path: Path, content: bytes, advice: str
) -> None:
    with pytest.raises(CannotRunError, match=advice):
        told(tmp_path, content)


async def test_a_pipe_is_read_like_a_file(house: Shop) -> None:
    await house.cli("locations", house.file("places.jsonl", LYON))
    pipe = house.folder / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(HEAD + GOOD + b"lyon,A B,1\n",))
    writer.start()
    ended = await house.cli("stock", pipe)
    writer.join()

    assert (ended.code, ended.out) == (1, "stock: 2 read, 1 written, 0 unchanged, 1 rejected\n")
    assert "line 3 rejected: INVALID_LEVEL" in ended.err


async def test_what_is_piped_in_is_read_like_a_file(house: Shop) -> None:
    ended = await house.cli("locations", "-", stdin=LYON.encode())

    assert (ended.code, ended.out) == (0, "locations: 1 read, 1 written, 0 unchanged, 0 rejected\n")


async def test_a_folder_is_no_file(house: Shop) -> None:
    ended = await house.cli("stock", house.folder)

    assert (ended.code, ended.out) == (2, "")
    assert "is a directory" in ended.err


async def test_rejections_are_not_written_over_the_file_they_are_of(house: Shop) -> None:
    file = house.file("stock.csv", HEAD + GOOD)
    ended = await house.cli("stock", file, "--rejects", file)

    assert (ended.code, file.read_bytes()) == (2, HEAD + GOOD)
    assert "--rejects" in ended.err
