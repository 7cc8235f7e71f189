"""AS-06: signing keys that do not rotate."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
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
            failure, unknown = _judged(mirror, server, now)
            yield Judgement(server, failure, unknown)


def _judged(mirror: Mirror, server: Resource, now: datetime) -> tuple[Failure | None, str]:
    """What is wrong with a server's keys, the worst first; else what could not be told."""
    signing = part(server.body, "credentials", "signing")
    mode, unread = part(signing, "rotationMode"), mirror.unread_reason("as_key", server.okta_id)
    states = [part(key.body, "status") for key in mirror.inside("as_key", server)]
    # Okta leaves a key's status out at times; that key may well be the active one.
    if not unread and "ACTIVE" not in states and None not in states:
        told = f"“{server.label}” has no active signing key."
        return Failure(Severity.HIGH, told, {"keys": states}), ""
    if mode == "MANUAL":
        return _manual(server, signing, now), ""
    if mode != "AUTO":
        return None, "Okta did not say whether its signing key rotates."
    if overdue := _overdue(server, signing, now):
        return overdue, ""
    return None, unread or ("" if "ACTIVE" in states else "Okta did not say which key is active.")


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


def _overdue(server: Resource, signing: Any, now: datetime) -> Failure | None:
    planned = part(signing, "nextRotation")
    moment = _moment(planned)
    if moment is None or moment >= now:
        return None
    told = f"The rotation of “{server.label}”'s signing key is overdue."
    return Failure(Severity.HIGH, told, {"credentials.signing.nextRotation": planned})


def _moment(value: Any) -> datetime | None:
    """Okta's times are UTC, so one without a zone is too."""
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
