"""WSGI entry point for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oin_service.settings")
# Somebody sits before a page: "try again in a moment" is better than a page that hangs.
os.environ.setdefault("DATABASE_WAIT_S", "1.5")

application = get_wsgi_application()
