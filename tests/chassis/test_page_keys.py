"""What a page goes on behind, where it begins with a number."""

import pytest

from chassis.paging import InvalidPageError, number_and_rest


def test_a_number_and_what_comes_behind_it() -> None:
    assert number_and_rest("42 lyon part dieu") == (42, "lyon part dieu")
    assert number_and_rest("7") == (7, "")


@pytest.mark.parametrize("key", ["", "x 1", "-1 a", "1.5 a", "٣ a", f"{10**18} a", "9" * 5000])
def test_what_no_page_ends_with(key: str) -> None:
    """A token is no secret: anybody can make one, and an engine knows 64 bits."""
    with pytest.raises(InvalidPageError):
        number_and_rest(key)
