"""The catalog of apps that the sandbox's orgs know: how each signs on and what it must be told."""

from dataclasses import dataclass, field

from tenants.sandbox.store import Body

#: The modes in which an org makes an app definition of its own, named after the label.
CUSTOM_MODES = ("SAML_2_0", "AUTO_LOGIN")

SIGN_ON_MODES = (
    *CUSTOM_MODES,
    *("BASIC_AUTH", "BOOKMARK", "BROWSER_PLUGIN", "OPENID_CONNECT", "SAML_1_1"),
    *("SECURE_PASSWORD_STORE", "WS_FEDERATION"),
)


@dataclass(frozen=True)
class Definition:
    """One entry of the catalog.

    Attributes:
        modes: the first is what an app gets that does not choose.
        required: settings without which there is no such app.
        defaults: settings that are there, in this order, also where nobody sets them.
        link_name: the app's link on the dashboard.
    """

    modes: tuple[str | None, ...]
    required: tuple[str, ...] = ()
    defaults: Body = field(default_factory=dict)
    link_name: str = "login"

    def choose_mode(self, asked: str | None) -> str | None:
        """What an app gets that asks for a mode, or for none.

        SWA apps of the catalog are asked for with AUTO_LOGIN and become BROWSER_PLUGIN, those
        without a way to sign on become null; both recorded, both with a 200.

        Raises:
            ValueError: the app does not sign on in this way.
        """
        if asked is None:
            return self.modes[0]
        if asked in self.modes:
            return asked
        for stand_in in ("BROWSER_PLUGIN", None):
            if asked == "AUTO_LOGIN" and stand_in in self.modes:
                return stand_in
        raise ValueError(asked)


def _nulls(*names: str) -> Body:
    return dict.fromkeys(names)


_FORM_FIELDS = tuple(f"optionalField{field}{part}" for field in "123" for part in ("", "Value"))
_SAML_OR_SWA = ("SAML_2_0", "BROWSER_PLUGIN")

DEFINITIONS: dict[str, Definition] = {
    "oidc_client": Definition(("OPENID_CONNECT",), link_name="oidc_client_link"),
    "bookmark": Definition(("BOOKMARK",), ("url",), {"requestIntegration": False, "url": None}),
    "template_basic_auth": Definition(
        ("BASIC_AUTH",), ("authURL", "url"), _nulls("loginUrlRegex", "authURL", "url")
    ),
    "template_swa": Definition(
        ("BROWSER_PLUGIN",),
        ("buttonField", "passwordField", "usernameField", "url"),
        _nulls(
            *("loginUrlRegex", "usernameField", "redirectUrl", "buttonField"),
            *("checkbox", "passwordField", "url"),
        ),
    ),
    "template_swa3field": Definition(
        ("BROWSER_PLUGIN",),
        ("buttonSelector", "passwordSelector", "userNameSelector", "targetURL"),
        _nulls(
            *("loginUrlRegex", "extraFieldSelector", "extraFieldValue", "redirectUrl"),
            *("userNameSelector", "passwordSelector", "buttonSelector", "targetURL"),
        ),
    ),
    "template_sps": Definition(
        ("SECURE_PASSWORD_STORE",),
        ("passwordField", "url", "usernameField"),
        _nulls("usernameField", "passwordField", "url", *_FORM_FIELDS),
    ),
    "template_wsfed": Definition(("WS_FEDERATION",), ("siteURL", "audienceRestriction")),
    "sharepoint_onpremise": Definition(
        ("SAML_1_1",), ("siteURL",), _nulls("groupFilter", "siteURL", "attributeStatements")
    ),
    "aws_console": Definition(_SAML_OR_SWA),
    "deelhr": Definition((None,), link_name="deelhr_link"),
    "docusign": Definition(_SAML_OR_SWA),
    "google": Definition((*_SAML_OR_SWA,), ("domain",), _nulls("afwOnly", "domain")),
    "office365": Definition(
        ("WS_FEDERATION", "BROWSER_PLUGIN"), ("msftTenant",), _nulls("domain", "msftTenant")
    ),
    "okta_org2org": Definition(
        _SAML_OR_SWA, ("baseUrl",), _nulls("acsUrl", "audRestriction", "baseUrl", "idpId")
    ),
    "pagerduty": Definition(
        _SAML_OR_SWA, ("subdomain",), _nulls("adminUserId", "baseUrl", "subdomain")
    ),
    "salesforce": Definition(_SAML_OR_SWA, ("integrationType", "instanceType")),
    "slack": Definition(_SAML_OR_SWA, ("domain",), _nulls("userEmailValue", "domain")),
    "zoomus": Definition(_SAML_OR_SWA, defaults=_nulls("subDomain", "audience_uri", "acs_url")),
    "zscalerbyz": Definition(_SAML_OR_SWA, ("siteDomain",), _nulls("siteDomain")),
}
