"""What is kept of a product, and what must not be."""

from services.catalog.view.cache import Cache


def filled(cache: Cache[str], **values: str) -> None:
    with cache.filling() as fill:
        fill.values = values


def test_what_was_read_is_kept_until_it_changes() -> None:
    cache = Cache[str]()
    filled(cache, a="A", b="B")
    cache.drop(["a"])

    assert cache.get("abc") == {"b": "B"}


def test_what_changes_while_it_is_read_is_not_kept() -> None:
    cache = Cache[str]()
    with cache.filling() as fill:
        cache.drop(["a"])
        fill.values = {"a": "A", "b": "B"}

    assert cache.get("ab") == {"b": "B"}


def test_what_is_read_while_everything_changes_is_not_kept() -> None:
    cache = Cache[str]()
    filled(cache, c="C")
    with cache.filling() as fill:
        cache.clear()
        fill.values = {"a": "A"}

    assert cache.get("ac") == {}


def test_a_reading_that_fails_keeps_nothing() -> None:
    cache = Cache[str]()
    try:
        with cache.filling() as fill:
            fill.values = {"a": "A"}
            raise ConnectionError
    except ConnectionError:
        pass

    assert cache.get("a") == {}


def test_what_was_used_longest_ago_is_forgotten_first() -> None:
    cache = Cache[str](kept_max=2)
    filled(cache, a="A", b="B")
    cache.get("a")
    filled(cache, c="C")

    assert cache.get("abc") == {"a": "A", "c": "C"}
