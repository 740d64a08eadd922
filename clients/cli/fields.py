"""The fields of one record of our own formats, each read as what it is. Pure."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from clients.cli.entries import RefusedError
from clients.house import printable

# No exponents: 1e999999 is a short text and an endless number.
DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
INTEGER = re.compile(r"-?[0-9]{1,15}")
# Minor units of currencies that have not two digits (ISO 4217, list one, 2026-01-01).
DIGITS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}


def invalid(name: str, rule: str) -> RefusedError:
    return RefusedError("INVALID_FIELD", f"{printable(name, 80)}: {rule}")


class Fields:
    """Values by name. Whatever was not asked for when all is read is a field we do not know."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._asked: set[str] = set()

    def has(self, name: str) -> bool:
        self._asked.add(name)
        return bool(self._values.get(name))

    def text(self, name: str) -> str:
        """Empty if it is not there."""
        self._asked.add(name)
        return self._values.get(name, "")

    def needed(self, name: str) -> str:
        if not (text := self.text(name)):
            raise invalid(name, "is needed")
        return text

    def choice(self, name: str, choices: Collection[str]) -> str:
        """Empty if it is not there."""
        if (text := self.text(name)) and text not in choices:
            raise invalid(name, f"one of {', '.join(choices)}")
        return text

    def integer(self, name: str, default: int | None = None) -> int:
        if default is not None and not self.has(name):
            return default
        if not INTEGER.fullmatch(text := self.needed(name)):
            raise invalid(name, "a whole number")
        return int(text)

    def small_integer(self, name: str, default: int) -> int:
        """For a field that a contract gives 32 bits: how much of it makes sense, services say."""
        if not -(2**31) <= (found := self.integer(name, default)) < 2**31:
            raise invalid(name, "a smaller number")
        return found

    def decimal(self, name: str) -> Decimal:
        return decimal_of(name, self.needed(name))

    def time(self, name: str) -> datetime | None:
        """None if it is not there."""
        if not (text := self.text(name)):
            return None
        try:
            time = datetime.fromisoformat(text)
            if time.tzinfo is not None:
                return time.astimezone(UTC)
        except (ValueError, OverflowError):  # No time, or one that in UTC is beyond all calendars.
            pass
        raise invalid(name, "a time with its offset, e.g. 2026-12-01T00:00:00+01:00")

    def below(self, prefix: str) -> dict[str, str]:
        """What stands under `prefix.`, by the rest of its name."""
        start = f"{prefix}."
        found = {name: text for name, text in self._values.items() if name.startswith(start)}
        self._asked.update(found)
        return {name.removeprefix(start): text for name, text in found.items() if text}

    def check_known(self) -> None:
        """Raises RefusedError for a name nobody asked for: a typing error would lose its value."""
        if unknown := [name for name in self._values if name not in self._asked]:
            raise RefusedError("UNKNOWN_FIELD", f"{printable(unknown[0], 80)}: no such field")


def decimal_of(name: str, text: str) -> Decimal:
    if not DECIMAL.fullmatch(text):
        raise invalid(name, "a number with a point, e.g. 12.90")
    return Decimal(text)


def minor_of(name: str, amount: Decimal, currency: str) -> int:
    """12.90 EUR is 1290. Raises RefusedError where the currency has not so many digits."""
    digits = DIGITS.get(currency, 2)
    minor = amount.scaleb(digits)
    if minor != minor.to_integral_value():
        raise invalid(name, f"{currency} has {digits} digits behind the point")
    return int(minor)
