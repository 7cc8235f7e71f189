"""What must not be true on a server is refused by ``manage.py check --deploy``."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command


def _complaint(settings: Any) -> str:
    settings.PRODUCTION = True
    settings.SECURE = True
    try:
        call_command("check", "--deploy", stdout=StringIO(), stderr=StringIO())
    except CommandError as refused:
        return str(refused)
    return ""


def test_production_settings_pass(settings: Any) -> None:
    assert "hub.E" not in _complaint(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [("OKTA_DIAL", {"okta.com": "127.0.0.1:8443"}), ("OKTA_CA_BUNDLE", "/tmp/ca.pem")],  # noqa: S108
)
def test_the_way_to_the_sandbox_is_refused(settings: Any, name: str, value: object) -> None:
    setattr(settings, name, value)

    assert "hub.E001" in _complaint(settings)


@pytest.mark.parametrize(("name", "code"), [("SECURE", "hub.E002"), ("PRODUCTION", "hub.E003")])
def test_plain_http_and_development_are_refused(settings: Any, name: str, code: str) -> None:
    settings.PRODUCTION = settings.SECURE = True
    setattr(settings, name, False)

    with pytest.raises(CommandError, match=code):
        call_command("check", "--deploy", stdout=StringIO(), stderr=StringIO())


@pytest.mark.parametrize("name", ["SYNC_EVERY_S", "AUDIT_EVERY_S", "TICK_EVERY_S"])
def test_an_interval_of_nothing_is_refused(settings: Any, name: str) -> None:
    setattr(settings, name, 0)

    with pytest.raises(CommandError, match=r"hub\.E004"):
        call_command("check", stdout=StringIO(), stderr=StringIO())


def test_scopes_that_a_job_lacks_are_named(settings: Any) -> None:
    settings.OKTA_SCOPES = {"okta.apps.read": "because"}

    with pytest.raises(CommandError, match=r"okta\.authorizationServers\.read"):
        call_command("check", stdout=StringIO(), stderr=StringIO())
