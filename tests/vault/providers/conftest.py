"""One ring of each kind, with the keys ``one`` and ``two``."""

import json

import pytest

from tenants.vault import hpke
from tenants.vault.keyring import Keyring
from tenants.vault.kinds import ring_of
from tenants.vault.ringtext import RingText, Spec, random_text
from tests.key_services import kms_spec, new_kms_key, transit_spec


@pytest.fixture
def specs(request: pytest.FixtureRequest, kind: str) -> dict[str, Spec]:
    """What a key file says of two keys of this kind."""
    match kind:
        case "local":
            return {"one": random_text(), "two": random_text()}
        case "hpke":
            return {"one": hpke.new_spec(), "two": hpke.new_spec()}
        case "aws-kms":
            request.getfixturevalue("aws_account")
            url = request.getfixturevalue("kms_url")
            return {name: kms_spec(url, new_kms_key(url)) for name in ("one", "two")}
        case "vault-transit":
            double = request.getfixturevalue("transit")
            token_file = request.getfixturevalue("token_file")
            return {name: transit_spec(double.url, name, token_file) for name in ("one", "two")}
    raise ValueError(kind)


@pytest.fixture
def ring(specs: dict[str, Spec]) -> Keyring:
    text = json.dumps({"primary": "one", "keys": specs, "caches": random_text()})
    return ring_of(RingText.parse(text))
