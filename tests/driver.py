"""The driver that tests run on: `make test-drivers` names one in COMPTOIR_MONGO_DRIVER."""

import os
from functools import partial

import pytest

from chassis import mongo
from chassis.mongo_drivers import DriverName

DRIVER = DriverName(os.environ.get("COMPTOIR_MONGO_DRIVER", DriverName.MOTOR))
connect = partial(mongo.connect, driver=DRIVER)

on_both_drivers = pytest.mark.parametrize("mongo_driver", DriverName, indirect=True)
