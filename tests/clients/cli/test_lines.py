"""A bad line is refused under its number, and what stands around it is read."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.cli.entries import Entry, Read, Record, Refusal
from clients.cli.formats import STOCK_COLUMNS
from clients.cli.lines import LINE_BYTES_MAX, csv_records, flat, json_records
from clients.house import CannotRunError

HEAD = "location_id,sku,sellable_quantity\n"


def told(entries: Iterable[Read[Record]]) -> list[tuple[int, str]]:
    """Place, and the sku there or the reason why not."""
    return [
        (each.place, each.note.reason if isinstance(each, Refusal) else each.value["sku"])
        for each in entries
    ]


def csv_of(folder: Path, content: str | bytes) -> list[tuple[int, str]]:
    file = folder / "file"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return told(csv_records(file, STOCK_COLUMNS))


def json_of(folder: Path, content: str | bytes) -> list[tuple[int, str]]:
    file = folder / "file"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return told(json_records(file))


def test_a_record_of_several_lines_stands_at_its_first(tmp_path: Path) -> None:
    assert csv_of(tmp_path, HEAD + 'a,"X\n1",2\nb,Y,3\n') == [(2, "X\n1"), (4, "Y")]


def test_a_quote_that_is_never_closed_costs_its_own_line_alone(tmp_path: Path) -> None:
    found = csv_of(tmp_path, HEAD + 'a,"X,2\nb,Y,3\nc,Z,4\n')

    assert found == [(2, "NOT_CSV"), (3, "Y"), (4, "Z")]


def test_an_open_quote_at_the_end_of_a_long_file_does_not_swallow_it(tmp_path: Path) -> None:
    rows = "".join(f"a,S{number},1\n" for number in range(500))
    found = csv_of(tmp_path, f'{HEAD}a,"X,2\n{rows}')

    assert found[0] == (2, "NOT_CSV")
    assert len(found) == 501


@pytest.mark.parametrize("row", ["a,X", "a,X,1,2"])
def test_a_row_with_too_few_or_many_fields_is_refused(tmp_path: Path, row: str) -> None:
    assert csv_of(tmp_path, f"{HEAD}{row}\nb,Y,3\n") == [(2, "NOT_CSV"), (3, "Y")]


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_fields_may_be_separated_as_spreadsheets_do(tmp_path: Path, delimiter: str) -> None:
    content = (HEAD + "a,X,1\n").replace(",", delimiter)

    assert csv_of(tmp_path, content) == [(2, "X")]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    assert csv_of(tmp_path, b"\xef\xbb\xbf" + HEAD.encode() + b"a,X,1\n") == [(2, "X")]


def test_a_line_in_another_encoding_is_refused_alone(tmp_path: Path) -> None:
    content = HEAD.encode() + "a,é,1\n".encode("cp1252") + b"b,Y,2\n"

    assert csv_of(tmp_path, content) == [(2, "NOT_UTF8"), (3, "Y")]


@pytest.mark.parametrize(
    "head", ["location_id,sku\n", "location_id,sku,sellable_quantity,sku\n", "sku,sellable,foo\n"]
)
def test_a_header_that_lacks_doubles_or_mistypes_a_column_stops_it(
    tmp_path: Path, head: str
) -> None:
    with pytest.raises(CannotRunError, match="first line names the columns"):
        csv_of(tmp_path, head + "a,b,c\n")


def test_a_truncated_last_line_is_refused_alone(tmp_path: Path) -> None:
    assert json_of(tmp_path, '{"sku": "X"}\n{"sku": "Y", "pri') == [(1, "X"), (2, "NOT_JSON")]


@pytest.mark.parametrize("line", ["[1]", "7", "NaN", '{"sku": ["a"]}', '{"a": NaN}', "[" * 9999])
def test_a_line_that_is_no_object_of_plain_values_is_refused(tmp_path: Path, line: str) -> None:
    assert json_of(tmp_path, f'{line}\n{{"sku": "Y"}}\n') == [(1, "NOT_JSON"), (2, "Y")]


def test_a_line_without_an_end_is_refused_without_being_held(tmp_path: Path) -> None:
    content = b"x" * (3 * LINE_BYTES_MAX) + b'\n{"sku": "Y"}\n'

    assert json_of(tmp_path, content) == [(1, "LINE_TOO_LONG"), (2, "Y")]


def test_empty_lines_count_and_say_nothing(tmp_path: Path) -> None:
    assert json_of(tmp_path, '\n\n{"sku": "X"}\n\n') == [(3, "X")]


def test_numbers_stay_as_they_are_written() -> None:
    assert flat({"price": "0.10", "title": {"fr": "a"}}) == {"price": "0.10", "title.fr": "a"}


@given(st.binary(max_size=400))
def test_whatever_is_in_a_file_each_line_is_told_at_most_once(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = tmp_path_factory.mktemp("any") / "file"
    file.write_bytes(HEAD.encode() + content)
    entries = list(csv_records(file, STOCK_COLUMNS))
    places = [each.place for each in entries]

    assert places == sorted(set(places))
    assert all(isinstance(each, Entry | Refusal) for each in entries)
