"""A customer's secret and the tokens got with it appear nowhere but at Okta.

The whole way is gone once, with trouble on it; then every place where something could have been
left behind is searched for the markers, in the clear and in the usual disguises.
"""

import json
import logging
import uuid
from collections.abc import Iterator

import pytest
import redis
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from tenants.choices import RunKind
from tenants.connections.invitations import setup_link_renew, setup_path
from tenants.logs import JsonFormatter
from tenants.models import Finding, Resource, Run, SetupLink, Tenant, User
from tenants.sandbox.org import Org
from tests.security.searching import disguises, leaks
from tests.service import Submit, run_once, work_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def markers(tenant: Tenant, acme: Org, submit: Submit, redis_server: str) -> set[bytes]:
    """Go the whole way, with trouble on it, and return what must not be found anywhere."""
    wrong = f"canary-{uuid.uuid4().hex}"
    submit(acme, client_secret=wrong)
    work_all()
    submit(acme)
    work_all()
    tokens = set(acme.tokens.values())
    acme.expire_tokens()
    run_once(tenant, RunKind.SYNC)
    tokens |= set(acme.tokens.values())
    assert len(tokens) >= 2
    found = {wrong, acme.client_secret, *tokens}
    return {form for marker in found for form in disguises(marker)}


def test_the_database_holds_no_secret_and_no_token(markers: set[bytes]) -> None:
    searched = 0
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  (our own tables' names)
            for row in cursor.fetchall():
                searched += 1
                assert not leaks(repr(row).encode(), markers), table
    assert searched > 100


def test_redis_holds_tokens_only_sealed(markers: set[bytes], redis_server: str) -> None:
    with redis.Redis.from_url(redis_server) as client:
        keys = client.keys("*")
        values = [client.dump(key) for key in keys]

    assert any(key.startswith(b"hub:token:") for key in keys)
    assert not any(leaks(content, markers) for content in [*keys, *values])


def test_logs_hold_no_secret_and_no_token(
    caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    caplog.set_level(logging.DEBUG)

    markers = request.getfixturevalue("markers")

    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert lines
    assert not any(leaks(line.encode(), markers) for line in lines)
    assert not any(leaks(repr(vars(record)).encode(), markers) for record in caplog.records)


def _routes(patterns: list[URLPattern | URLResolver], names: tuple[str, ...] = ()) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inside = (*names, pattern.namespace) if pattern.namespace else names
            yield from _routes(pattern.url_patterns, inside)
        elif pattern.name:
            yield ":".join((*names, pattern.name))


def test_no_page_shows_a_secret_or_a_token(
    markers: set[bytes], tenant: Tenant, operator: User
) -> None:
    browser = Client()
    browser.force_login(operator)
    browser.get(setup_path(setup_link_renew(tenant=tenant, actor=operator)))
    link = SetupLink.objects.get(tenant=tenant, revoked_at=None)
    ids = [
        *(tenant.pk, link.pk),
        *Run.objects.values_list("pk", flat=True)[:5],
        *Resource.objects.values_list("pk", flat=True)[:3],
        *Finding.objects.values_list("pk", flat=True)[:3],
    ]

    shown = 0
    for name in _routes(get_resolver().url_patterns):
        for arguments in ([], *([one] for one in ids), *([tenant.pk, one] for one in ids)):
            try:
                url = reverse(name, args=arguments)
            except NoReverseMatch:  # not a shape of this route
                continue
            response = browser.get(url)
            shown += response.status_code == 200
            assert not leaks(response.content, markers), url
    assert shown > 15


def test_models_and_messages_keep_secrets_out_of_their_texts(
    markers: set[bytes], tenant: Tenant
) -> None:
    for model in apps.get_app_config("tenants").get_models():
        for row in model.objects.all()[:50]:
            assert not leaks(f"{row!r} {row}".encode(), markers)
    params = json.dumps(list(Run.objects.values_list("params", "checkpoint", "outcome")))
    assert not leaks(params.encode(), markers)
