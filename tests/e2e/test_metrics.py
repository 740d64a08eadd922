"""What operators scrape of the running suite."""

import aiohttp
import pytest

from deploy.local.suite import GRPC_SERVICES, METRICS_OFFSET
from tests.suite import Stack


@pytest.mark.parametrize("service", GRPC_SERVICES)
async def test_each_service_shows_what_it_served(stack: Stack, service: str) -> None:
    port = stack.panel["ports"][service] + METRICS_OFFSET
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
        async with http.get("/metrics") as answer:
            text = await answer.text()

    assert answer.status == 200
    assert "grpc_server_calls_total{" in text
    assert f"comptoir.{service}.v1." in text
