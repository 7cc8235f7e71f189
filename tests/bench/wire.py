"""What reading 20,000 apps costs, beside reading the same bytes and throwing them away."""

import ssl
import statistics
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx2

from tenants.okta.budgets import LocalBudget
from tenants.okta.client import OktaClient
from tenants.okta.egress import EgressPolicy, OrgConnection, open_org
from tenants.okta.hosts import DEFAULT_SUFFIXES
from tenants.okta.oauth import AccessToken, fetch_access_token
from tenants.okta.operations import LIST_APPS, scopes_of
from tenants.sandbox.control import Control
from tests.bench.figure import Figure
from tests.sandbox_process import HOST, sandbox_process

PAGES = 100
APPS_A_PAGE = 200
ROUNDS = 5
#: CPU of ``pages()``, items still unparsed, over CPU of the bare client.
GOAL = 1.5


def measure() -> Figure:
    """CPU seconds for all pages, the median of `ROUNDS`, in one run."""
    with (
        sandbox_process(apps=PAGES * APPS_A_PAGE) as control,
        open_org(HOST, _policy(control)) as http,
    ):
        token = _fetch_token(http, control)
        client = OktaClient(http, _OneToken(token), token.scopes, budget=LocalBudget(share=1.0))
        with _bare_client(control, token) as bare:
            ways = (
                lambda: _read_bare(bare, control),
                lambda: _walk(client, parse=False),
                lambda: _walk(client, parse=True),
            )
            for way in ways:  # connections, caches of the sandbox, imports
                way()
            rounds = [[_cpu_s(way) for way in ways] for _ in range(ROUNDS)]
    bare_s, pages_s, parsed_s = (statistics.median(times) for times in zip(*rounds, strict=True))
    told = (
        f"{PAGES} pages of {APPS_A_PAGE} apps, CPU: bare client {bare_s:.2f} s, "
        f"pages() {pages_s:.2f} s = {pages_s / bare_s:.2f} x (goal {GOAL} x), "
        f"with every item parsed {parsed_s:.2f} s = {parsed_s / bare_s:.1f} x"
    )
    return Figure(told, holds=pages_s <= GOAL * bare_s)


def _cpu_s(work: Callable[[], int]) -> float:
    began = time.process_time()
    found = work()
    took = time.process_time() - began
    if found != PAGES:
        raise RuntimeError(f"{found} pages instead of {PAGES}")
    return took


def _walk(client: OktaClient, *, parse: bool) -> int:
    count = 0
    for page in client.pages(LIST_APPS):
        count += 1
        if parse:
            for item in page.items:
                item.body()
    return count


def _read_bare(bare: httpx2.Client, control: Control) -> int:
    """Follow ``next`` with as little as that takes, and look at nothing else."""
    count, target = 0, f"/api/v1/apps?limit={APPS_A_PAGE}"
    while target:
        answer = bare.get(f"https://127.0.0.1:{control.credentials['port']}{target}")
        count += 1
        link = answer.links.get("next")
        target = "{0.path}?{0.query}".format(urlsplit(link["url"])) if link else ""
    return count


def _bare_client(control: Control, token: AccessToken) -> httpx2.Client:
    context = ssl.create_default_context(cafile=control.credentials["ca_bundle"])
    context.check_hostname = False  # it is asked for by its address
    return httpx2.Client(
        verify=context,
        trust_env=False,
        headers={"host": HOST, "authorization": f"Bearer {token.value}"},
    )


def _policy(control: Control) -> EgressPolicy:
    return EgressPolicy(
        suffixes=DEFAULT_SUFFIXES,
        dial={"okta.com": ("127.0.0.1", control.credentials["port"])},
        ca_bundle=control.credentials["ca_bundle"],
        user_agent="oin-service-bench",
    )


def _fetch_token(http: OrgConnection, control: Control) -> AccessToken:
    org = control.credentials["orgs"][0]
    return fetch_access_token(
        http,
        client_id=org["client_id"],
        client_secret=org["client_secret"],
        scopes=scopes_of([LIST_APPS]),
    )


class _OneToken:
    def __init__(self, token: AccessToken) -> None:
        self._token = token

    def token(self, scopes: frozenset[str]) -> AccessToken:
        return self._token

    def discard(self, token: AccessToken) -> None:
        raise RuntimeError("the sandbox refused its own token")
