import pytest

from tenants.okta.errors import OktaRateLimited, OktaUnavailable, OktaWrongHost
from tenants.okta.orgs import OrgMetadata, fetch_org_metadata
from tests.okta.fakes import HOST, ScriptedOrg, refusal, reply

ORG_ID = "00o1n8sbwArJ7OQRw406"
ORG = {
    "id": ORG_ID,
    "_links": {
        "organization": {"href": "https://acme-new.okta.com"},
        "alternate": {"href": "https://login.acme.com"},
    },
    "settings": {"analyticsCollectionEnabled": False},
    "pipeline": "idx",
}


def test_an_org_tells_its_id_its_own_host_and_its_engine():
    org = ScriptedOrg(reply(ORG))

    assert fetch_org_metadata(org) == OrgMetadata(ORG_ID, "acme-new.okta.com", "idx")
    assert org.sent[0].target == "/.well-known/okta-organization"
    assert "authorization" not in org.sent[0].headers


@pytest.mark.parametrize(
    "links",
    [
        {"organization": {"href": "https://login.acme.com"}},
        {"organization": {"href": "https://acme.okta.com.evil.org"}},
        {"organization": {"href": "https://acme-admin.okta.com"}},
        {"organization": {"href": "https://[::1"}},
        {"organization": {"href": 7}},
        {"organization": []},
        None,
        [],
    ],
)
def test_a_host_that_is_not_oktas_is_not_believed(links):
    assert fetch_org_metadata(ScriptedOrg(reply({**ORG, "_links": links}))).host == HOST


@pytest.mark.parametrize("pipeline", [None, 7])
def test_an_engine_that_is_not_told_is_empty(pipeline):
    assert fetch_org_metadata(ScriptedOrg(reply({**ORG, "pipeline": pipeline}))).engine == ""


@pytest.mark.parametrize(
    "answer",
    [
        reply(b"<html>", 404, content_type="text/html"),
        reply(b"<html>", 200, content_type="text/html"),
        reply(b'{"status":404,"message":"Resource not found"}\n', 404, content_type=[]),
        refusal(404, "E0000007"),
        refusal(403, "E0000260"),
        reply(status=401),
        reply(status=302, location="https://acme.okta.com/"),
        reply({}),
        reply({"id": "../x"}),
        reply([ORG]),
        reply(b""),
    ],
)
def test_whatever_does_not_describe_an_org_is_the_wrong_host(answer):
    with pytest.raises(OktaWrongHost):
        fetch_org_metadata(ScriptedOrg(answer))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(refusal(429, "E0000047"), OktaRateLimited), (reply(status=503), OktaUnavailable)],
)
def test_an_org_that_cannot_answer_now_may_be_asked_again(answer, kind):
    with pytest.raises(kind):
        fetch_org_metadata(ScriptedOrg(answer))
