"""The tour, and what a conformance run says of itself after everything that pytest says."""

from collections.abc import Iterator

import pytest

from tenants.sandbox.server import Sandbox
from tests.conformance.journey import Tour

#: Lines for the end of the run.
TOLD = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TOLD] = []


def pytest_unconfigure(config: pytest.Config) -> None:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    for line in config.stash[TOLD] if reporter else ():
        reporter.write_line(line)


@pytest.fixture(scope="session")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    with Sandbox(directory=tmp_path_factory.mktemp("tour")) as sandbox:
        yield Tour(sandbox)
