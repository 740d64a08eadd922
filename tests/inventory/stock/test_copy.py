"""What a row that was sent has to promise is what its owner would say, at any instant."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from comptoir_client import available_quantity
from services.inventory.stock.domain import Bucket, StockRow
from services.inventory.stock.messages import row_to_pb

BEGIN_S, END_S = 1_790_000_000, 1_790_000_040
instants = st.integers(min_value=BEGIN_S, max_value=END_S)
times = st.floats(min_value=BEGIN_S, max_value=END_S)
units = st.integers(min_value=0, max_value=50)
channels = st.sampled_from(["", "app", "partner"])
rows = st.builds(
    StockRow,
    location_id=st.just("lyon"),
    sku=st.just("LAMP"),
    on=st.dictionaries(st.sampled_from([Bucket.SELLABLE, Bucket.DISPLAY]), units),
    held=st.dictionaries(instants, units),
    safety=units,
    safety_by_channel=st.dictionaries(channels, units),
)


@given(rows, instants, times, channels)
def test_a_row_promises_what_its_owner_would(
    before: StockRow, at_s: int, then_s: float, channel: str
) -> None:
    row = before.stamped(before.units(), at=at_s)
    then = datetime.fromtimestamp(then_s, UTC)

    assert available_quantity(row_to_pb(row), then, channel=channel) == row.available(then, channel)
