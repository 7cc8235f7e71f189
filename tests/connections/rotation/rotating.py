"""What the tests of rotations do with one, and the moments at which they let a worker die."""

from contextlib import suppress
from datetime import timedelta

from django.db.models import F

from tenants.broker.sealing import secret_open
from tenants.choices import CredentialState, RotationState, RunKind, RunState
from tenants.connections.rotation_orders import rotation_now
from tenants.models import Rotation, Run, Tenant, User
from tenants.sandbox.installs import SECRET
from tenants.sandbox.org import Org
from tests.service import run_once, work_all

MANAGE = "okta.oauthIntegrations.manage"
CREATE = "createApiServiceIntegrationInstanceSecret"
DEACTIVATE = "deactivateApiServiceIntegrationInstanceSecret"

#: Of a rotation that nobody disturbs.
MOMENTS = 46
#: It is committed that we ask, and nothing is sent yet.
BEFORE_CREATING = 9
#: Where to die so that a rotation is left in a state in which it keeps others waiting.
BEFORE_PROMOTING = {RotationState.ASKED: BEFORE_CREATING, RotationState.SEALED: 13}
#: Of what happens when both have worked for long enough: before the new one is tried alone.
BEFORE_TRYING_ALONE = 11


class Killed(BaseException):
    """The process ends here; nothing of it runs any more."""


def listed(org: Org) -> list[str]:
    """States of the secrets in Okta, oldest first."""
    return [secret["status"] for secret in org.list(SECRET, org.client_id)]


def states(tenant: Tenant) -> list[str]:
    return list(tenant.credentials.order_by("version").values_list("state", flat=True))


def a_day_passes() -> None:
    """Leases and waits are over. For Okta it is still now, and so for what we asked of it."""
    day = timedelta(hours=25)
    Run.objects.update(not_before=F("not_before") - day, lease_until=F("lease_until") - day)
    Rotation.objects.update(
        retire_at=F("retire_at") - day, asked_at=F("asked_at") - timedelta(seconds=45)
    )


def rotate(tenant: Tenant, actor: User) -> Run:
    """Ask for it and work until the time in which both secrets work."""
    run = rotation_now(tenant=tenant, actor=actor)
    work_all()
    run.refresh_from_db()
    return run


def works(tenant: Tenant) -> bool:
    """Whether the secret that lies here is the one that is alone in Okta, and works."""
    return run_once(tenant, RunKind.SYNC).state == RunState.SUCCEEDED


def bring_to_its_end(tenant: Tenant, org: Org) -> list[int]:
    """Work on until the rotation has ended, whoever dies; returns how many secrets Okta had when.

    At every moment at which nobody works, the secret in use here works there.
    """
    counts = []
    for _ in range(4):
        with suppress(Killed):
            work_all()
        in_use = secret_open(tenant.credentials.get(state=CredentialState.ACTIVE))
        assert org.installs.accepts(org.client_id, in_use.expose())
        counts.append(len(listed(org)))
        a_day_passes()
    return counts
