"""Pictures of every page, wide and narrow: ``python -m tools.screenshots FOLDER``.

Starts a demo of its own, walks through it with Chromium as an operator and as a customer's admin
would, and stops it again. For people who changed a page and want to look at all of them.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from oin_service.ports import free_port

ROOT = Path(__file__).resolve().parent.parent
LAUNCH_OPTIONS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run"),
    # Or it looks for its maker's servers, which a closed network refuses noisily.
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
SIZES = {"wide": (1280, 900), "narrow": (390, 844)}
_TOLD = re.compile(
    r"Dashboard\s+(?P<url>\S+)/\s.*Password\s+(?P<password>\S+).*Setup link\s+(?P<link>\S+)", re.S
)


@contextmanager
def running_demo(home: Path) -> Iterator[dict[str, str]]:
    """A demo that has told its story; yields url, password, link and the orgs' credentials."""
    with subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--port", str(free_port())],
        cwd=ROOT,
        env=os.environ | {"HUB_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            told = _told(process)
            credentials = home / "demo" / "sandbox" / "credentials.json"
            yield told | {"org": credentials.read_text()}
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate()  # what it says on leaving must find a reader


def _told(process: subprocess.Popen[str]) -> dict[str, str]:
    said = ""
    for line in process.stdout or ():
        said += line
        if told := _TOLD.search(said):
            return told.groupdict()
    sys.exit(said)


class Photographer:
    def __init__(self, browser: Browser, folder: Path, size: str, scheme: str) -> None:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        self.page: Page = context.new_page()
        self._prefix = folder / f"{size}-{scheme}"

    def shoot(self, name: str) -> None:
        self.page.screenshot(path=f"{self._prefix}-{name}.png", full_page=True)

    def visit(self, url: str, name: str) -> None:
        self.page.goto(url)
        self.shoot(name)


def as_operator(camera: Photographer, demo: dict[str, str]) -> None:
    page, url = camera.page, demo["url"]
    camera.visit(url, "sign-in")
    page.fill("input[name=login]", "operator@vendor.example")
    page.fill("input[name=password]", demo["password"])
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{url}/")
    camera.shoot("fleet")
    camera.visit(f"{url}/runs/", "runs")
    camera.visit(f"{url}/health/", "health")
    camera.visit(f"{url}/runs/?state=failed", "runs_failed")
    camera.visit(f"{url}/runs/retry/?state=failed", "runs_retry")
    camera.visit(f"{url}/tenants/new/", "tenant-new")
    camera.visit(f"{url}/nowhere/", "not-found")
    page.goto(url)
    page.get_by_role("link", name="Initech").first.click()
    camera.shoot("tenant")
    tenant = page.url
    for tab in ("inventory", "changes", "findings", "runs", "connection", "activity"):
        camera.visit(f"{tenant}{tab}/", f"tenant-{tab}")
    page.goto(f"{tenant}inventory/")
    page.locator("main table a").first.click()
    camera.shoot("tenant-resource")
    camera.visit(f"{page.url}switch/", "switch")
    page.goto(f"{tenant}runs/")
    page.locator("main table a").first.click()
    camera.shoot("run")
    for question in ("disconnect", "delete", "job/interval", "accept-removals"):
        camera.visit(f"{tenant}{question}/?kind=sync", question.replace("/", "-"))


def steering(camera: Photographer, demo: dict[str, str]) -> None:
    """What only shows once somebody has acted; leaves the demo as it was, but for a run or two."""
    page, url = camera.page, demo["url"]
    page.goto(url)
    page.get_by_role("link", name="Globex").first.click()
    tenant = page.url
    page.get_by_role("button", name="Pause", exact=True).first.click()
    camera.shoot("tenant-paused")
    page.get_by_role("button", name="Resume", exact=True).first.click()
    page.get_by_role("button", name="Sync now").click()
    camera.shoot("run-live")
    if page.get_by_role("button", name="Cancel run").is_visible():
        page.get_by_role("button", name="Cancel run").click()
    camera.shoot("run-cancelled")
    page.goto(f"{tenant}delete/")
    page.fill("input[name=name]", "Globex")
    page.get_by_role("button", name="Delete the tenant").click()
    camera.shoot("tenant-deleted")
    page.get_by_role("button", name="Restore").click()
    page.get_by_role("button", name="Resume", exact=True).first.click()
    camera.visit(f"{url}/pause/", "fleet-pause")
    page.fill("input[name=reason]", "Okta tells of an outage.")
    page.get_by_role("button", name="Pause the fleet").click()
    camera.shoot("fleet-paused")
    page.get_by_role("button", name="Resume the fleet").click()


def as_admin(camera: Photographer, demo: dict[str, str]) -> None:
    page, org = camera.page, json.loads(demo["org"])["orgs"][-1]
    camera.visit(demo["link"], "welcome")
    here = page.url
    camera.visit(f"{here}okta/", "in-okta")
    camera.visit(f"{here}connect/", "connect")
    page.fill("input[name=okta_domain]", org["host"].replace(".", "-admin.", 1))
    page.fill("input[name=client_id]", org["client_id"])
    page.fill("input[name=client_secret]", "wrong-" * 7)
    page.wait_for_timeout(800)
    camera.shoot("connect-filled")
    page.press("input[name=client_secret]", "Enter")
    page.wait_for_selector("text=did not accept", timeout=15_000)
    camera.shoot("proof-refused")
    camera.visit(f"{here}nonsense/", "dead-end")


def connect_at_last(camera: Photographer, demo: dict[str, str]) -> None:
    page, org = camera.page, json.loads(demo["org"])["orgs"][-1]
    page.goto(demo["link"])
    page.goto(f"{page.url}connect/")
    page.fill("input[name=okta_domain]", org["host"])
    page.fill("input[name=client_id]", org["client_id"])
    page.fill("input[name=client_secret]", org["client_secret"])
    page.press("input[name=client_secret]", "Enter")
    page.wait_for_timeout(900)
    camera.shoot("proof")
    page.wait_for_url("**/connected/", timeout=20_000)
    camera.shoot("connected-early")
    page.wait_for_timeout(6000)
    camera.shoot("connected")
    page.get_by_role("link", name="See all of it").click()
    camera.shoot("asked")
    page.get_by_role("link", name="Back").click()
    page.get_by_role("button", name="Pause").click()
    camera.shoot("connected-paused")
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("link", name="Disconnect…").click()
    camera.shoot("disconnect-question")
    page.fill("input[name=org]", org["host"])
    page.get_by_role("button", name="Disconnect and delete").click()
    camera.shoot("disconnected")


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("Chromium is not on PATH. Install it first (Debian: apt-get install chromium).")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        running_demo(Path(home)) as demo,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=LAUNCH_OPTIONS)
        for size in SIZES:
            for scheme in ("light", "dark"):
                operator = Photographer(browser, folder, size, scheme)
                as_operator(operator, demo)
                steering(operator, demo)
                as_admin(Photographer(browser, folder, size, scheme), demo)
        connect_at_last(Photographer(browser, folder, "wide", "light"), demo)
        browser.close()


if __name__ == "__main__":
    main()
