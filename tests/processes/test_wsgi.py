"""The web process, as gunicorn loads it."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: A page that must write, asked for without a server around it.
ASK = """
import io, time
from oin_service.wsgi import application
environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/wait", "SERVER_NAME": "localhost",
           "SERVER_PORT": "80", "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http"}
from django.db import connection, transaction
from django.urls import path
from oin_service import urls
def wait(request):
    with transaction.atomic():
        pass
urls.urlpatterns.insert(0, path("wait", wait))
began = time.monotonic()
application(environ, lambda status, headers: print(status, time.monotonic() - began))
"""


def test_a_page_does_not_wait_for_a_locked_database(tmp_path):
    file = tmp_path / "db.sqlite3"
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{file}", "HUB_HOME": str(tmp_path)}
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("BEGIN IMMEDIATE")
        asked = subprocess.run(
            [sys.executable, "-c", ASK], env=environment, cwd=ROOT, capture_output=True, text=True
        )

    status, *_, took_s = asked.stdout.split()
    assert status == "503"
    assert float(took_s) < 2
