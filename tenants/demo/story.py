"""The story: an operator invites, admins connect, the schedule repeats, findings appear.

It goes through the services that the pages use and never does a worker's work itself.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from tenants.choices import FindingState, OperatorRole, RunKind, RunState, Trigger
from tenants.connections.explanations import explain
from tenants.connections.invitations import setup_path, tenant_create
from tenants.connections.submissions import connection_submit
from tenants.demo.terminal import Terminal, bar
from tenants.models import Finding, ResourceChange, Run, Tenant, User
from tenants.okta.hosts import understand_host
from tenants.runs.schedule import job_set_interval
from tenants.sandbox.control import Control
from tenants.vault.secret import Secret

#: What the story plays with, as ``manage.py sandbox --org`` takes it.
ORGS = ("acme.okta.com=40", "globex.oktapreview.com=250", "initech.okta.com=25:weak")
#: Left alone by the story, for whoever wants to try the unused setup link.
SPARE_ORG = "umbrella.okta.com=60:weak"

#: Interval of the schedule while the story waits for it.
HURRIED_EVERY_S = 3

PATIENCE_S = 60.0
POLL_S = 0.1


class StoryBroken(Exception):
    """The story did not go as it must; ``str()`` says where."""


@dataclass
class Story:
    terminal: Terminal
    control: Control
    check: Callable[[], None]
    tenants: dict[str, Tenant] = field(default_factory=dict)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(15))

    def play(self) -> None:
        self.operator = self._create_operator()
        links = self._invite()
        self._paste_a_wrong_secret()
        self._connect_everybody()
        self._wait_for("first syncs and audits", self._all_audited)
        self._show_findings()
        self._change_an_org()
        self.unused_link = links["Umbrella"]

    @property
    def orgs(self) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = self.control.credentials["orgs"]
        return told[: len(ORGS)]

    def _create_operator(self) -> User:
        return User.objects.create_user(
            "operator@vendor.example",
            self.password,
            name="Demo operator",
            operator_role=OperatorRole.OWNER,
        )

    def _invite(self) -> dict[str, str]:
        """A tenant for each org; the last one's link stays unused."""
        links = {}
        for org in self.control.credentials["orgs"]:
            name = org["host"].partition(".")[0].capitalize()
            contact = f"it@{name.lower()}.example"
            tenant, token = tenant_create(name=name, contact_email=contact, actor=self.operator)
            links[name] = settings.PUBLIC_URL + setup_path(token)
            self.tenants[org["host"]] = tenant
        self.terminal.chapter(f"The operator invites {', '.join(links)}")
        return links

    def _paste_a_wrong_secret(self) -> None:
        org = self.orgs[0]
        self.terminal.chapter(f"The admin of {org['host']} pastes a wrong secret")
        run = self._submit(org, secret=secrets.token_urlsafe(30))
        self._wait_for("the refusal", lambda: self._ended([run]))
        if run.error_code != "wrong_secret":
            raise StoryBroken(f"A wrong secret ended as {run.state} {run.error_code}.")
        self.terminal.note(f"refused: {explain(run.error_code).title}; nothing was kept")

    def _connect_everybody(self) -> None:
        orgs = self.orgs
        self.terminal.chapter(f"{len(orgs)} admins paste the right ones")
        runs = [self._submit(org) for org in orgs]
        self._wait_for("the proofs", lambda: self._ended(runs))
        for run in runs:
            if run.state != RunState.SUCCEEDED:
                raise StoryBroken(f"{run.tenant.name} was not proven: {run.error_detail}")
            self.terminal.note(f"{run.tenant.name}: organisation, token and every scope proven")

    def _submit(self, org: dict[str, Any], secret: str = "") -> Run:
        # What people really paste: the Admin Console's address, with a path behind it.
        console = org["host"].replace(".", "-admin.", 1)
        host = understand_host(f"https://{console}/admin/dashboard", settings.OKTA_HOST_SUFFIXES)
        return connection_submit(
            tenant=self.tenants[org["host"]],
            host=host.host,
            client_id=org["client_id"],
            client_secret=Secret(secret or org["client_secret"]),
            via="setup link",
        )

    def _all_audited(self) -> bool:
        audits = Run.objects.filter(kind=RunKind.AUDIT, state=RunState.SUCCEEDED)
        return audits.values("tenant").distinct().count() == len(ORGS)

    def _show_findings(self) -> None:
        self.terminal.chapter("What the rules found")
        for org in self.orgs:
            tenant = self.tenants[org["host"]]
            found = Finding.objects.for_tenant(tenant).filter(state=FindingState.OPEN)
            pairs = set(found.values_list("rule", "resource__okta_id"))
            planted = {(rule, okta_id) for rule, ids in org["planted"].items() for okta_id in ids}
            if missed := planted - pairs:
                raise StoryBroken(f"{tenant.name}: planted but not found: {sorted(missed)}")
            self.terminal.note(f"{tenant.name}: {len(pairs)} findings, {len(planted)} planted")

    def _change_an_org(self) -> None:
        """Change an org behind our back and let the schedule find out."""
        host = self.orgs[0]["host"]
        renamed, deleted = self.control.do(host, "list", kind="app")[:2]
        self.control.do(host, "rename_app", id=renamed["id"], label="Renamed in Okta")
        self.control.do(host, "remove", kind="app", id=deleted["id"])
        self.terminal.chapter(f"Somebody changes {host}; the schedule is waited for")
        self._schedule(self.tenants[host], HURRIED_EVERY_S)
        changes = ResourceChange.objects.for_tenant(self.tenants[host]).filter(
            run__trigger=Trigger.SCHEDULE
        )
        self._wait_for("the next scheduled sync", lambda: changes.count() >= 2)
        for change in changes.select_related("resource"):
            self.terminal.note(f"scheduled sync saw: “{change.resource.label}” {change.change}")
        self._schedule(self.tenants[host], None)

    def _schedule(self, tenant: Tenant, every_s: int | None) -> None:
        job_set_interval(tenant=tenant, kind=RunKind.SYNC, every_s=every_s)

    def _wait_for(self, what: str, reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not reached():
            self.check()
            self.terminal.follow(_live_runs)
            if time.monotonic() > deadline:
                raise StoryBroken(f"Waited {PATIENCE_S:.0f} s in vain for {what}.")
            time.sleep(POLL_S)
        self.terminal.follow(_live_runs)

    def _ended(self, runs: list[Run]) -> bool:
        for run in runs:
            run.refresh_from_db()
        return not any(run.is_live for run in runs)


def _live_runs() -> list[str]:
    """The newest run of each connected tenant, as bars."""
    tenants = Tenant.objects.exclude(runs=None).order_by("name")
    return [_line(tenant.runs.latest("created_at")) for tenant in tenants]


def _line(run: Run) -> str:
    progress = bar(run.done_count, run.total_count)
    doing = run.activity or RunState(run.state).label
    return f"{run.tenant.name:<10} {run.kind:<7} {progress:<36} {doing[:40]}"
