"""The gateway with certificates: HTTPS for callers, and its keys for who knows the authority."""

from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from chassis import redis
from chassis.certificates import Certificates, https_client_context
from chassis.public_keys import source_at
from tests.chassis.authority import Authority
from tests.gateway.house import NO_REDIS, House, config_of, gateway, open_gateway
from tests.gateway.neighbours import keyring_of, neighbourhood

STRICT, A_YEAR = "Strict-Transport-Security", "max-age=31536000"
# A route, a page and its worker, what is not there, a probe.
PATHS = ("/v1/locations", "/app", "/app/worker.js", "/v1/nowhere", "/healthz")


async def test_where_tls_ends_before_us_every_answer_says_https_alone() -> None:
    async with open_gateway(secure_cookies=True, near_cache=False) as house:
        said = {path: (await house.get(path)).headers.get(STRICT) for path in PATHS}

    assert said == dict.fromkeys(PATHS, A_YEAR)


@pytest.mark.parametrize("path", PATHS)
async def test_over_plain_http_no_answer_says_so(house: House, path: str) -> None:
    assert STRICT not in (await house.get(path)).headers


async def test_with_certificates_the_gateway_speaks_https_alone(tmp_path: Path) -> None:
    authority = Authority()
    tls_dir = authority.write(tmp_path / "gateway", "gateway")
    caller = Certificates(authority.write(tmp_path / "collect", "collect"))
    keyring = await keyring_of("gateway")
    async with neighbourhood(keyring.public_keys, lambda _: None) as neighbours:
        cfg = config_of(neighbours, tls_dir=str(tls_dir))
        async with redis.connect(NO_REDIS) as client, gateway(cfg, keyring, client) as (_, url):
            place = urlsplit(url).netloc
            async with aiohttp.ClientSession() as http:
                live = f"https://{place}/healthz"
                async with http.get(live, ssl=https_client_context(caller)) as answer:
                    assert answer.status == 200
                    assert answer.headers[STRICT] == A_YEAR
                with pytest.raises(aiohttp.ClientError):
                    await http.get(f"http://{place}/healthz")

            keys = await source_at(f"https://{place}/.well-known/jwks.json", caller)()
    assert keys == await keyring.public_keys()
