"""Which compartment takes what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collect.point.domain import Size
from services.collect.point.parcel import size_for

S, M, L = Size.S, Size.M, Size.L
counts = st.lists(st.tuples(st.sampled_from(Size), st.integers(1, 20)), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("parcels", "size"),
    [
        ([(S, 1)], S),
        ([(M, 1)], M),
        ([(L, 1)], L),
        ([(S, 4)], M),
        ([(S, 3), (S, 1)], M),
        ([(S, 5)], L),
        ([(S, 16)], L),
        ([(S, 17)], None),
        ([(M, 1), (S, 8)], L),
        ([(M, 1), (S, 9)], None),
        ([(M, 2)], L),
        ([(M, 3)], None),
        ([(L, 1), (S, 1)], None),
        ([(None, 1)], None),
        ([(S, 1), (None, 1)], None),
        ([], None),
    ],
)
def test_parcels_go_into_the_smallest_compartment_that_takes_them(
    parcels: list[tuple[Size | None, int]], size: Size | None
) -> None:
    assert size_for(parcels) == size


@given(counts, st.sampled_from(Size))
def test_one_parcel_more_never_needs_less(parcels: list[tuple[Size, int]], more: Size) -> None:
    before, after = size_for(parcels), size_for([*parcels, (more, 1)])

    assert after is None or (before is not None and after >= before)
