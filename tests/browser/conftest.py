"""One demo for all, and a browser that takes note of everything its console says."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tools.screenshots import LAUNCH_OPTIONS, running_demo


@dataclass
class Visitor:
    page: Page
    url: str
    password: str
    link: str
    org: dict[str, Any]
    complaints: list[str] = field(default_factory=list)

    def note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def sign_in(self) -> None:
        self.page.goto(self.url)
        self.page.fill("input[name=login]", "operator@vendor.example")
        self.page.fill("input[name=password]", self.password)
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_url(f"{self.url}/")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    home: Path = tmp_path_factory.mktemp("demo")
    with running_demo(home) as told:
        yield told


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "Chromium is not on PATH (Debian: apt-get install chromium)."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=LAUNCH_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(params=[1280, 390], ids=["wide", "narrow"])
def visitor(
    request: pytest.FixtureRequest, demo: dict[str, str], chromium: Browser
) -> Iterator[Visitor]:
    context = chromium.new_context(viewport={"width": request.param, "height": 900})
    page = context.new_page()
    org = json.loads(demo["org"])["orgs"][-1]
    somebody = Visitor(page, demo["url"], demo["password"], demo["link"], org)
    page.on("console", somebody.note)
    yield somebody
    context.close()
