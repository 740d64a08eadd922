"""Our own load generator, against a real server: what it counts and what it does not."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from benchmarks.generator import generated, summary_of


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async def answered(request: web.Request) -> web.Response:
        status = int(request.match_info["status"])
        # Longer than one read of a socket.
        return web.Response(status=status, body=b"x" * 300_000)

    app = web.Application()
    app.router.add_get("/{status}", answered)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_every_answer_of_every_connection_is_counted(url: str) -> None:
    summary = await generated(url, ["/200"], connections_count=3, seconds=0.1)
    assert summary["per_s"] > 0
    assert summary["failed_count"] == 0


async def test_what_is_not_200_has_failed(url: str) -> None:
    summary = await generated(url, ["/500"], connections_count=1, seconds=0.05)
    assert summary["per_s"] == 0
    assert summary["failed_count"] > 0


async def test_paths_are_asked_for_in_turn(url: str) -> None:
    summary = await generated(url, ["/200", "/404"], connections_count=1, seconds=0.1)
    assert summary["per_s"] > 0
    assert summary["failed_count"] > 0


def test_latencies_are_told_in_the_middle_and_at_the_end() -> None:
    latencies_s = [number / 1000 for number in range(1, 101)]
    summary = summary_of(latencies_s, 0, 2.0)
    assert summary == {"per_s": 50.0, "p50_ms": 51.0, "p99_ms": 100.0, "failed_count": 0}
