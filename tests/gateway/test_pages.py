"""Pages, pictures and probes."""

import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.keys import keys_from_jwks
from deploy.pages import MADE, SCRIPTS, first_line
from services.gateway.pages import PAGES, WEB
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


@pytest.mark.parametrize("path", ["/app", "/made/app.js", "/shared/parts.css", "/openapi.json"])
async def test_what_is_text_is_packed_for_whoever_takes_that(house: House, path: str) -> None:
    async def sent(accepts: str) -> tuple[str, bytes, str]:
        headers = {"Accept-Encoding": accepts}
        async with house.http.get(path, headers=headers, auto_decompress=False) as response:
            assert response.headers["Vary"] == "Accept-Encoding"
            encoding = response.headers.get("Content-Encoding", "")
            return encoding, await response.read(), response.headers["ETag"]

    encoding, packed, tag = await sent("br, gzip;q=0.8")
    plain = await sent("gzip;q=0")

    assert (encoding, gzip.decompress(packed), tag) == ("gzip", *plain[1:])
    assert plain[0] == "" and 2 * len(packed) < len(plain[1])
    again = await house.get(path, If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")


async def test_a_picture_is_sent_as_it_is(house: House) -> None:
    icon = await house.get("/icons/icon-192.png", Accept_Encoding="gzip")

    assert "Content-Encoding" not in icon.headers and icon.body.startswith(b"\x89PNG")


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_scripts_are_made_of_the_modules_as_they_are(script: str) -> None:
    first, body = (MADE / script).read_bytes().split(b"\n", 1)
    made = first_line(SCRIPTS[script], body)
    assert first.decode() == made, "a page was changed: run `make pages`"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_for_its_scripts_and_for_no_module(page: str) -> None:
    index = (WEB / page / "index.html").read_text()
    assert re.findall(r'<script type="module" src="(.+?)"', index) == [
        "/made/look.js",
        f"/made/{page}.js",
    ]


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
