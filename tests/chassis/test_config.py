"""What a service says of an environment that does not describe it."""

from dataclasses import dataclass

import pytest

from chassis.config import ConfigError, from_env
from chassis.mongo_drivers import DriverName


@dataclass(frozen=True, kw_only=True)
class Config:
    database: str
    calls_max: int = 256
    mongo_driver: DriverName = DriverName.MOTOR
    late_s_max: float | None = None


def test_a_choice_is_read_by_its_name() -> None:
    given = {"CATALOG_DATABASE": "d", "CATALOG_MONGO_DRIVER": "pymongo"}
    assert from_env(Config, "CATALOG", given).mongo_driver is DriverName.PYMONGO


def test_what_may_be_none_is_read_where_it_is_set() -> None:
    given = {"CATALOG_DATABASE": "d"}
    assert from_env(Config, "CATALOG", given).late_s_max is None
    assert from_env(Config, "CATALOG", given | {"CATALOG_LATE_S_MAX": "0"}).late_s_max == 0.0


def test_every_problem_is_said_at_once_with_what_could_stand_there() -> None:
    given = {
        "CATALOG_CALLS_MAX": "many",
        "CATALOG_MONGO_DRIVER": "mongoose",
        "CATALOG_LATE_S_MAX": "never",
    }
    with pytest.raises(ConfigError) as caught:
        from_env(Config, "CATALOG", given)

    assert str(caught.value).split("; ") == [
        "CATALOG_DATABASE is not set",
        "CATALOG_CALLS_MAX is not a valid int",
        "CATALOG_MONGO_DRIVER is not one of motor, pymongo",
        "CATALOG_LATE_S_MAX is not a valid float",
    ]
