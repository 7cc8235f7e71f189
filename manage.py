#!/usr/bin/env python
"""Django's command line for the OIN service."""

import os
import sys

from django.core.management import execute_from_command_line

from oin_service.home import adopt_signing_key

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oin_service.settings")
    adopt_signing_key(sys.argv)
    execute_from_command_line(sys.argv)
