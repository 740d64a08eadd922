"""Which sources the rules name for a pick-up location, on both stores."""

import pytest
from comptoir.inventory.v1 import sourcing_service_pb2_grpc as pb_grpc

from services.inventory.sourcing import store
from services.inventory.sourcing.store import sources_named
from tests.inventory.asking import shop
from tests.inventory.house import ERP, House
from tests.inventory.sourcing.test_servicer import put, way


async def test_rules_that_let_nothing_pass_name_nobody_and_crowd_out_none(
    any_house: House,
    any_sourcing: "pb_grpc.SourcingServiceAsyncStub",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store, "NAMED_MAX", 2)
    names = ("aix", "brest", "caen", "dijon", "metz", "nice")
    await any_house.import_locations(*map(shop, names))
    withdrawn = [way(name, "lyon", withdrawn=True) for name in ("aix", "brest")]
    forbidding = [way(name, "lyon", bands=[]) for name in ("caen", "dijon")]
    serving = [way(name, "lyon") for name in ("metz", "nice")]
    await any_sourcing.PutTransferRules(put(*withdrawn, *forbidding, *serving), metadata=ERP)

    assert await sources_named(any_house.records, "lyon") == ["metz", "nice"]
