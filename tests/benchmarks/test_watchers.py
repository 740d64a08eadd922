"""How long a watcher waits for a row counts from the answer to the sale that left it so."""

import pytest
from comptoir.inventory.v1 import stock_service_pb2 as pb

from benchmarks.watchers import Heard, row_lags_s


def heard(at_s: float, *rows: tuple[str, int]) -> Heard:
    told = [pb.StockRow(sku=sku, revision=revision) for sku, revision in rows]
    return Heard(at_s, pb.WatchStockResponse(rows=told, cursor="c").SerializeToString())


def test_each_row_counts_for_each_watcher_and_what_nobody_sold_does_not() -> None:
    answered_s = {("A", 2): 10.0, ("B", 5): 10.5}
    one = [heard(9.0, ("A", 1)), heard(10.75, ("A", 2), ("B", 5))]
    other = [heard(11.0, ("A", 2)), heard(11.5), heard(12.0, ("B", 5))]

    assert list(row_lags_s([one, other], answered_s)) == pytest.approx([0.75, 0.25, 1.0, 1.5])
