"""Scopes are shown in words, each with the vendor's reason."""

from tenants.onboarding.scopes import asked_scopes


def test_each_scope_has_a_title_for_people_and_the_reason_from_the_settings(settings):
    settings.OKTA_SCOPES = {
        "okta.authorizationServers.read": "To check them.",
        "okta.apps.manage": "To tidy up.",
    }

    servers, apps = asked_scopes()

    assert (servers.title, servers.reason) == ("Authorization servers", "To check them.")
    assert servers.is_read_only
    assert apps.title == "Apps"
    assert not apps.is_read_only
