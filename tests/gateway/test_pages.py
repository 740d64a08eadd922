"""Pages, pictures and probes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.keys import keys_from_jwks
from tests.gateway.house import House, open_gateway
from tests.waiting import until


@pytest.fixture
async def shown(tmp_path: Path) -> AsyncIterator[House]:
    """With a folder of pictures, and a secret beside it."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "drills.svg").write_text("<svg/>")
    (pictures / "notes.txt").write_text("not a picture")
    (tmp_path / "secret.svg").write_text("<svg>secret</svg>")
    async with open_gateway(pictures_dir=str(pictures), near_cache=False) as house:
        yield house


@pytest.mark.parametrize("path", ["/app", "/app/", "/terminal", "/terminal/"])
async def test_the_pages_are_served_under_a_strict_policy(shown: House, path: str) -> None:
    answered = await shown.get(path)

    assert answered.status == 200
    assert answered.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = answered.headers["Content-Security-Policy"]
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert answered.headers["X-Content-Type-Options"] == "nosniff"
    assert answered.headers["Referrer-Policy"] == "no-referrer"


async def test_a_file_that_is_known_is_not_sent_again(shown: House) -> None:
    first = await shown.get("/pictures/drills.svg")
    again = await shown.get("/pictures/drills.svg", If_None_Match=first.headers["ETag"])

    assert first.headers["Content-Type"] == "image/svg+xml"
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path", ["..%2Fsecret.svg", "%2e%2e/secret.svg", "notes.txt", "gone.svg", "%00.svg", "x" * 300]
)
async def test_nothing_but_its_pictures_comes_out_of_the_folder(shown: House, path: str) -> None:
    refused = await shown.get(f"/pictures/{path}")

    assert (refused.status, refused.reason) == (404, "NOT_FOUND")


async def test_whoever_comes_to_the_door_is_shown_the_app(shown: House) -> None:
    async with shown.http.get("/", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "/app")


async def test_its_keys_are_published(house: House) -> None:
    published = keys_from_jwks((await house.get("/.well-known/jwks.json")).json)

    assert published == await house.opened.keyring.public_keys()


async def test_it_is_ready_when_catalogue_and_inventory_answer(house: House) -> None:
    async def ready() -> bool:
        return (await house.get("/readyz")).status == 200

    await until(ready)
    assert (await house.get("/healthz")).status == 200


async def test_it_is_not_ready_without_them_and_lives_on() -> None:
    peers = ",".join(
        f"{name}=127.0.0.1:1"
        for name in ("catalog", "inventory", "customer", "collect", "associate")
    )
    async with open_gateway(peers=peers) as house:
        assert (await house.get("/readyz")).status == 503
        assert (await house.get("/healthz")).status == 200


async def test_metrics_count_requests_by_route_and_name_nobody(house: House) -> None:
    await house.get("/v1/orders/order-77", token=house.customer())
    text = (await house.get("/metrics")).body.decode()

    assert 'http_server_requests_total{method="GET",route="/v1/orders/{order_id}",status=' in text
    assert "order-77" not in text and "near_cache_answers_total" in text
