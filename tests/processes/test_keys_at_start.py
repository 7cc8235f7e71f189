"""Workers and web processes beside a database whose secrets were sealed with other keys."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from oin_service.ports import LOOPBACK, free_port
from oin_service.processes import Processes
from oin_service.redis_server import new_redis_url, start_redis
from oin_service.stack import BASE, MANAGE, WEB, WORKER
from tenants.vault import hpke
from tenants.vault.ringfile import ring_create, ring_edit
from tenants.vault.ringtext import RingText, random_text

PATIENCE_S = 60

#: A secret, sealed as a customer's is.
SEAL = """
from tenants.broker.sealing import secret_seal
from tenants.models import Credential, Tenant
from tenants.vault.secret import Secret
tenant = Tenant.objects.create(name="Acme")
credential = Credential.objects.create(tenant=tenant, host="acme.okta.com", client_id="0oa1")
secret_seal(credential, Secret("s" * 40)).save()
"""


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a key file and a database in which one secret is sealed with it."""
    home = tmp_path_factory.mktemp("installation")
    ring_create(home / "keyring.json", "key-1")
    for words in (["migrate", "--verbosity=0"], ["shell", "--command", SEAL]):
        subprocess.run([*MANAGE, *words], cwd=BASE, env=settings_of(home), check=True)
    return home


@pytest.fixture
def home(installation: Path, tmp_path: Path) -> Path:
    """A copy, for a test to spoil."""
    for file in ("keyring.json", "db.sqlite3"):
        shutil.copy(installation / file, tmp_path / file)
    return tmp_path


def settings_of(home: Path, **different: str) -> dict[str, str]:
    return os.environ | {
        "HUB_HOME": str(home),
        "DATABASE_URL": f"sqlite:///{home / 'db.sqlite3'}",
        "KEYRING_FILE": str(home / "keyring.json"),
        "REDIS_URL": new_redis_url(),
        **different,
    }


def lose(key_file: Path) -> None:
    key_file.unlink()
    ring_create(key_file, "key-2")


def confuse(key_file: Path) -> None:
    key_file.unlink()
    ring_create(key_file, "key-1")


def retire(key_file: Path) -> None:
    added = random_text()
    ring_edit(key_file, lambda text: text.adding("key-2", added).led_by("key-2").retiring("key-1"))


def halve(key_file: Path) -> None:
    key_file.unlink()
    key_file.touch(mode=0o600)
    key_file.write_text(str(RingText("pair", {"pair": hpke.new_spec()}).public()))


SPOILED = pytest.mark.parametrize(
    ("spoil", "told"),
    [
        pytest.param(lose, "key-1: missing", id="the key is missing"),
        pytest.param(confuse, "key-1: another key under the same id", id="it is another one"),
        pytest.param(retire, "key-1: missing", id="it is retired"),
        pytest.param(Path.unlink, "cannot be read", id="there is no key file"),
    ],
)


def work_in_vain(home: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        WORKER, cwd=BASE, env=settings_of(home), capture_output=True, text=True, timeout=PATIENCE_S
    )


@SPOILED
def test_a_worker_with_other_keys_does_not_start(home: Path, spoil: Any, told: str) -> None:
    spoil(home / "keyring.json")

    worker = work_in_vain(home)

    assert worker.returncode == 1
    assert worker.stderr.splitlines()[-1].startswith("This worker does not start. The key")
    assert told in worker.stderr
    assert "Traceback" not in worker.stderr


def test_a_worker_with_the_public_half_alone_does_not_start(home: Path) -> None:
    halve(home / "keyring.json")

    worker = work_in_vain(home)

    assert worker.returncode == 1
    assert "No worker has opened anything" in worker.stderr.splitlines()[-1]


def test_a_worker_with_the_right_keys_works(home: Path) -> None:
    settings = settings_of(home)
    with Processes(home, settings, cwd=BASE) as processes:
        start_redis(processes, home / "redis", settings["REDIS_URL"])
        processes.start("worker", WORKER, ready=lambda: said(home, "worker", " ready."))


def test_a_worker_waits_for_its_database_and_then_works(home: Path) -> None:
    settings = settings_of(home)
    database = home / "db.sqlite3"
    away = database.rename(home / "away.sqlite3")
    with Processes(home, settings, cwd=BASE) as processes:
        start_redis(processes, home / "redis", settings["REDIS_URL"])
        processes.start("worker", WORKER, ready=lambda: said(home, "worker", "No work is taken"))
        database.unlink()
        away.rename(database)
        deadline = time.monotonic() + PATIENCE_S
        while not said(home, "worker", " ready."):
            assert time.monotonic() < deadline
            processes.check()
            time.sleep(0.1)


@pytest.fixture
def web(home: Path) -> Iterator[Any]:
    """Start a web process and ask it for a page: status and JSON."""
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    with Processes(home, settings_of(home, PUBLIC_URL=url), cwd=BASE) as processes:

        def ask(path: str) -> tuple[int, Any]:
            if answer(f"{url}/healthz")[0] == 0:
                command = (*WEB, "--bind", f"{LOOPBACK}:{port}")
                processes.start("web", command, ready=lambda: answer(f"{url}/healthz")[0] == 200)
            return answer(url + path)

        yield ask


@SPOILED
def test_a_web_process_with_other_keys_is_not_ready(
    home: Path, web: Any, spoil: Any, told: str
) -> None:
    spoil(home / "keyring.json")

    assert web("/readyz") == (503, {"status": "unavailable"})
    assert told in (home / "logs" / "web.log").read_text()


def test_a_web_process_is_not_ready_with_half_a_key_that_nobody_opens(home: Path, web: Any) -> None:
    halve(home / "keyring.json")

    assert web("/readyz") == (503, {"status": "unavailable"})
    assert "No worker has opened anything" in (home / "logs" / "web.log").read_text()


def test_a_web_process_gets_ready_when_the_keys_are_put_back(home: Path, web: Any) -> None:
    kept = (home / "keyring.json").rename(home / "kept.json")
    before = web("/readyz")[0]

    kept.rename(home / "keyring.json")

    assert (before, web("/readyz")) == (503, (200, {"status": "ok"}))


def said(home: Path, name: str, words: str) -> bool:
    return words in (home / "logs" / f"{name}.log").read_text(errors="replace")


def answer(url: str) -> tuple[int, Any]:
    try:
        with urlopen(url, timeout=5) as response:  # noqa: S310  (our own address)
            return response.status, json.load(response)
    except HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)
    except OSError:
        return 0, None
