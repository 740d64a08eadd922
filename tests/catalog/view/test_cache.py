"""What is kept of a product, and what must not be."""

from services.catalog.view.cache import Cache


class Text(str):
    """As large as it is long."""

    @property
    def size_bytes(self) -> int:
        return len(self)


def filled(cache: Cache[Text], **values: str) -> None:
    with cache.filling() as fill:
        fill.values = {sku: Text(value) for sku, value in values.items()}


def test_what_was_read_is_kept_until_it_changes() -> None:
    cache = Cache[Text]()
    filled(cache, a="A", b="B")
    cache.drop(["a"])

    assert cache.get("abc") == {"b": "B"}


def test_what_changes_while_it_is_read_is_not_kept() -> None:
    cache = Cache[Text]()
    with cache.filling() as fill:
        cache.drop(["a"])
        fill.values = {"a": Text("A"), "b": Text("B")}

    assert cache.get("ab") == {"b": "B"}


def test_what_is_read_while_everything_changes_is_not_kept() -> None:
    cache = Cache[Text]()
    filled(cache, c="C")
    with cache.filling() as fill:
        cache.clear()
        fill.values = {"a": Text("A")}

    assert cache.get("ac") == {}


def test_a_reading_that_fails_keeps_nothing() -> None:
    cache = Cache[Text]()
    try:
        with cache.filling() as fill:
            fill.values = {"a": Text("A")}
            raise ConnectionError
    except ConnectionError:
        pass

    assert cache.get("a") == {}


def test_what_was_used_longest_ago_is_forgotten_first() -> None:
    cache = Cache[Text](kept_max=2)
    filled(cache, a="A", b="B")
    cache.get("a")
    filled(cache, c="C")

    assert cache.get("abc") == {"a": "A", "c": "C"}


def test_what_is_kept_is_bounded_by_its_size_too() -> None:
    cache = Cache[Text](bytes_max=10)
    filled(cache, a="a" * 4)
    filled(cache, b="b" * 4)
    filled(cache, b="b" * 5)
    assert set(cache.get("ab")) == {"a", "b"}

    filled(cache, c="c" * 2)
    assert set(cache.get("abc")) == {"b", "c"}
    cache.drop(["b"])
    filled(cache, d="d" * 8)
    assert set(cache.get("bcd")) == {"c", "d"}


def test_what_is_larger_than_all_that_may_be_kept_is_not() -> None:
    cache = Cache[Text](bytes_max=3)
    filled(cache, a="aa")
    filled(cache, b="b" * 4)

    assert cache.get("ab") == {}
