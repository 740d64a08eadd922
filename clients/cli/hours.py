"""Opening hours as American shops write them, `Mon: 10-9:30; …`, without a.m. and p.m. Pure.

The rule, worked out on all 1,565 rows of the data set:

* What the text says holds: a.m. and p.m. where they stand, and an hour from 13 on is one of
  24. Days that are not named, or `closed`, are closed.
* A shop opens in the morning, from 6 on; an opening at 12 is noon, one from 1 to 5 is in the
  afternoon (`Sun: 1-5:30`: a mall in Georgia or Alabama after church), one at 0 is midnight.
* It closes in the afternoon; a closing at 12 or 11:59 is midnight, since these texts have no
  other way to write the end of the day (`0-11:59` is a vending machine, open all day).

What cannot be read is `12-11:59`: from noon to midnight, or, as every other row that ends at
11:59, the whole day? One shop has it (1531, Union Square in New York).
"""

import re
from typing import NamedTuple

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_LETTERS_MIN = 3
TIME = r"([0-9]{1,2})(?::([0-9]{2}))?\s*([ap])?(?:\.?m\.?)?"
SPAN = re.compile(rf"{TIME}\s*-\s*{TIME}", re.IGNORECASE)
NOON, MIDNIGHT = 12 * 60, 24 * 60
MORNING_MIN = 6 * 60
LAST_MINUTE = 11 * 60 + 59
TEXT_LENGTH_MAX = 500


class Hours(NamedTuple):
    """Weekday from 1, and minutes after its midnight; a closing after 1440 is on the next day."""

    weekday: int
    opens_minute: int
    closes_minute: int


class UnreadableError(Exception):
    """The hours cannot be read; the message says which and why."""


def hours_from(text: str) -> list[Hours]:
    """Raises UnreadableError: half a week would look like days of rest."""
    if len(text) > TEXT_LENGTH_MAX:
        raise UnreadableError(f"hours of more than {TEXT_LENGTH_MAX} characters")
    found: dict[int, Hours | None] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, _, span = part.partition(":")
        weekday = weekday_of(name.strip())
        if weekday in found:
            raise UnreadableError(f"{DAYS[weekday - 1].capitalize()} stands there twice")
        found[weekday] = span_from(weekday, span.strip())
    return [hours for _, hours in sorted(found.items()) if hours is not None]


def weekday_of(name: str) -> int:
    word = name.rstrip(".").lower()
    for number, day in enumerate(DAYS, 1):
        if len(word) >= DAY_LETTERS_MIN and day.startswith(word):
            return number
    raise UnreadableError(f"{name!r} is no day of the week")


def span_from(weekday: int, text: str) -> Hours | None:
    if text.lower() == "closed":
        return None
    found = SPAN.fullmatch(text)
    if found is None:
        raise UnreadableError(f"{text!r} is no span such as 10-9:30")
    opens = opening(minutes(found[1], found[2]), half=found[3])
    closes = closing(minutes(found[4], found[5]), half=found[6])
    if opens == NOON and not found[3] and closes == MIDNIGHT and not found[6]:
        raise UnreadableError(
            f"{text!r} may begin at noon or at midnight: write 12pm or 12am, or 0"
        )
    return Hours(weekday, opens, closes if closes > opens else closes + MIDNIGHT)


def minutes(hour: str, minute: str | None) -> int:
    if int(hour) > 24 or int(minute or 0) > 59:
        raise UnreadableError(f"{hour}:{minute or '00'} is no time of day")
    return int(hour) * 60 + int(minute or 0)


def opening(minute: int, *, half: str | None) -> int:
    if half:
        return in_half(minute, half)
    in_afternoon = 60 <= minute < MORNING_MIN
    return (minute + NOON if in_afternoon else minute) % MIDNIGHT


def closing(minute: int, *, half: str | None) -> int:
    if half:
        return in_half(minute, half)
    if minute in (LAST_MINUTE, NOON):
        return MIDNIGHT
    return minute + NOON if minute < NOON else minute


def in_half(minute: int, half: str) -> int:
    """12 a.m. is midnight and 12 p.m. noon."""
    if minute > NOON + 59:
        raise UnreadableError("hours of 24 take no a.m. or p.m.")
    return minute % NOON + (NOON if half.lower() == "p" else 0)
