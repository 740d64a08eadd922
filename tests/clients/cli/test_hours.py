"""Hours without a.m. and p.m. are read as shops keep them."""

import pytest

from clients.cli.hours import UnreadableError, hours_from


def span(text: str) -> tuple[int, int]:
    [hours] = hours_from(f"Mon: {text}")
    return hours.opens_minute, hours.closes_minute


def clock(hour: int, minute: int = 0) -> int:
    return hour * 60 + minute


@pytest.mark.parametrize(
    ("text", "opens", "closes"),
    [
        ("10-9", clock(10), clock(21)),
        ("10-9:30", clock(10), clock(21, 30)),
        ("9:30-9", clock(9, 30), clock(21)),
        ("9-10", clock(9), clock(22)),
        ("10-10", clock(10), clock(22)),
        ("11:30-5:30", clock(11, 30), clock(17, 30)),
    ],
)
def test_a_shop_opens_in_the_morning_and_closes_in_the_afternoon(
    text: str, opens: int, closes: int
) -> None:
    assert span(text) == (opens, closes)


@pytest.mark.parametrize(("text", "opens"), [("12-6", clock(12)), ("1-5:30", clock(13))])
def test_an_opening_from_noon_to_five_is_in_the_afternoon(text: str, opens: int) -> None:
    assert span(text)[0] == opens


def test_a_minute_to_twelve_is_the_end_of_the_day() -> None:
    assert span("0-11:59") == (0, clock(24))


@pytest.mark.parametrize(
    ("text", "opens", "closes"),
    [
        ("10am-9pm", clock(10), clock(21)),
        ("10 a.m. - 9 p.m.", clock(10), clock(21)),
        ("5am-12pm", clock(5), clock(12)),
        ("12pm-11:59pm", clock(12), clock(23, 59)),
        ("10-21", clock(10), clock(21)),
        ("18-2am", clock(18), clock(26)),
    ],
)
def test_what_the_text_says_of_the_half_of_the_day_holds(
    text: str, opens: int, closes: int
) -> None:
    assert span(text) == (opens, closes)


def test_days_that_are_not_named_or_closed_have_no_hours() -> None:
    assert [hours.weekday for hours in hours_from("Thurs: 10-9; Sat: 10-9; Sun: closed")] == [4, 6]


@pytest.mark.parametrize(
    "text",
    ["Mon: 12-11:59", "Mon: by chance", "Foo: 10-9", "Mon: 10-9; Mon: 1-2", "Mon: 10:75-9", "10-9"],
)
def test_what_may_be_read_two_ways_or_not_at_all_is_not_guessed(text: str) -> None:
    with pytest.raises(UnreadableError):
        hours_from(text)
