"""Scopes are shown in words, each with the vendor's reason."""

from tenants.connections.proof import ProofStep
from tenants.onboarding.scopes import asked_scopes, in_words


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


def test_a_proof_names_what_can_be_read_and_keeps_the_scope_beside_it():
    organisation = ProofStep("organisation", "Organisation found", "done")
    apps = ProofStep("okta.apps.read", "okta.apps.read", "failed", "Not granted.")

    first, second = in_words([organisation, apps])

    assert first == organisation
    assert (second.title, second.state) == ("Apps can be read", "failed")
    assert second.detail == "okta.apps.read · Not granted."
