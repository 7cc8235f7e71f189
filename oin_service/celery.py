"""The Celery application. Redis carries doorbells only; the database is the queue (ADR 0001)."""

import os

from celery import Celery

from oin_service.broker import be_patient

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oin_service.settings")

be_patient()
app = Celery("oin_service")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
