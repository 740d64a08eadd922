"""The channels in which promises are made: an open set of names. Pure."""

import re

from chassis.errors import AppError, Kind, Violation

CHANNEL = re.compile(r"[a-z0-9-]{1,32}")
WORDS = "1 to 32 lower-case letters, digits and hyphens, or empty"


class InvalidChannelError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_CHANNEL"


def check_channel(channel: str) -> None:
    """Raises InvalidChannelError unless it is empty, for none, or may name one."""
    if channel and not is_channel(channel):
        raise InvalidChannelError(
            "no channel is called so", violations=(Violation("channel", WORDS),)
        )


def is_channel(text: str) -> bool:
    return CHANNEL.fullmatch(text) is not None
