"""Where sandbox and document part, and why: the sandbox does what recorded orgs did.

Every entry says where that is known from; `test_tour` asks that each is still needed.
"""

from tests.conformance.judge import Objection

#: Departures that the recorded exchanges show as well, which is tested.
RECORDED: dict[Objection, str] = {}
#: Departures known in other ways.
EXPLAINED: dict[Objection, str] = {}


def _nulls(schema: str, why: str, *paths: str) -> dict[Objection, str]:
    return {Objection(schema, f"$.{path}", "type"): why for path in paths}


_USER_NAME = "required usernameFormat"
_NULL = "quirks.md §5.2: null although the document forbids it"

RECORDED |= _nulls(
    "Application",
    _NULL,
    "accessibility.errorRedirectUrl",
    "accessibility.loginRedirectUrl",
    "settings.notes.admin",
    "settings.notes.enduser",
    "settings.notifications.vpn.helpUrl",
    "settings.notifications.vpn.message",
    "settings.oauthClient.client_uri",
    "settings.oauthClient.logo_uri",
    "settings.signOn.defaultRelayState",
    "settings.signOn.spIssuer",
    "settings.signOn.audienceOverride",
    "settings.signOn.destinationOverride",
    "settings.signOn.recipientOverride",
    "settings.signOn.ssoAcsUrlOverride",
    "settings.app.loginUrlRegex",
    "settings.app.optionalField1",
    "settings.app.optionalField1Value",
    "settings.app.optionalField2",
    "settings.app.optionalField2Value",
    "settings.app.optionalField3",
    "settings.app.optionalField3Value",
    "universalLogout",
)
RECORDED |= _nulls("AuthorizationServer", _NULL, "description")
RECORDED |= _nulls("OAuth2Scope", _NULL, "description")

RECORDED |= _nulls(
    "ApplicationFeature",
    _NULL,
    "capabilities.importSettings.schedule.fullImport",
    "capabilities.importSettings.schedule.incrementalImport",
)

RECORDED |= {
    Objection("ApplicationFeature", "$.capabilities.importSettings.username", _USER_NAME): (
        "quirks.md §5.1: the document names it wrongly"
    ),
    Objection("Application", "$.name", "readOnly"): (
        "contract.md §1.15: how an app of the catalog is asked for"
    ),
    Objection("Application", "$", "kind"): "quirks.md §5: directories have signOnMode null",
    Objection("Application", "$.name", "enum"): "quirks.md §5.1: Okta's own OpenID Connect apps",
    Objection("activateApplication", "", "body of 200"): "quirks.md §1: {} where none is told",
    Objection("deactivateApplication", "", "body of 200"): "quirks.md §1: {} where none is told",
    Objection("listApplications", "", "status 400"): "quirks.md §1: bad cursor or expand",
    Objection("previewSAMLmetadataForApplication", "", "status 400"): (
        "quirks.md §1: asked for as JSON"
    ),
    Objection("previewSAMLmetadataForApplication", "", "answered application/xml"): (
        "quirks.md §6: not text/xml"
    ),
    Objection("getFeatureForApplication", "", "status 400"): (
        "quirks.md §1: no provisioning, told as for the list"
    ),
}

EXPLAINED |= _nulls("Application", _NULL, "settings.signOn.redirectUrl")
EXPLAINED |= _nulls(
    "OAuth2Client", "quirks.md §5.2: as in the app that the client is", "client_uri", "logo_uri"
)
EXPLAINED |= _nulls(
    "OAuth2RefreshToken", "quirks.md §5.2: as in the scope", "_embedded.scopes[*].description"
)
EXPLAINED |= {
    Objection("ProvisioningConnectionResponse", "$", "required profile"): (
        "quirks.md §5.2: of a connection by token that nobody has set"
    ),
    Objection("AuthorizationServer", "$._links", "type"): (
        "quirks.md §5: null where associated servers are listed"
    ),
    Objection("JsonPatchOperation", "$.value", "type"): (
        "openapi-subset.yaml: its own example has a text where its schema has an object"
    ),
    Objection(
        "OAuth2ClientJsonSigningKeyResponse or OAuth2ClientJsonEncryptionKeyResponse", "$", "oneOf"
    ): "openapi-subset.yaml: of signing keys it leaves out ``use``, so encryption keys fit as well",
    Objection("deleteApiServiceIntegrationInstanceSecret", "", "status 400"): (
        "contract.md §1.15: only an inactive secret can be deleted; as for an app's secrets"
    ),
}
