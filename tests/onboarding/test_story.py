"""The whole way through the pages, against a local org and the real engine."""

from tests.onboarding.values import SECRET, pasted
from tests.service import work_all

HTMX = {"HX-Request": "true"}


def test_from_a_wrong_secret_to_a_connected_org(acme, admin):
    right = pasted(client_id=acme.client_id, client_secret=acme.client_secret)

    admin.post("connect", {**right, "client_secret": SECRET})
    work_all()
    refused = admin.get("proof_live", **HTMX)
    admin.post("connect", right)
    work_all()
    proven = admin.get("proof_live", **HTMX)
    connected = admin.get("connected").text

    assert "did not accept the client secret" in refused.text
    assert proven.headers["HX-Redirect"] == admin.url("connected")
    assert "acme.okta.com is connected" in connected
    assert '<dt>Apps</dt><dd class="number">12</dd>' in connected
    assert acme.client_secret not in connected


def test_an_org_of_another_tenant_is_refused_without_naming_the_other(acme, admin, invite):
    right = pasted(client_id=acme.client_id, client_secret=acme.client_secret)
    admin.post("connect", right)
    work_all()
    globex = invite("Globex")
    globex.enter()

    globex.post("connect", right)
    work_all()

    answer = globex.get("proof_live", **HTMX).text
    assert "already connected" in answer
    assert "Acme" not in answer
