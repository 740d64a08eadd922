"""What can go wrong on one machine, in words for the person at its keyboard.

These errors cross no service boundary, so they are no `AppError`. Whoever starts
things here catches `LocalError` and prints it without a traceback.
"""


class LocalError(Exception):
    """An expected failure; its message says what to do."""


class FolderInUseError(LocalError):
    """Another living process works in this folder; its children are not leftovers."""


class ProcessError(LocalError):
    """A child process did not start, did not become ready, or cannot be stopped."""


class EngineError(LocalError):
    """MongoDB or Redis is missing, unreachable or unfit."""
