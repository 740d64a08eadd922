"""Every test here runs on both overlays, as they were rendered last."""

import pytest

from deploy.k8s import rendering
from tests.deploy.k8s.cluster import Cluster, cluster


@pytest.fixture(params=rendering.OVERLAYS)
def rendered(request: pytest.FixtureRequest) -> Cluster:
    return cluster(request.param)


@pytest.fixture
def production() -> Cluster:
    return cluster("production")
