"""Provisioning: an app's connection to the service behind it, and its features."""

from collections.abc import Mapping

from tenants.sandbox.call import Handler
from tenants.sandbox.operations import app_connections, app_features

HANDLERS: Mapping[str, Handler] = {**app_connections.HANDLERS, **app_features.HANDLERS}
