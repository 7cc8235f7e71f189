"""Applications: the list, one app, its state, and what it looks like."""

from tenants.okta.operations.family import Family
from tenants.okta.operations.media import MULTIPART, NOTHING, XML
from tenants.okta.operations.operation import Effect

_apps = Family("/api/v1/apps", "okta.apps")
_app = Family("/api/v1/apps/{appId}", "okta.apps")

OPERATIONS = (
    _apps.listing("listApplications", page_limit=200),
    _apps.post("createApplication", creates_secret=True),
    _app.get("getApplication"),
    _app.put("replaceApplication", old_name="updateApplication"),
    _app.delete("deleteApplication"),
    _app.act("activateApplication", "/lifecycle/activate"),
    _app.act("deactivateApplication", "/lifecycle/deactivate"),
    _app.put(
        "assignApplicationPolicy",
        "/policies/{policyId}",
        body=NOTHING,
        answers=NOTHING,
        old_name="updateApplicationPolicy",
    ),
    # An app has one logo: a second upload takes the first one's place.
    _app.post(
        "uploadApplicationLogo", "/logo", body=MULTIPART, answers=NOTHING, effect=Effect.REPLACE
    ),
    _app.get(
        "previewSAMLmetadataForApplication",
        "/sso/saml/metadata",
        answers=XML,
        required=("kid",),
        old_name="previewSAMLAppMetadata",
    ),
)
