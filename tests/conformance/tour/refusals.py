"""An org that says no for reasons of its own: to any caller, whatever was asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.conformance.guide import FORM, Guide
from tests.conformance.tour.bodies import web_app


def tour(guide: Guide) -> None:
    _without_the_scope(guide)
    _without_a_licence(guide)
    _during_a_failover(guide)
    _above_the_limit(guide)
    _while_it_is_in_use(guide)


def _without_the_scope(guide: Guide) -> None:
    form = {"grant_type": "client_credentials", "scope": "okta.apps.read"}
    token = guide.ask("token", body=form, sent_as=FORM)["access_token"]
    narrow = {"authorization": f"Bearer {token}"}
    body = web_app("Never made")
    guide.expect((403, "E0000006"), "createApplication", body=body, **narrow)
    guide.expect((403, "E0000006"), "listAuthorizationServers", **narrow)


def _without_a_licence(guide: Guide) -> None:
    with _having(guide.org, licensed=False):
        guide.expect((401, "E0000015"), "listAuthorizationServers")
        guide.expect((401, "E0000015"), "getAuthorizationServer", "default")


def _during_a_failover(guide: Guide) -> None:
    with _having(guide.org, read_only=True):
        guide.ask("listPushProviders")
        guide.expect((503, "E0000010"), "createApplication", body=web_app("Not now"))


def _above_the_limit(guide: Guide) -> None:
    limits = guide.org.rate_limits
    for bucket, name in (("/api/v1/apps", "listApplications"), ("/api/v1", "listPushProviders")):
        before = limits[bucket]
        guide.org.limits.reset()
        limits[bucket] = 1
        guide.ask(name)
        guide.expect((429, "E0000047"), name)
        limits[bucket] = before


def _while_it_is_in_use(guide: Guide) -> None:
    (provider, *_) = guide.ask("listPushProviders")
    guide.org.use_push_provider(provider["id"])
    guide.expect((409, "E0000187"), "deletePushProvider", provider["id"])
    guide.org.use_push_provider(provider["id"], in_use=False)


@contextmanager
def _having(org: Any, **fields: Any) -> Iterator[None]:
    before = {name: getattr(org, name) for name in fields}
    try:
        for name, value in fields.items():
            setattr(org, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(org, name, value)
