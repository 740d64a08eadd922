"""How queries are read, and read once."""

import pytest
from aiohttp.test_utils import make_mocked_request
from aiohttp.web import Request

from services.gateway.reading import Queries
from services.gateway.wire import InvalidRequestError, Received


class Asked(Received):
    name: str = ""
    count: int = 1


def request_with(query: str) -> Request:
    return make_mocked_request("GET", f"/?{query}")


def test_a_query_means_the_same_each_time() -> None:
    queries = Queries(Asked)

    first, again = (queries.of(request_with("name=a%20b&count=3")) for _ in range(2))

    assert first == again == Asked(name="a b", count=3)


def test_what_one_caller_does_with_a_query_another_does_not_see() -> None:
    queries = Queries(Asked)
    queries.of(request_with("count=3")).count = 7

    assert queries.of(request_with("count=3")).count == 3


def test_a_wrong_query_is_wrong_each_time() -> None:
    queries = Queries(Asked)

    for _ in range(2):
        with pytest.raises(InvalidRequestError):
            queries.of(request_with("count=many"))


def test_more_queries_than_are_kept_are_read_all_the_same() -> None:
    queries, counts = Queries(Asked, kept_max=3), range(7)

    assert [queries.of(request_with(f"count={n}")).count for n in counts] == list(counts)
