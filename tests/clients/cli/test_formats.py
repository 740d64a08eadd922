"""A file is known by its content; one that cannot be read is refused with what to do."""

from pathlib import Path

import pytest

from clients.cli.entries import Entry, Refusal
from clients.cli.formats import Format, customers_in, format_of, goods_in
from clients.house import CannotRunError

PRODUCTS = (Format.CSV, Format.JSONL, Format.RETAIL_DEMO_STORE)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("sku,category\n", Format.CSV),
        ("\ufeffsku;category\n", Format.CSV),
        ('\n{"sku": "A"}\n', Format.JSONL),
        ("- id: a\n  current_stock: 1\n", Format.RETAIL_DEMO_STORE),
    ],
)
def test_a_format_is_guessed_by_content(tmp_path: Path, content: str, found: Format) -> None:
    file = tmp_path / "file"
    file.write_text(content)

    assert format_of(file, None, among=PRODUCTS) is found


def test_a_format_that_is_given_is_not_guessed(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("sku\n")

    assert format_of(file, Format.CSV, among=PRODUCTS) is Format.CSV


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b" \n\n", "is empty"),
        (b"\x00\x01\x02", "is no text"),
        (b"\x1f\x8b\x08", "unpack it"),
        ("sku,category\n".encode("utf-16"), "UTF-16: save it as UTF-8"),
        (b"hello", "give --format"),
        (b"[1, 2]", "give --format"),
        (b'[{"hours": "Mon: 10-9", "location": {"lat": 1}}]', "bestbuy holds something else"),
        (b"sku,category,titel\nA,b,C\n", "no such column: 'titel'"),
        (b"sku,category,sku\nA,b,C\n", "two columns have one name"),
        ("sku,category,é\n".encode("cp1252"), "line 1: save the file as UTF-8"),
        (b"- current_stock: 1\n  id: [", "is not whole YAML"),
        (b"- current_stock: 1\nfoo: bar", "is not whole YAML"),
        (b"- current_stock: 1\n  id: \xe9", "line 2: not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_imported_says_what_to_do(
    tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)

    with pytest.raises(CannotRunError, match=words):
        goods_in(file, format_of(file, None, among=PRODUCTS))


def test_an_item_with_half_a_character_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    good = '{"id": "2", "first_name": "A", "last_name": "B", "email": "a@b.fr", "persona": ""}'
    file = tmp_path / "users.json"
    file.write_text(f"[{good.replace('B', chr(92) + 'ud800')}, {good}]")

    refused, entry = customers_in(file, Format.RETAIL_DEMO_USERS)

    assert isinstance(refused, Refusal) and refused.note.reason == "NOT_JSON"
    assert isinstance(entry, Entry) and entry.value.family_name == "B"
