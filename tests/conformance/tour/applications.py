"""Apps of every kind are made, read, changed, switched off and deleted."""

from typing import Any

from tests.conformance.guide import Guide
from tests.conformance.tour.bodies import NOBODY, Body, png, saml_app, web_app

MULTIPART = "multipart/form-data"


def tour(guide: Guide) -> None:
    _read_the_lists(guide)
    app = guide.ask("createApplication", body=web_app("A portal"), query={"activate": "true"})
    _change(guide, app)
    _dress(guide, app["id"])
    _make_every_kind(guide)
    _be_refused(guide, app["id"])
    guide.ask("deactivateApplication", app["id"])
    guide.ask("deleteApplication", app["id"])
    guide.expect((404, "E0000007"), "getApplication", app["id"])


def _read_the_lists(guide: Guide) -> None:
    guide.ask("listApplications", query={"limit": "200"})
    guide.ask("listApplications", query={"limit": "2"})
    guide.ask("listApplications", query={"filter": 'status eq "INACTIVE"'})
    guide.ask("listApplications", query={"q": "no app is called this"})
    for app in guide.org.list("app")[:15]:  # one of every kind that the org was filled with
        guide.ask("getApplication", app["id"])


def _change(guide: Guide, app: Body) -> None:
    guide.ask("replaceApplication", app["id"], body=web_app("The portal, renamed"))
    guide.ask("deactivateApplication", app["id"])
    guide.ask("deactivateApplication", app["id"])  # twice is no mistake
    guide.ask("activateApplication", app["id"])
    guide.ask("getApplication", app["id"])


def _dress(guide: Guide, app_id: str) -> None:
    guide.ask("uploadApplicationLogo", app_id, body={"file": png()}, sent_as=MULTIPART)
    policy = guide.org.list("sign_on_policy")[0]
    guide.ask("assignApplicationPolicy", app_id, policy["id"])


def _make_every_kind(guide: Guide) -> None:
    for body in (
        saml_app("Made: SAML"),
        _simple("bookmark", "BOOKMARK", url="https://app.example.com/", requestIntegration=False),
        _simple(
            "template_basic_auth",
            "BASIC_AUTH",
            url="https://app.example.com/",
            authURL="https://app.example.com/auth",
        ),
        _simple(
            "template_swa",
            "BROWSER_PLUGIN",
            url="https://app.example.com/login",
            usernameField="user",
            passwordField="pass",
            buttonField="go",
        ),
        _simple(
            "template_sps",
            "SECURE_PASSWORD_STORE",
            url="https://app.example.com/login",
            usernameField="user",
            passwordField="pass",
        ),
        _auto_login(),
    ):
        made = guide.ask("createApplication", body=body, query={"activate": "false"})
        guide.ask("getApplication", made["id"])
        if made["signOnMode"] == "SAML_2_0":
            _show_metadata(guide, made)
        guide.ask("deleteApplication", made["id"])


def _simple(name: str, sign_on_mode: str, **settings: Any) -> Body:
    label = f"Made: {name}"
    return {
        "name": name,
        "label": label,
        "signOnMode": sign_on_mode,
        "settings": {"app": settings},
    }


def _auto_login() -> Body:
    login = {"loginUrl": "https://app.example.com/login", "redirectUrl": "https://app.example.com/"}
    return {
        "label": "Made: auto login",
        "signOnMode": "AUTO_LOGIN",
        "settings": {"signOn": login},
    }


def _show_metadata(guide: Guide, app: Body) -> None:
    kid = app["credentials"]["signing"]["kid"]
    metadata = "previewSAMLmetadataForApplication"
    guide.ask(metadata, app["id"], query={"kid": kid})
    wrong = {"query": {"kid": kid}, "accept": "application/json"}
    guide.expect((400, "E0000019"), metadata, app["id"], **wrong)


def _be_refused(guide: Guide, app_id: str) -> None:
    guide.expect((403, "E0000056"), "deleteApplication", app_id)
    guide.expect((404, "E0000007"), "getApplication", NOBODY)
    guide.expect((404, "E0000007"), "deactivateApplication", NOBODY)
    guide.expect((400, "E0000001"), "createApplication", body={"signOnMode": "BOOKMARK"})
    guide.expect((400, "E0000003"), "createApplication", body="no object")
    guide.expect((400, "E0000029"), "listApplications", query={"after": "no cursor"})
    guide.expect((400, "E0000001"), "listApplications", query={"expand": "nonsense"})
    guide.expect((401, "E0000011"), "listApplications", authorization="Bearer stale")
