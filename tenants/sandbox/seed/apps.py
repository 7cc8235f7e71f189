"""Application objects, field for field as recorded orgs of 2025 and 2026 send them."""

from typing import Any

from tenants.sandbox.seed.app_kinds import APP_KINDS, AppParts, OrgFacts
from tenants.sandbox.seed.ids import Ids
from tenants.sandbox.store import Body

_BY_LOGIN = {"template": "${source.login}", "type": "BUILT_IN"}
_VPN = {"vpn": {"network": {"connection": "DISABLED"}, "message": None, "helpUrl": None}}


def build_app(facts: OrgFacts, ids: Ids, *, label: str, status: str, kind: str) -> Body:
    """One application of a kind in ``APP_KINDS``, as ``GET /api/v1/apps`` shows it."""
    okta_id = ids.make("0oa")
    dates = ids.make_dates()
    parts = APP_KINDS[kind](facts, ids, okta_id, label)
    return assemble_app(facts, ids, okta_id, parts, label=label, status=status, dates=dates)


def assemble_app(
    facts: OrgFacts,
    ids: Ids,
    okta_id: str,
    parts: AppParts,
    *,
    label: str,
    status: str,
    dates: tuple[str, str],
) -> Body:
    """What all apps share, around ``parts``; ``dates`` are created and last updated."""
    created, updated = dates
    return {
        "id": okta_id,
        "orn": f"orn:{facts.cell}:idp:{facts.org_id}:apps:{parts.name}:{okta_id}",
        "name": parts.name,
        "label": label,
        "status": status,
        "lastUpdated": updated,
        "created": created,
        "accessibility": {"selfService": False, "errorRedirectUrl": None, "loginRedirectUrl": None},
        "visibility": {
            "autoLaunch": False,
            "autoSubmitToolbar": False,
            "hide": {"iOS": parts.hidden, "web": parts.hidden},
            "appLinks": {parts.link_name: True},
        },
        "features": parts.features,
        "signOnMode": parts.sign_on_mode,
        "credentials": {"userNameTemplate": _BY_LOGIN, "signing": {}, **parts.credentials},
        "universalLogout": ids.random.choice((None, {"status": "UNSUPPORTED"})),
        "settings": {
            "app": parts.app_settings,
            "notifications": _VPN,
            "manualProvisioning": False,
            "implicitAssignment": False,
            "emOptInStatus": "NONE",
            "notes": {"admin": None, "enduser": None},
            **parts.settings,
        },
        "_links": _build_links(facts, ids, okta_id, status, parts),
    }


def _build_links(
    facts: OrgFacts, ids: Ids, okta_id: str, status: str, parts: AppParts
) -> dict[str, Any]:
    """Links of an app: some are lists, there is no ``self``, and the status shows once more."""
    app = f"{facts.url}/api/v1/apps/{okta_id}"
    change = "deactivate" if status == "ACTIVE" else "activate"
    home = f"{facts.url}/home/{parts.name}/{okta_id}/{ids.make('aln')}"
    logo = f"https://static.example.com/assets/img/logos/{parts.name}.{ids.make('gfs')}.png"
    policies = f"{facts.url}/api/v1/policies"
    return {
        **_link_help(facts, okta_id, parts),
        **{name: link for name, link in parts.links.items() if name == "metadata"},
        "uploadLogo": {"href": f"{app}/logo", "hints": {"allow": ["POST"]}},
        "appLinks": [{"name": parts.link_name, "href": home, "type": "text/html"}],
        "profileEnrollment": {"href": f"{policies}/{facts.enrollment_policy}"},
        "policies": {"href": f"{app}/policies", "hints": {"allow": ["PUT"]}},
        "groups": {"href": f"{app}/groups"},
        "logo": [{"name": "medium", "href": logo, "type": "image/png"}],
        **{name: link for name, link in parts.links.items() if name != "metadata"},
        "accessPolicy": {"href": f"{policies}/{facts.access_policy}"},
        "users": {"href": f"{app}/users"},
        change: {"href": f"{app}/lifecycle/{change}"},
    }


def _link_help(facts: OrgFacts, okta_id: str, parts: AppParts) -> Body:
    """Recorded SAML apps all lead to a page of the Admin Console that tells how to set them up."""
    if not str(parts.sign_on_mode).startswith("SAML"):
        return {}
    org, _, suffix = facts.host.partition(".")
    app = f"https://{org}-admin.{suffix}/app/{parts.name}/{okta_id}"
    page = f"{app}/setup/help/{parts.sign_on_mode}/instructions"
    return {"help": {"href": page, "type": "text/html"}}
