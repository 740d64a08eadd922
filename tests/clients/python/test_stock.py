"""What of a watch is news to a copy."""

import pytest
from comptoir.inventory.v1 import stock_service_pb2 as pb

from comptoir_client import StockCopy


@pytest.fixture
def copy() -> StockCopy:
    """Of two rows at revision 5, whole."""
    copy = StockCopy(["lyon"])
    copy.take(response("LAMP", revision=5))
    copy.take(response("SAW", revision=5, cursor="2", is_end=True))
    return copy


def response(
    *skus: str, revision: int = 0, cursor: str = "1", is_end: bool = False
) -> pb.WatchStockResponse:
    rows = [pb.StockRow(location_id="lyon", sku=sku, revision=revision) for sku in skus]
    return pb.WatchStockResponse(rows=rows, cursor=cursor, snapshot_complete=is_end)


def told(copy: StockCopy, answer: pb.WatchStockResponse) -> list[tuple[str, int]]:
    return [(row.sku, row.revision) for row in copy.take(answer)]


def known(copy: StockCopy) -> dict[str, int]:
    return {sku: row.revision for (_, sku), row in copy.rows.items()}


def test_a_first_snapshot_is_no_news() -> None:
    copy = StockCopy(["lyon"])

    assert told(copy, response("LAMP", revision=5)) == []
    assert not copy.is_whole
    assert told(copy, response(is_end=True)) == []
    assert copy.is_whole


def test_a_change_is_news_once(copy: StockCopy) -> None:
    assert told(copy, response("LAMP", revision=6)) == [("LAMP", 6)]
    assert told(copy, response("LAMP", revision=6)) == []
    assert told(copy, response("LAMP", revision=5)) == []


def test_of_a_row_that_comes_twice_in_one_answer_the_newer_counts(copy: StockCopy) -> None:
    """An import tells of rows as they are by now, ahead of the changes behind it."""
    answer = response("LAMP", revision=7)
    answer.rows.extend(response("LAMP", revision=6).rows)

    assert told(copy, answer) == [("LAMP", 7)]
    assert known(copy)["LAMP"] == 7


def test_a_bookmark_moves_the_cursor_alone(copy: StockCopy) -> None:
    assert told(copy, response(cursor="9")) == []
    assert (copy.cursor, known(copy)) == ("9", {"LAMP": 5, "SAW": 5})


def test_of_a_snapshot_read_anew_what_differs_is_news(copy: StockCopy) -> None:
    copy.begin_anew()

    assert copy.request() == pb.WatchStockRequest(location_ids=["lyon"])
    assert told(copy, response("LAMP", revision=5)) == []
    assert told(copy, response("SAW", revision=7)) == [("SAW", 7)]
    assert told(copy, response(is_end=True)) == []


def test_a_second_new_beginning_tells_no_more_than_one(copy: StockCopy) -> None:
    copy.begin_anew()
    copy.take(response("LAMP", revision=5))
    copy.begin_anew()

    assert told(copy, response("LAMP", "SAW", revision=5)) == []


def test_after_a_backup_was_restored_its_rows_count_though_they_are_older(
    copy: StockCopy,
) -> None:
    copy.begin_anew()

    assert told(copy, response("LAMP", revision=3)) == [("LAMP", 3)]
    assert not copy.is_whole
    assert told(copy, response(is_end=True)) == [("SAW", 0)]
    assert (known(copy), copy.is_whole) == ({"LAMP": 3}, True)
    assert told(copy, response("LAMP", revision=4)) == [("LAMP", 4)]


def test_a_copy_of_some_articles_asks_for_these_alone() -> None:
    asked = StockCopy(skus=["LAMP"]).request()

    assert asked == pb.WatchStockRequest(skus=["LAMP"])
