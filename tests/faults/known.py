"""All rows, for who wants to know them and play none."""

import os
import secrets

import django

from tests.faults.row import ROWS, Row
from tests.faults.rows import load_rows


def known_rows() -> dict[str, Row]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oin_service.settings")
    os.environ.setdefault("ENVIRONMENT", "test")
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(48))
    django.setup()
    load_rows()
    return ROWS
