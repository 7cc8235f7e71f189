"""The pages of one tenant, with odd data and with none at all."""

import pytest
from django.test import Client
from django.urls import reverse

from tenants.broker.uses import TokenUses
from tenants.choices import Completeness, RuleResult, Severity
from tenants.models import (
    Coverage,
    Credential,
    Finding,
    Resource,
    ResourceChange,
    RuleVerdict,
    Run,
    SetupLink,
    Tenant,
)
from tests.dashboard.conftest import ODD_NAME

TABS = ["", "_inventory", "_changes", "_findings", "_runs", "_connection", "_activity"]


def _get(browser: Client, tenant: Tenant, tab: str = "", query: str = "") -> str:
    response = browser.get(reverse(f"dashboard:tenant{tab}", args=[tenant.pk]) + query)
    assert response.status_code == 200
    return response.text


@pytest.mark.parametrize("tab", TABS)
def test_every_page_shows_odd_data_as_text(tab: str, browser: Client, acme: Tenant):
    Tenant.objects.filter(pk=acme.pk).update(name=ODD_NAME, attention_code="never_heard_of")

    text = _get(browser, acme, tab)

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


@pytest.mark.parametrize("tab", TABS)
def test_every_page_makes_sense_before_the_customer_came(tab: str, browser: Client, invited):
    text = _get(browser, invited, tab)

    assert "Invited Inc" in text
    assert "Waiting for the customer" in text


def test_the_overview_explains_what_is_wrong_and_how_to_mend_it(browser: Client, acme: Tenant):
    Tenant.objects.filter(pk=acme.pk).update(attention_code="scope_missing")

    text = _get(browser, acme)

    assert "A scope is not granted to this integration" in text
    assert "What the customer&#x27;s admin has to do" in text
    assert "Accept the removals" not in text


def test_held_removals_can_be_accepted_from_the_overview(browser: Client, acme: Tenant):
    Tenant.objects.filter(pk=acme.pk).update(attention_code="shrink_held")

    assert reverse("dashboard:tenant_accept_removals", args=[acme.pk]) in _get(browser, acme)


def test_the_overview_says_how_much_of_each_kind_was_read(browser: Client, acme: Tenant):
    text = _get(browser, acme)

    assert "Partial" in text
    assert "&lt;i&gt;" in text
    assert "not read yet" in text  # the kinds that no sync has reached


def test_the_overview_follows_live_runs_and_rests_without(browser: Client, acme, live_run):
    followed = _get(browser, acme)
    live_run.state = "succeeded"
    live_run.save()
    rested = _get(browser, acme)

    assert 'hx-trigger="every 2s"' in followed
    assert '<progress value="31" max="74"' in followed
    assert "hx-trigger" not in rested


def test_the_inventory_lists_one_kind_and_searches_it(browser: Client, acme: Tenant):
    assert "default" in _get(browser, acme, "_inventory", "?kind=authorization_server")
    assert "aus1" in _get(browser, acme, "_inventory", "?kind=authorization_server&q=aus1")
    assert "Nothing matches" in _get(browser, acme, "_inventory", "?kind=as_rule&q=zzz")


@pytest.mark.parametrize("query", ["?kind=purple", "?kind=", "?kind=%00", "?after=x&gone=maybe"])
def test_an_address_typed_wrong_shows_the_apps(query: str, browser: Client, acme: Tenant):
    assert "0oa1" in _get(browser, acme, "_inventory", query)


def test_removed_resources_are_listed_only_when_asked_for(browser: Client, acme: Tenant):
    Resource.objects.filter(okta_id="0oa1").update(removed_at=acme.created_at)

    assert "0oa1" not in _get(browser, acme, "_inventory")
    assert "0oa1" in _get(browser, acme, "_inventory", "?gone=yes")


def test_a_large_inventory_comes_in_pages(browser: Client, acme: Tenant):
    apps = [
        Resource(tenant=acme, kind="app", okta_id=f"a{n}", label=f"App {n:03}", body={})
        for n in range(120)
    ]
    Resource.objects.bulk_create(apps)
    url = reverse("dashboard:tenant_inventory", args=[acme.pk])

    first = browser.get(url).context["page"]
    second = browser.get(url + first.next_url).context["page"]

    assert len(first.rows) == len(second.rows) == 50
    assert not set(first.rows) & set(second.rows)


def test_a_resource_knows_its_family_its_changes_and_its_findings(browser: Client, acme: Tenant):
    policy = Resource.objects.get(okta_id="00p1")
    rule = Resource.objects.get(okta_id="0pr1")

    of_policy = browser.get(reverse("dashboard:tenant_resource", args=[acme.pk, policy.pk]))
    of_rule = browser.get(reverse("dashboard:tenant_resource", args=[acme.pk, rule.pk]))

    assert [child.okta_id for child in of_policy.context["relations"].children] == ["0pr1"]
    assert [p.okta_id for p in of_rule.context["relations"].parents] == ["aus1", "00p1"]
    assert [finding.rule for finding in of_rule.context["relations"].findings] == ["AS-02"]
    assert "&quot;id&quot;: &quot;0pr1&quot;" in of_rule.text


