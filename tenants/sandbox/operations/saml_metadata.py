"""What an app's service provider has to know about the org: the SAML metadata of one key."""

from textwrap import fill
from xml.sax.saxutils import escape, quoteattr

from tenants.sandbox.call import Call
from tenants.sandbox.kinds import KINDS
from tenants.sandbox.operations.app_shapes import SAML_MODES
from tenants.sandbox.operations.writes import find, invalid
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply
from tenants.sandbox.resolve import not_found
from tenants.sandbox.store import Body

#: The header contradicts the declaration in the document, which is right (recorded: 231 of 231).
_CONTENT_TYPE = ("content-type", "application/xml;charset=ISO-8859-1")

_NAMESPACE = "urn:oasis:names:tc:SAML:2.0"
_SIGNATURES = "http://www.w3.org/2000/09/xmldsig#"
_CERTIFICATE_COLUMNS = 76


def preview(call: Call) -> Reply:
    """The metadata with one of the app's keys; 404 for an app that is not signed on to by SAML."""
    _, app = find(call, "app")
    kid = call.query.get("kid", "")
    if not kid:
        raise invalid("kid", "kid: The field cannot be left blank")
    if app["signOnMode"] not in SAML_MODES:
        raise not_found(KINDS["app"], app["id"])
    keys = {key["kid"]: key for key in call.org.list("app_key", app["id"])}
    if kid not in keys:
        raise not_found(KINDS["app_key"], kid)
    return Reply(200, _write(call.org, app, keys[kid]).encode(), [_CONTENT_TYPE])


def _write(org: Org, app: Body, key: Body) -> str:
    sign_on = app["settings"]["signOn"]
    external_key = "exk" + app["id"][3:]
    issuer = sign_on.get("idpIssuer") or "http://www.okta.com/${org.externalKey}"
    entity = issuer.replace("${org.externalKey}", external_key)
    signed = str(bool(sign_on.get("samlSignedRequestEnabled"))).lower()
    name_id = sign_on.get("subjectNameIdFormat") or _NAMESPACE + ":nameid-format:persistent"
    address = f"https://{org.host}/app/{app['name']}/{external_key}/sso/saml"
    services = "".join(
        f'<md:SingleSignOnService Binding="{_NAMESPACE}:bindings:{binding}"'
        f" Location={quoteattr(address)}/>"
        for binding in ("HTTP-POST", "HTTP-Redirect")
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<md:EntityDescriptor entityID={quoteattr(entity)} xmlns:md="{_NAMESPACE}:metadata">'
        f'<md:IDPSSODescriptor WantAuthnRequestsSigned="{signed}"'
        f' protocolSupportEnumeration="{_NAMESPACE}:protocol">'
        f"{_write_key(key)}<md:NameIDFormat>{escape(name_id)}</md:NameIDFormat>{services}"
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    )


def _write_key(key: Body) -> str:
    certificate = fill(key["x5c"][0], _CERTIFICATE_COLUMNS)
    return (
        f'<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{_SIGNATURES}"><ds:X509Data>'
        f"<ds:X509Certificate>{certificate}</ds:X509Certificate>"
        "</ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )
