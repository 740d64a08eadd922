"""How services are told where the others are."""

import pytest

from chassis.config import ConfigError
from chassis.runtime import peers_from


def test_each_peer_has_its_address() -> None:
    found = peers_from("catalog=catalog:8081, gateway=http://gateway/jwks.json")
    assert found == {"catalog": "catalog:8081", "gateway": "http://gateway/jwks.json"}


def test_a_peer_at_several_fixed_addresses_is_one_target() -> None:
    found = peers_from("catalog=ipv4:///10.0.0.1:80,10.0.0.2:80,inventory=inventory:80")
    assert found == {"catalog": "ipv4:///10.0.0.1:80,10.0.0.2:80", "inventory": "inventory:80"}


@pytest.mark.parametrize(
    "text", ["catalog", "=catalog:80", "catalog=", "catalog=catalog:80,inventory:80"]
)
def test_what_names_no_peer_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="peers must read"):
        peers_from(text)