def test_a_resource_of_a_kind_we_no_longer_mirror_can_still_be_read(browser: Client, acme: Tenant):
    Resource.objects.filter(okta_id="0oa1").update(kind="left_us")
    url = reverse(
        "dashboard:tenant_resource", args=[acme.pk, Resource.objects.get(kind="left_us").pk]
    )

    assert browser.get(url).status_code == 200


def test_changes_show_before_and_after(browser: Client, acme: Tenant):
    text = _get(browser, acme, "_changes")

    assert "<del>null</del>" in text
    assert ResourceChange.objects.get().get_change_display() in text


def test_findings_come_with_evidence_reason_and_remedy(browser: Client, acme: Tenant):
    text = _get(browser, acme, "_findings")

    assert "Critical" in text
    assert "conditions.scopes.include" in text
    assert "Why it matters, and how to fix it in Okta" in text


def test_findings_stand_worst_first(browser: Client, acme: Tenant):
    app = Resource.objects.get(okta_id="0oa1")
    for severity in (Severity.LOW, Severity.HIGH, Severity.MEDIUM):
        rule = f"X-{severity}"
        Finding.objects.create(tenant=acme, rule=rule, resource=app, severity=severity, summary="s")

    response = browser.get(reverse("dashboard:tenant_findings", args=[acme.pk]))

    shown = [finding.severity for finding in response.context["page"].rows]
    assert shown == ["critical", "high", "medium", "low"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?severity=critical", 1),
        ("?severity=low", 0),
        ("?rule=AS-02", 1),
        ("?rule=AS-99", 0),
        ("?state=resolved", 0),
        ("?severity=purple", 1),
    ],
)
def test_findings_can_be_narrowed(query: str, count: int, browser: Client, acme: Tenant):
    response = browser.get(reverse("dashboard:tenant_findings", args=[acme.pk]) + query)

    assert len(response.context["page"].rows) == count


def test_rules_that_could_not_be_evaluated_say_why(browser: Client, acme: Tenant):
    facts = {"tenant": acme, "evaluated_at": acme.created_at}
    missing = "The scope okta.authorizationServers.read is not granted."
    RuleVerdict.objects.create(rule="AS-06", result=RuleResult.UNKNOWN, reason=missing, **facts)
    RuleVerdict.objects.create(rule="AS-01", result=RuleResult.NOT_APPLICABLE, **facts)

    text = _get(browser, acme, "_findings")

    assert "Unknown" in text
    assert missing in text
    assert "Not applicable" in text
    assert "not evaluated yet" in text


def test_the_connection_page_names_missing_scopes(browser: Client, acme: Tenant):
    Credential.objects.filter(tenant=acme).update(scopes_granted="okta.apps.read")

    response = browser.get(reverse("dashboard:tenant_connection", args=[acme.pk]))

    assert response.context["connection"].granted == ["okta.apps.read"]
    assert response.context["connection"].missing == ["okta.authorizationServers.read"]


def test_the_connection_page_tells_what_tokens_were_used_for(browser: Client, acme: Tenant):
    run = Run.objects.filter(tenant=acme).first()
    TokenUses(acme.pk, "sync", run.pk).note(frozenset({"okta.apps.read"}))

    text = _get(browser, acme, "_connection")

    assert "Reading the configuration" in text
    assert reverse("dashboard:run", args=[run.pk]) in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "Not opened yet"),
        ({"opened_at": "2020-01-01T00:00Z"}, "First opened"),
        ({"expires_at": "2020-01-01T00:00Z"}, "It was never opened"),
        ({"revoked_at": "2020-01-01T00:00Z"}, "There is none"),
    ],
)
def test_the_connection_page_tells_the_state_of_the_setup_link(change, words, browser, invited):
    SetupLink.objects.filter(tenant=invited).update(**change)

    assert words in _get(browser, invited, "_connection")


def test_a_complete_listing_counts_as_such(browser: Client, acme: Tenant):
    Coverage.objects.filter(tenant=acme).update(completeness=Completeness.COMPLETE)

    rows = browser.get(reverse("dashboard:tenant", args=[acme.pk])).context["kinds"]

    assert [(row.name, row.count) for row in rows][:2] == [("app", 1), ("authorization_server", 1)]


def test_activity_names_who_did_what(browser: Client, acme: Tenant):
    text = _get(browser, acme, "_activity")

    assert "Tenant created" in text
    assert "op@example.com" in text
