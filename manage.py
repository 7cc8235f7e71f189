#!/usr/bin/env python
"""Django's command line for the OIN service."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from oin_service.home import adopt_signing_key


def check_settings() -> None:
    """Say in one line what the environment lacks; Django alone goes on and stumbles later."""
    try:
        settings.INSTALLED_APPS  # noqa: B018 - reading one reads them all
    except ImproperlyConfigured as problem:
        sys.exit(f"The environment is not complete: {problem}")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oin_service.settings")
    adopt_signing_key(sys.argv)
    check_settings()
    execute_from_command_line(sys.argv)
