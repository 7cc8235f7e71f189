"""Provisioning: an app's connection to the service behind it, and its features."""

from collections.abc import Mapping

from tenants.sandbox.call import Handler

HANDLERS: Mapping[str, Handler] = {}
