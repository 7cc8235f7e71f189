"""A token is asked for, looked at, used and revoked."""

from tests.conformance.guide import FORM, Guide
from tests.sandbox.caller import basic


def tour(guide: Guide) -> None:
    token = _ask(guide)["access_token"]
    use = {"authorization": f"Bearer {token}"}
    guide.ask("listApplications", query={"limit": "1"}, **use)
    hinted = {"token": token, "token_type_hint": "access_token"}
    assert guide.ask("introspect", body=hinted, sent_as=FORM)["active"] is True
    guide.ask("revoke", body=hinted, sent_as=FORM)
    guide.ask("revoke", body=hinted, sent_as=FORM)  # no mistake either
    assert guide.ask("introspect", body=hinted, sent_as=FORM)["active"] is False
    guide.expect((401, "E0000011"), "listApplications", **use)
    _be_refused(guide)


def _ask(guide: Guide) -> dict[str, str]:
    form = {"grant_type": "client_credentials", "scope": "okta.apps.read"}
    answer: dict[str, str] = guide.ask("token", body=form, sent_as=FORM)
    return answer


def _be_refused(guide: Guide) -> None:
    form = {"grant_type": "client_credentials", "scope": "okta.apps.read"}
    nobody = basic("0oaNobodyAtAll", "no secret")
    how = {"sent_as": FORM, "authorization": nobody}
    guide.expect((401, "invalid_client"), "token", body=form, **how)
    guide.expect((401, "invalid_client"), "introspect", body={"token": "any"}, **how)
    unknown = {**form, "scope": "okta.no.such.scope"}
    guide.expect((400, "invalid_scope"), "token", body=unknown, sent_as=FORM)
    guide.expect((400, "invalid_request"), "revoke", body={"token": ""}, sent_as=FORM)
