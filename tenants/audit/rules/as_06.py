"""AS-06: signing keys that do not rotate."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from tenants.audit.mirror import Mirror, part
from tenants.audit.rule import Failure, Judgement, Rule
from tenants.audit.servers import live_servers
from tenants.choices import Severity
from tenants.models import Resource

#: Okta itself rotates four times a year.
OLD = timedelta(days=90)


class SigningKeyRotation(Rule):
    slug = "AS-06"
    title = "Signing keys that do not rotate"
    why = (
        "With its signing key anybody can make tokens of this authorization server. A key that is "
        "never replaced stays useful to whoever once copied it."
    )
    fix = (
        "In the Okta Admin Console open Security > API and choose the authorization server.",
        "On the Settings tab set Signing Key Rotation to Automatic.",
        "If an API pins the key, let it read the server's keys from its metadata first.",
    )
    severity_note = "High when the key is older than 90 days, overdue, or no key is active."
    reads = ("authorization_server", "as_key")

    def judge(self, mirror: Mirror) -> Iterator[Judgement]:
        now = timezone.now()
        for server in live_servers(mirror):
            yield self._judge_server(mirror, server, now)

    def _judge_server(self, mirror: Mirror, server: Resource, now: datetime) -> Judgement:
        signing = part(server.body, "credentials", "signing")
        mode = part(signing, "rotationMode")
        if mode == "MANUAL":
            return Judgement(server, failure=_manual(server, signing, now))
        overdue = _moment(part(signing, "nextRotation"))
        if mode == "AUTO" and overdue is not None and overdue < now:
            path, value = "credentials.signing.nextRotation", part(signing, "nextRotation")
            told = f"The rotation of “{server.label}”'s signing key is overdue."
            return Judgement(server, failure=Failure(Severity.HIGH, told, {path: value}))
        if reason := mirror.unread_reason("as_key", server.okta_id):
            return Judgement(server, unknown=reason)
        return Judgement(server, failure=_keyless(server, mirror.inside("as_key", server)))


def _manual(server: Resource, signing: Any, now: datetime) -> Failure:
    last = _moment(part(signing, "lastRotated"))
    old = last is not None and now - last > OLD
    return Failure(
        Severity.HIGH if old else Severity.MEDIUM,
        f"“{server.label}” does not rotate its signing key by itself.",
        {
            "credentials.signing.rotationMode": "MANUAL",
            "credentials.signing.lastRotated": part(signing, "lastRotated"),
        },
    )


def _keyless(server: Resource, keys: list[Resource]) -> Failure | None:
    """No key that signs. Okta leaves the status out at times; then nothing can be said."""
    states = [key.body.get("status") for key in keys]
    if "ACTIVE" in states or None in states:
        return None
    told = f"“{server.label}” has no active signing key."
    return Failure(Severity.HIGH, told, {"keys": states})


def _moment(value: Any) -> datetime | None:
    try:
        return parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None
