"""Parsers of our own against any text: each gives a value or its one refusal, and nothing else."""

import base64
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chassis.access import UnauthenticatedError
from chassis.auth import Trust, Verifier
from chassis.errors import AppError
from chassis.events import LogCursor, decode_cursor, encode_cursor
from chassis.paging import InvalidPageError, decode_token, encode_token
from chassis.requests import InvalidRequestIdError, Request, canonical_id
from clients.cli.entries import Entry, Refusal, RefusedError
from clients.cli.fields import Fields
from clients.cli.formats import LOCATION_COLUMNS
from clients.cli.hours import UnreadableError, hours_from
from clients.cli.lines import csv_records, json_records
from clients.cli.places import location_from
from clients.house import CannotRunError
from clients.locker.codes import RefusedTextError, claim_from
from services.gateway.limiting import source_of
from services.gateway.wire import InvalidRequestError, bytes_from_text, coordinates_from_text

# Half characters too, as JSON with escapes and broken terminals bring them.
ANY = st.text(st.characters(exclude_categories=()), max_size=200)
BASE64 = st.binary(max_size=200).map(lambda content: base64.urlsafe_b64encode(content).decode())
TEXTS = ANY | BASE64 | st.text(string.printable, max_size=200)
HOURS = st.text("MonTueSatday:;0123456789-apm. ", max_size=80)
NUMBERS = st.text("0123456789+-.,eE_ nainf٣", max_size=40)
TIMES = st.text("0123456789-:T+Z.", min_size=8, max_size=35)


@given(TEXTS)
@example(base64.urlsafe_b64encode(b"epoch " + b"9" * 5_000).decode())
def test_a_cursor_is_one_of_ours_or_refused(text: str) -> None:
    try:
        cursor = decode_cursor(text)
    except AppError as error:
        assert error.reason == "INVALID_CURSOR"
    else:
        assert cursor.position >= 0


@given(st.text("0123456789abcdef", min_size=32, max_size=32), st.integers(0, 1 << 62))
def test_a_cursor_of_ours_comes_back(epoch: str, position: int) -> None:
    cursor = LogCursor(epoch, position)
    assert decode_cursor(encode_cursor(cursor)) == cursor


@given(TEXTS.filter(bool), st.text(max_size=20))
def test_a_page_token_that_we_did_not_make_is_refused(text: str, query: str) -> None:
    with pytest.raises(InvalidPageError):
        decode_token(text, query=query)


@given(st.text(max_size=100), st.text(max_size=20), st.text(max_size=20))
def test_a_page_token_is_good_for_its_query_alone(key: str, query: str, other: str) -> None:
    token = encode_token(key, query=query)
    assert decode_token(token, query=query) == key
    if other != query:
        with pytest.raises(InvalidPageError):
            decode_token(token, query=other)


async def no_keys() -> dict[str, bytes]:
    return {}


@given(TEXTS | st.lists(BASE64, min_size=3, max_size=3).map(".".join))
async def test_what_is_no_token_proves_nobody(text: str) -> None:
    verifier = Verifier("here", {"customer": Trust(no_keys, ("customer",))})
    with pytest.raises(UnauthenticatedError):
        await verifier.authenticate({"authorization": f"Bearer {text}"})


@given(TEXTS | st.uuids().map(str))
@example("ffffffff-ffff-7fff-bfff-ffffffffffff")
def test_a_request_id_is_a_uuid_or_refused(text: str) -> None:
    try:
        request_id = canonical_id(text)
    except InvalidRequestIdError:
        return
    assert canonical_id(request_id) == request_id
    request = Request(subject="s", method="m", request_id=request_id, body_hash=b"")
    assert request.id_time is None or request.id_time.tzinfo is not None


@given(NUMBERS | ANY)
def test_a_place_is_on_no_end_of_the_numbers(text: str) -> None:
    try:
        place = coordinates_from_text(text, "near")
    except InvalidRequestError as error:
        assert [violation.field for violation in error.violations] == ["near"]
    else:
        assert place is None or all(abs(degrees) < float("inf") for degrees in place)


@given(TEXTS)
def test_bytes_in_json_are_base64url_or_refused(text: str) -> None:
    try:
        assert isinstance(bytes_from_text(text, "public_key"), bytes)
    except InvalidRequestError as error:
        assert [violation.field for violation in error.violations] == ["public_key"]


@given(TEXTS | st.ip_addresses().map(str))
def test_where_a_request_comes_from_is_short(text: str) -> None:
    assert len(source_of(text)) <= 64


@given(HOURS | ANY)
def test_opening_hours_lie_in_their_week_or_are_unreadable(text: str) -> None:
    try:
        found = hours_from(text)
    except UnreadableError:
        return
    for hours in found:
        assert 1 <= hours.weekday <= 7
        assert 0 <= hours.opens_minute < hours.closes_minute <= 2 * 24 * 60


@given(TEXTS)
def test_what_a_cabinets_reader_sees_is_signed_or_refused(text: str) -> None:
    with pytest.raises(RefusedTextError):
        claim_from(text, {"key-1": "00" * 32})


@given(TIMES)
@example("0001-01-01T00:00:00+14:00")
@example("9999-12-31T23:59:59-14:00")
def test_a_time_in_a_file_has_its_offset_or_is_refused(text: str) -> None:
    try:
        time = Fields({"from": text}).time("from")
    except RefusedError:
        return
    assert time is not None and time.utcoffset() is not None


@given(NUMBERS | st.sampled_from(["9" * 5_000, "1e" + "9" * 20, "0." + "0" * 5_000 + "1"]))
def test_a_number_in_a_file_is_one_or_refused(text: str) -> None:
    for read in (Fields({"n": text}).integer, Fields({"n": text}).decimal):
        try:
            read("n")
        except RefusedError:
            continue


CONTENT = st.binary(max_size=400) | ANY.map(lambda text: text.encode(errors="surrogatepass"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CONTENT | st.sampled_from([b'{"name": "a"}', b"\xef\xbb\xbf{}", b"[" * 5_000])))
def test_any_lines_of_json_are_records_or_refused(tmp_path: Path, parts: list[bytes]) -> None:
    file = tmp_path / "any.jsonl"
    file.write_bytes(b"\n".join(parts))
    for read in json_records(file):
        assert_goes_in_or_not(read)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CONTENT | st.sampled_from([b"a,b", b'"a', b"x" * 1_000, b"\r\r", b"\0"])))
def test_any_lines_of_csv_are_records_or_refused(tmp_path: Path, parts: list[bytes]) -> None:
    file = tmp_path / "any.csv"
    file.write_bytes(b"\n".join([",".join(LOCATION_COLUMNS.needed).encode(), *parts]))
    try:
        for read in csv_records(file, LOCATION_COLUMNS):
            assert_goes_in_or_not(read)
    except CannotRunError as error:
        raise AssertionError("the header is as expected") from error


def assert_goes_in_or_not(read: object) -> None:
    assert isinstance(read, Entry | Refusal)
    if isinstance(read, Refusal):
        assert read.note.reason.isupper() and read.note.message
        return
    try:
        location_from(read.value)
    except RefusedError as error:
        assert error.note.reason.isupper() and error.note.message
