"""The broker, budgets and the egress policy as this installation is configured."""

from functools import cache
from uuid import UUID

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tenants.broker.budgets import Budgets
from tenants.broker.okta_grant import fetch_token
from tenants.broker.tokens import Broker
from tenants.keys.ring import forget_keyring, keyring
from tenants.okta.budgets import Budget
from tenants.okta.egress import EgressPolicy


@cache
def egress_policy() -> EgressPolicy:
    return EgressPolicy(
        suffixes=settings.OKTA_HOST_SUFFIXES,
        dial={suffix: _address(target) for suffix, target in settings.OKTA_DIAL.items()},
        ca_bundle=settings.OKTA_CA_BUNDLE,
        user_agent=settings.OKTA_USER_AGENT,
    )


@cache
def broker() -> Broker:
    ring = keyring()
    return Broker(
        redis=_redis(),
        cache_key=ring.derive("token-cache"),
        name_key=ring.derive("cache-key-hmac"),
        fetch=fetch_token(egress_policy()),
    )


@cache
def budgets() -> Budgets:
    name_key = keyring().derive("cache-key-hmac")
    return Budgets(_redis(), name_key, settings.OKTA_BUDGET_SHARE)


def budget_for(tenant_id: UUID, *, interactive: bool, holder: UUID | None = None) -> Budget:
    """What one client of this tenant's org may send, counted together with all other workers'.

    Args:
        interactive: somebody waits at a page; part of every budget is kept for them.
        holder: the run, if it is for one: it gives back what its dead holders had in flight.
    """
    return budgets().of(tenant_id, interactive=interactive, holder=holder)


def forget_configuration() -> None:
    """Build all of it anew on next use; for tests, which change the settings under us."""
    for built in (egress_policy, broker, budgets):
        built.cache_clear()
    forget_keyring()


def _redis() -> Redis:
    # No retries: the broker goes on without Redis, so a slow "no" is worth less than a quick one.
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=2,
        socket_connect_timeout=1,
        retry=Retry(NoBackoff(), 0),
    )


def _address(target: str) -> tuple[str, int]:
    host, _, port = target.rpartition(":")
    return host.strip("[]"), int(port)
