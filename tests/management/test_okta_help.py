"""What ``manage.py okta`` tells about itself: the catalogue, the exit codes, the examples."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import load_command_class

from tenants.broker.errors import BrokerBusy
from tenants.management.okta.catalogue import WIDTH, catalogue_json, catalogue_text
from tenants.management.okta.exits import MEANINGS, Way, exit_for, sentence_for
from tenants.okta import errors as okta_errors
from tenants.okta.errors import OktaError, OktaNetworkZone, OktaScopeError
from tenants.okta.operations import OPERATIONS
from tenants.vault import errors as vault_errors
from tenants.vault.errors import SealError, VaultError

ROOT = Path(__file__).parents[2]


def told_apart() -> list[type[Exception]]:
    """Everything below the two roots that a call can end with."""
    known = [BrokerBusy, *vars(okta_errors).values(), *vars(vault_errors).values()]
    classes = [kind for kind in known if isinstance(kind, type)]
    return [kind for kind in classes if issubclass(kind, (OktaError, VaultError))]


def test_the_list_has_every_operation_and_fits_a_terminal() -> None:
    lines = catalogue_text("").splitlines()

    assert {line.split()[0] for line in lines if line.startswith("  ")} >= set(OPERATIONS)
    assert max(map(len, lines)) <= WIDTH


def test_a_word_narrows_the_list() -> None:
    assert "replaceApplication (once updateApplication)" in catalogue_text("UPDATEapplication")
    assert "listApplications" not in catalogue_text("UPDATEapplication")
    assert catalogue_text("no such thing") == ""


def test_programs_read_the_list_as_json() -> None:
    rows = json.loads(catalogue_json(""))

    assert [row["name"] for row in rows] == list(OPERATIONS)
    assert rows[0]["scope"] == "okta.apps.read"


@pytest.mark.parametrize("kind", [k for k in told_apart() if k is not OktaError])
def test_every_error_of_okta_and_of_the_vault_has_its_way_out(kind: type[Exception]) -> None:
    assert exit_for(kind.__new__(kind)) not in (Way.OURS, Way.USAGE)


def test_the_help_explains_every_exit_code() -> None:
    told = load_command_class("tenants", "okta").create_parser("manage.py", "okta").format_help()

    assert set(MEANINGS) == set(Way)
    assert all(f"{way:>3}  {meaning}" in told for way, meaning in MEANINGS.items())
    assert max(map(len, told.splitlines())) <= WIDTH


def test_a_sentence_has_what_oktas_support_asks_for() -> None:
    error = OktaScopeError(
        "E0000006: no", status=403, error_id="oaeX", request_id="r1", missing_scope="okta.apps.read"
    )

    assert sentence_for(error) == (
        "Not allowed: scope, admin role, licence or network zone. E0000006: no (scope_missing, "
        "status 403, missing okta.apps.read, error ID oaeX, request ID r1)"
    )


def test_a_network_zone_that_keeps_us_out_is_told_with_our_addresses(
    settings: Any,
) -> None:
    settings.VENDOR_EGRESS_ADDRESSES = ("203.0.113.7", "203.0.113.8")

    told = sentence_for(OktaNetworkZone("access_denied: no", status=400))

    assert told.endswith("must let in our addresses: 203.0.113.7, 203.0.113.8.")


@pytest.mark.parametrize("error", [SealError("malformed"), BrokerBusy("others fetch it")])
def test_without_a_token_one_learns_why(error: Exception) -> None:
    assert exit_for(error) == Way.NO_TOKEN
    assert str(error) in sentence_for(error)


def test_the_guide_explains_every_exit_code() -> None:
    guide = (ROOT / "docs" / "guides" / "okta-command.md").read_text()

    assert all(f"| {way} | {meaning} |" in guide for way, meaning in MEANINGS.items())
