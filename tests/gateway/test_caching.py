"""What HTTP caches are told."""

from datetime import UTC, datetime, timedelta

import pytest
from aiohttp.test_utils import make_mocked_request

from services.gateway.caching import cache_control, etag_of, is_known

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


def test_what_is_private_is_stored_nowhere() -> None:
    assert cache_control(None, valid_until=None, now=NOW) == "no-store"


def test_what_is_public_is_kept_for_as_long_as_it_may_be() -> None:
    assert cache_control(60, valid_until=None, now=NOW) == "public, max-age=60"


@pytest.mark.parametrize("left_s", [5, 5.9])
def test_nothing_is_kept_beyond_the_instant_at_which_it_changes(left_s: float) -> None:
    valid_until = NOW + timedelta(seconds=left_s)

    assert cache_control(60, valid_until=valid_until, now=NOW) == "public, max-age=5"


@pytest.mark.parametrize("left_s", [0.5, 0, -10])
def test_what_changes_now_is_asked_for_each_time(left_s: float) -> None:
    valid_until = NOW + timedelta(seconds=left_s)

    assert cache_control(60, valid_until=valid_until, now=NOW) == "public, no-cache"


def test_another_body_has_another_tag() -> None:
    assert etag_of(b"1") == etag_of(b"1") != etag_of(b"2")


@pytest.mark.parametrize(
    ("header", "known"),
    [('W/"a"', True), ('"a"', True), ('"b", W/"a"', True), ("*", True), ('"b"', False)],
)
def test_tags_are_compared_weakly(header: str, known: bool) -> None:
    request = make_mocked_request("GET", "/", headers={"If-None-Match": header})

    assert is_known(request, 'W/"a"') == known
