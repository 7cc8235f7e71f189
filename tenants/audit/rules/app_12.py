"""APP-12: redirect URIs that lead tokens astray."""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from tenants.audit.mirror import Mirror, is_active, members, part
from tenants.audit.rule import Failure, Judgement, Rule
from tenants.choices import Severity
from tenants.models import Resource


class RedirectUris(Rule):
    slug = "APP-12"
    title = "Unsafe redirect URI"
    why = (
        "After sign-in Okta sends codes and tokens to the redirect URI. A wildcard or a plain "
        "http address lets somebody else receive them."
    )
    fix = (
        "In the Okta Admin Console open Applications and Resources > Applications, choose the app.",
        "On the General tab edit Sign-in redirect URIs.",
        "List each address in full, with https, and turn off the wildcard.",
    )
    severity_note = "Wildcards and plain http are high; a developer's loopback address is low."
    reads = ("app",)

    def judge(self, mirror: Mirror) -> Iterator[Judgement]:
        for app in mirror.all("app"):
            client = part(app.body, "settings", "oauthClient")
            if isinstance(client, dict) and is_active(app):
                yield Judgement(app, failure=_failure(app))


def _failure(app: Resource) -> Failure | None:
    client = ("settings", "oauthClient")
    uris = [str(uri) for uri in members(app.body, *client, "redirect_uris")]
    if part(app.body, *client, "wildcard_redirect") == "SUBDOMAIN":
        wild = [uri for uri in uris if "*" in uri]
        if wild:
            return _told(app, Severity.HIGH, "sends tokens to any subdomain", wild)
    if plain := [uri for uri in uris if _is_plain_http(uri) and not _is_loopback(uri)]:
        return _told(app, Severity.HIGH, "sends tokens over plain http", plain)
    web = part(app.body, *client, "application_type") == "web"
    if web and (local := [uri for uri in uris if _is_loopback(uri)]):
        return _told(app, Severity.LOW, "still trusts a developer's own machine", local)
    return None


def _told(app: Resource, severity: Severity, what: str, uris: list[str]) -> Failure:
    evidence = {"settings.oauthClient.redirect_uris": uris}
    return Failure(severity, f"“{app.label}” {what}.", evidence)


def _is_plain_http(uri: str) -> bool:
    return uri.lower().startswith("http://")


def _is_loopback(uri: str) -> bool:
    try:
        host = urlsplit(uri).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # not a URL, or a name like any other
        return False
