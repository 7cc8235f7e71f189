"""What is asked for is checked to the last detail, and written down once or not at all."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tenants.actions.asking import MOST_CHANGES, actions_apply
from tenants.actions.errors import ChangeRefused, ScopesLacking
from tenants.actions.wanted import Wanted
from tenants.choices import RunState, TenantState
from tenants.connections.invitations import tenant_create
from tenants.connections.leaving import tenant_delete
from tenants.errors import (
    ChangesNotRepeated,
    NotConnected,
    RunAlreadyLive,
    TenantDeleted,
    TenantPaused,
)
from tenants.models import AuditEvent, Credential, Intent, Run, Tenant, User
from tenants.runs.queue import run_cancel, run_retry
from tests.actions.conftest import Ask, change, fresh, new_app, new_server, states
from tests.service import work_all

pytestmark = pytest.mark.django_db(transaction=True)

APP = "0oa00000000000000001"
OIDC = {"name": "oidc_client", "label": "Web", "signOnMode": "OPENID_CONNECT"}

REFUSED: dict[str, tuple[Wanted, str]] = {
    "a read": (change("getApplication", appId=APP), "changes nothing"),
    "makes a secret": (change("createOAuth2ClientSecret", appId=APP), "it makes a secret"),
    "takes a file": (change("uploadApplicationLogo", appId=APP), "it takes a file"),
    "our own secret": (
        change("deleteApiServiceIntegrationInstance", apiServiceId=APP),
        "may end the very connection",
    ),
    "an app with a secret": (change("createApplication", body=OIDC), "without a client secret"),
    "an app of no mode": (change("createApplication", body={"label": "Web"}), "signOnMode"),
    "no id": (change("deactivateApplication"), "takes appId"),
    "an id too many": (change("deactivateApplication", appId=APP, keyId="k"), "takes appId"),
    "an id that is a path": (change("deactivateApplication", appId="../x"), "an Okta id"),
    "an id that is no text": (change("deactivateApplication", appId=7), "an Okta id"),  # type: ignore[arg-type]
    "a body where there is none": (
        change("deactivateApplication", appId=APP, body={}),
        "takes no JSON",
    ),
    "a body of nothing": (change("createAuthorizationServer"), "an object with a name"),
    "a body that is a list": (change("createAuthorizationServer", body=[]), "an object"),
    "a name left out": (change("createAuthorizationServer", body={"x": 1}), "with a name"),
    "a secret in it": (new_server(client_secret="x" * 40), "holds a secret"),
    "a private key": (
        change("addJwk", appId=APP, body={"kty": "RSA", "kid": "k", "n": "n", "e": "e", "d": "d"}),
        "a private key",
    ),
    "NUL": (new_server("a\x00b"), "cannot be stored"),
    "half a character": (new_server("a\ud800b"), "cannot be stored"),
    "no number": (new_server(limit=float("nan")), "nothing that JSON can say"),
    "no JSON at all": (new_server(limit={1, 2}), "nothing that JSON can say"),
    "too much": (new_server("x" * 200_001), "more than 200000 bytes"),
    "no other app": (change("cloneApplicationKey", appId=APP, keyId="k"), "needs targetAid"),
    "another app that is a path": (
        change("cloneApplicationKey", appId=APP, keyId="k", query={"targetAid": "../x"}),
        "the id of an app",
    ),
    "a query that steers": (
        change("deactivateApplication", appId=APP, query={"x": "a\nb"}),
        "does not print",
    ),
    "a set of nothing": (
        change("createAssociatedServers", authServerId="aus1", body={"trusted": []}),
        "a list of ids",
    ),
}


def _nothing_was_written() -> bool:
    asked = AuditEvent.objects.filter(action="change.asked")
    return not (Intent.objects.exists() or Run.objects.exists() or asked.exists())


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_queued_is_refused_in_a_sentence(name: str, ask: Ask) -> None:
    wanted, words = REFUSED[name]

    with pytest.raises(ChangeRefused, match=words) as refused:
        ask(new_server("Good"), wanted)

    assert str(refused.value).endswith(".")
    assert _nothing_was_written()


@pytest.mark.parametrize("count", [0, MOST_CHANGES + 1])
def test_a_run_makes_some_changes_and_not_too_many(count: int, ask: Ask) -> None:
    with pytest.raises(ChangeRefused, match="1 to 200"):
        ask(*[new_server()] * count)

    assert _nothing_was_written()


def test_a_scope_that_was_never_proven_is_named(ask: Ask, changeable: Tenant) -> None:
    Credential.objects.filter(tenant=changeable).update(scopes_granted="okta.apps.read")

    with pytest.raises(ScopesLacking, match=r"does not hold okta\.apps\.manage"):
        ask(new_app())

    assert _nothing_was_written()


def test_a_paused_tenant_is_left_alone(ask: Ask, changeable: Tenant) -> None:
    Tenant.objects.filter(pk=changeable.pk).update(state=TenantState.PAUSED)
    changeable.refresh_from_db()

    with pytest.raises(TenantPaused):
        ask(new_server())


@pytest.mark.parametrize("page_is_old", [True, False])
def test_nothing_is_queued_for_a_tenant_that_was_deleted(
    page_is_old: bool, ask: Ask, changeable: Tenant, operator: User
) -> None:
    tenant_delete(tenant=Tenant.objects.get(pk=changeable.pk), actor=operator)
    if not page_is_old:
        changeable.refresh_from_db()

    with pytest.raises(TenantDeleted):
        ask(new_server())

    assert _nothing_was_written()


def test_a_tenant_that_was_never_connected_has_nothing_to_change(
    tenant: Tenant, operator: User
) -> None:
    with pytest.raises(NotConnected):
        actions_apply(tenant=tenant, actor=operator, wanted=[new_server()])


def test_a_second_asking_while_one_is_under_way_is_refused(ask: Ask) -> None:
    ask(new_server())

    with pytest.raises(RunAlreadyLive):
        ask(new_server("Other"))

    assert Intent.objects.count() == 1


def test_a_double_click_is_one_run_also_after_it_has_ended(ask: Ask) -> None:
    once = uuid.uuid4()

    first = ask(new_server(), once=once)
    second = ask(new_server(), once=once)
    work_all()
    third = ask(new_server(), once=once)

    assert first.pk == second.pk == third.pk == once
    assert Intent.objects.count() == 1


def test_clicks_at_the_same_moment_are_one_run(ask: Ask) -> None:
    once = uuid.uuid4()

    def click(_: int) -> uuid.UUID:
        try:
            return ask(new_server(), once=once).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as fingers:
        runs = set(fingers.map(click, range(4)))

    assert runs == {once}
    assert Intent.objects.count() == 1


def test_another_tenants_run_is_not_given_out_for_its_id(
    ask: Ask, operator: User, changeable: Tenant
) -> None:
    other, _ = tenant_create(name="Other", contact_email="it@o.example", actor=operator)
    foreign = Run.objects.create(tenant=other, kind="apply", trigger="operator")

    with pytest.raises(RunAlreadyLive):
        ask(new_server(), once=foreign.pk)


def test_a_run_of_changes_is_not_repeated_as_a_whole(ask: Ask, operator: User) -> None:
    run = ask(new_server())
    work_all()

    with pytest.raises(ChangesNotRepeated):
        run_retry(run=fresh(run), actor=operator)


def test_a_cancelled_run_drops_what_it_had_not_sent(ask: Ask, operator: User) -> None:
    run = ask(new_server(), new_server("Next"))

    run_cancel(run=run, actor=operator)

    assert (fresh(run).state, states(run)) == (RunState.CANCELLED, ["dropped", "dropped"])


def test_a_change_that_may_have_been_sent_is_not_cancelled_but_looked_into(
    ask: Ask, operator: User, changeable: Tenant
) -> None:
    run = ask(new_server(), new_server("Next"))
    Intent.objects.filter(run=run, number=1).update(
        state="sent", sent_count=1, sent_at=run.created_at, known=[]
    )

    run_cancel(run=run, actor=operator)

    changeable.refresh_from_db()
    assert states(run) == ["needs_attention", "dropped"]
    assert changeable.attention_code == "change_unsettled"
