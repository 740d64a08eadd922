"""Where keys come from, how often issuers are asked, and what is kept."""

import asyncio
import http.server
import json
import threading
from datetime import timedelta

import grpc
import pytest
from comptoir.type.v1 import key_service_pb2_grpc as pb_grpc

from chassis.auth import KEPT_MAX
from chassis.keys import PERIOD, KeyServicer, jwks
from chassis.public_keys import AGAIN_S, KeysUnavailableError, PublicKeys
from tests.chassis.house import House

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def house() -> House:
    return await House().open()


async def test_verifying_again_asks_nobody(house: House) -> None:
    token = house.token()
    for _ in range(3):
        await house.caller(token)

    assert house.sources["customer"].count == 1


async def test_a_key_of_the_next_period_is_noticed(house: House) -> None:
    await house.caller(house.token())
    keyring = house.issuers["customer"].keyring
    house.now.time += 5 * PERIOD
    await keyring.refresh()
    keys = PublicKeys(house.sources["customer"], monotonic_s=(at := Seconds()))
    await keys.get(keyring.signing().key_id)
    house.now.time += 5 * PERIOD
    await keyring.refresh()
    at.seconds += 1

    assert await keys.get(keyring.signing().key_id)


class Seconds:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


async def test_a_key_that_was_made_anew_under_its_id_is_noticed(house: House) -> None:
    """As when an operator empties `signing_keys`: ids name periods, not keys."""
    before = [house.token(subject=f"c-{number}") for number in range(2)]
    source = house.sources["customer"]
    house.verifier._keys["customer"] = PublicKeys(source, monotonic_s=(at := Seconds()))
    await house.caller(before[0])
    await house.make_keys_anew("customer")
    at.seconds += AGAIN_S

    assert (await house.caller(house.token(subject="c-9"))).subject == "c-9"
    await house.refuses(before[1])


async def test_forged_signatures_do_not_have_the_issuer_asked_more_than_once_a_second(
    house: House,
) -> None:
    good = house.token()
    source = house.sources["customer"]
    house.verifier._keys["customer"] = PublicKeys(source, monotonic_s=(at := Seconds()))
    await house.caller(good)
    forged = good.rpartition(".")[0] + "." + "A" * 86

    for asked_count in (1, 2):
        await asyncio.gather(*(house.refuses(forged) for _ in range(20)))
        assert source.count == asked_count
        at.seconds += AGAIN_S


async def test_unknown_keys_are_asked_for_once_a_second_by_all_together(house: House) -> None:
    source = house.sources["customer"]
    keys = PublicKeys(source, monotonic_s=(at := Seconds()))

    for round_count in (1, 1, 2):
        asked = [keys.get(f"guess-{n}") for n in range(20)]
        assert all(
            isinstance(e, KeyError) for e in await asyncio.gather(*asked, return_exceptions=True)
        )
        assert source.count == round_count
        at.seconds += 0.6


async def test_keys_that_cannot_be_had_are_no_fault_of_the_token(house: House) -> None:
    house.sources["customer"].broken = True
    with pytest.raises(KeysUnavailableError):
        await house.caller(house.token())


async def test_why_keys_cannot_be_had_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def gone() -> dict[str, bytes]:
        raise ConnectionRefusedError("10.0.0.7")

    with pytest.raises(KeysUnavailableError):
        await PublicKeys(gone).get("any")
    assert caplog.messages == ["an issuer's keys cannot be fetched: ConnectionRefusedError"]


async def test_known_keys_go_on_verifying_while_the_issuer_is_away(house: House) -> None:
    await house.caller(house.token())
    house.sources["customer"].broken = True

    assert await house.caller(house.token(subject="c-2"))


async def test_what_is_kept_of_verified_tokens_is_bounded(house: House) -> None:
    who = await house.caller(house.token())
    for number in range(KEPT_MAX + 10):
        house.verifier._keep(f"token-{number}", who, house.now() + MINUTE)

    assert len(house.verifier._kept) == KEPT_MAX


async def test_keys_come_over_grpc(house: House) -> None:
    server = grpc.aio.server()
    servicer = KeyServicer(house.issuers["customer"].keyring)
    pb_grpc.add_KeyServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    house.verifier = house.verifier_with({"customer": f"127.0.0.1:{port}"})

    assert (await house.caller(house.token())).subject == "c-1"
    await server.stop(None)


async def test_keys_come_over_http(house: House) -> None:
    document = json.dumps(jwks(house.issuers["customer"].keyring)).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(document)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        house.verifier = house.verifier_with({"customer": f"http://127.0.0.1:{server.server_port}"})
        assert (await house.caller(house.token())).subject == "c-1"
