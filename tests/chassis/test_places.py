"""Who may wait for a dear piece of work, and who is sent away."""

from contextlib import ExitStack

import pytest
from prometheus_client import CollectorRegistry

from chassis.errors import Kind
from chassis.places import PLACES_MAX, PLACES_OF_SOURCE_MAX, Places, TooManyPasswordsError


def full(places: Places, stack: ExitStack, *sources: str) -> None:
    """Take all places of each source."""
    for source in sources:
        for _ in range(PLACES_OF_SOURCE_MAX):
            stack.enter_context(places.taken(source))


def is_refused(places: Places, source: str) -> bool:
    try:
        with places.taken(source):
            return False
    except TooManyPasswordsError:
        return True


def test_one_source_takes_its_own_places_and_no_others() -> None:
    places = Places(CollectorRegistry())
    with ExitStack() as stack:
        full(places, stack, "flood")

        assert is_refused(places, "flood")
        assert not is_refused(places, "anna")


def test_many_sources_take_no_more_than_there_are() -> None:
    places = Places(CollectorRegistry())
    with ExitStack() as stack:
        full(places, stack, *(f"flood {n}" for n in range(PLACES_MAX // PLACES_OF_SOURCE_MAX)))

        assert is_refused(places, "anna")


def test_who_is_refused_is_told_when_to_come_again() -> None:
    places = Places(CollectorRegistry())
    with ExitStack() as stack, pytest.raises(TooManyPasswordsError) as raised:
        full(places, stack, "flood")
        stack.enter_context(places.taken("flood"))

    assert raised.value.kind is Kind.RESOURCE_EXHAUSTED
    assert raised.value.retry_after_s


def test_a_place_is_free_again_whatever_became_of_it() -> None:
    places = Places(CollectorRegistry())
    for _ in range(PLACES_MAX + 1):
        with pytest.raises(RuntimeError), places.taken("anna"):
            raise RuntimeError

    assert not is_refused(places, "anna")


def test_operators_see_how_many_wait_and_who_was_sent_away() -> None:
    registry = CollectorRegistry()
    places = Places(registry)
    with ExitStack() as stack:
        full(places, stack, "flood")
        is_refused(places, "flood")

        assert registry.get_sample_value("passwords_waiting") == PLACES_OF_SOURCE_MAX
    assert registry.get_sample_value("passwords_waiting") == 0
    assert registry.get_sample_value("passwords_refused_total", {"bound": "source"}) == 1
    assert registry.get_sample_value("passwords_refused_total", {"bound": "all"}) == 0
