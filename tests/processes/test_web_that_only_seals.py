"""Web processes that hold the public half of the key, beside a worker that holds all of it."""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from oin_service.ports import LOOPBACK, page_answers
from oin_service.stack import BASE, MANAGE, WEB
from tenants.vault import hpke
from tenants.vault.ringfile import ring_create
from tenants.vault.ringtext import RingText
from tests.faults.databases import SqliteFile
from tests.faults.fleet import Fleet, environment, wait_until

HOST = "acme.okta.com"

INVITE = """
from tenants.connections.invitations import tenant_create
print(tenant_create(name="Acme", contact_email="it@acme.example", actor=None)[1])
"""
#: What somebody could do who has broken into a web process: all that its files and rows allow.
BREAK_IN = """
from tenants.keys.ring import keyring
from tenants.models import SealedSecret
from tenants.vault.envelope import unseal
from tenants.vault.errors import VaultError
opened = refused = 0
for row in SealedSecret.objects.all():
    try:
        unseal(keyring(), row.sealed, tenant=row.tenant_id, field=row.field, row=row.owner_id)
        opened += 1
    except VaultError:
        refused += 1
try:
    keyring().derive("token-cache")
    opened += 1
except VaultError:
    refused += 1
print(opened, refused)
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    whole, half = tmp_path / "whole.json", tmp_path / "half.json"
    spec = hpke.new_spec()
    ring_create(whole, "pair", spec)
    half.touch(mode=0o600)
    half.write_text(str(RingText("pair", {"pair": spec}).public()))
    env = environment(tmp_path, f"sqlite:///{tmp_path / 'db.sqlite3'}")
    fleet = Fleet(tmp_path, SqliteFile(tmp_path), env | {"KEYRING_FILE": str(whole)})
    fleet.workers = fleet.workers[:1]
    port = int(fleet.url.rpartition(":")[2])
    fleet.web = fleet.member(
        "web",
        (*WEB, "--bind", f"{LOOPBACK}:{port}"),
        lambda: page_answers(port, "/readyz"),
        KEYRING_FILE=str(half),
    )
    with fleet:
        yield fleet


def shell(fleet: Fleet, script: str, **different: str) -> str:
    done = subprocess.run(
        [*MANAGE, "shell", "--verbosity=0", "--command", script],
        cwd=BASE,
        env={**fleet.env, **different},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def submit(fleet: Fleet, token: str, values: dict[str, str]) -> httpx2.Response:
    """What the customer's admin sends."""
    with httpx2.Client(base_url=fleet.url, timeout=30, trust_env=False) as browser:
        home = browser.get(f"/connect/enter/{token}/").headers["location"]
        browser.get(f"{home}connect/")
        form = values | {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        return browser.post(f"{home}connect/", data=form)


def state_of_the_tenant(home: Path) -> str:
    with closing(sqlite3.connect(home / "db.sqlite3")) as database:
        return str(database.execute("SELECT state FROM tenants_tenant").fetchone()[0])


def test_a_customer_is_connected_by_a_web_process_that_cannot_open_the_secret(
    fleet: Fleet, tmp_path: Path
) -> None:
    org = fleet.okta.do(HOST, "add_org", apps=3, authorization_servers=0)
    token = shell(fleet, INVITE)

    answer = submit(
        fleet,
        token,
        {
            "okta_domain": HOST,
            "client_id": org["client_id"],
            "client_secret": fleet.okta.do(HOST, "describe")["client_secret"],
        },
    )

    assert answer.status_code == 302
    wait_until("the connection", lambda: state_of_the_tenant(tmp_path) == "connected")
    assert shell(fleet, BREAK_IN, KEYRING_FILE=str(tmp_path / "half.json")) == "0 2"
    assert shell(fleet, BREAK_IN) == "2 0"
