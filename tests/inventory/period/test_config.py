"""For how long the ledger stays open, as the environment says."""

import pytest

from chassis.config import ConfigError, from_env
from services.inventory.main import DAY_S, Config

NEEDED = ("MONGO_URI_FILE", "DATABASE", "REDIS_URL", "KEY_FILE", "PEERS")


def config(**given: str) -> Config:
    environ = {f"INVENTORY_{name}": "x" for name in NEEDED} | given
    return from_env(Config, "INVENTORY", environ)


def test_a_movement_stays_in_the_ledger_for_400_days_unless_configured_otherwise() -> None:
    assert config().open_s == 400 * DAY_S
    assert config(INVENTORY_LEDGER_OPEN_S="2678400").open_s == 31 * DAY_S


@pytest.mark.parametrize("open_s", ["0", "-1", "2678399", "nan", "inf", "1e12"])
def test_no_shorter_than_repeats_are_answered_and_no_longer_than_calendars_reach(
    open_s: str,
) -> None:
    with pytest.raises(ConfigError, match="INVENTORY_LEDGER_OPEN_S"):
        _ = config(INVENTORY_LEDGER_OPEN_S=open_s).open_s
