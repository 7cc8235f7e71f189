"""Part of ``vault``: seals secrets in the database that the environment names, and moves them."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oin_service.settings")
django.setup()

from django.conf import settings  # noqa: E402  (after Django is set up)
from django.core.management import call_command  # noqa: E402

from tenants.broker.sealing import CLIENT_SECRET  # noqa: E402
from tenants.keys.canaries import canary_ensure, keys_prove  # noqa: E402
from tenants.keys.counts import sealed_counts  # noqa: E402
from tenants.keys.rewrapping import rewrap_all  # noqa: E402
from tenants.keys.ring import keyring  # noqa: E402
from tenants.keys.verifying import verify_all  # noqa: E402
from tenants.models import SealedSecret, Tenant  # noqa: E402
from tenants.vault.envelope import seal  # noqa: E402
from tenants.vault.ringfile import ring_create, ring_edit  # noqa: E402
from tenants.vault.ringtext import random_text  # noqa: E402


def main(count: int) -> dict[str, float]:
    call_command("migrate", verbosity=0)
    file = Path(settings.KEYRING_FILE)
    ring_create(file, "old")
    _seed(count)
    ring_edit(file, lambda text: text.adding("new", random_text()).led_by("new"))
    rewrap_s = _seconds(lambda: list(rewrap_all(keyring(), login="bench")))
    verify_s = _seconds(_verify)
    return {
        "rewrap_s": rewrap_s,
        "verify_s": verify_s,
        "count_s": _seconds(sealed_counts),
        "prove_s": _seconds(lambda: keys_prove(keyring())),
        "lost": count - sealed_counts().get("new", 0),
    }


def _seed(count: int) -> None:
    ring = keyring()
    canary_ensure(ring)
    tenants = [Tenant(name=f"{number:05}") for number in range(count)]
    Tenant.objects.bulk_create(tenants)
    owners = [(tenant.pk, uuid4()) for tenant in tenants]
    SealedSecret.objects.bulk_create(
        SealedSecret(
            tenant_id=tenant,
            field=CLIENT_SECRET,
            owner_id=owner,
            sealed=seal(ring, "s" * 40, tenant=tenant, field=CLIENT_SECRET, row=owner),
        )
        for tenant, owner in owners
    )


def _verify() -> None:
    if any(verify_all(keyring())):
        raise RuntimeError("a value does not open after it was moved")


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]))) + "\n")
