"""Wiring: settings, Celery, URLs, servers. No word of the domain lives here."""

from oin_service.celery import app as celery_app

__all__ = ["celery_app"]
