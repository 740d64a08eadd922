"""Nobody waits between two tries."""

import pytest

from comptoir_client import calling


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "PAUSE_FIRST_S", 0.0)
