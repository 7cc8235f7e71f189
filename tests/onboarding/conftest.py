"""A customer's admin in a browser, in front of the real services. No worker runs by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tenants.connections.invitations import setup_path, tenant_create
from tenants.models import SetupLink, Tenant, User
from tenants.sandbox.server import Sandbox


@dataclass
class Visitor:
    """Somebody's browser. ``link`` is whose pages it asks for, held or not."""

    browser: Client
    tenant: Tenant
    link: SetupLink
    token: str

    def enter(self) -> Any:
        return self.browser.get(setup_path(self.token))

    def url(self, page: str) -> str:
        return reverse(f"onboarding:{page}", args=[self.link.pk])

    def get(self, page: str, **headers: str) -> Any:
        return self.browser.get(self.url(page), headers=headers)

    def post(self, page: str, data: dict[str, str]) -> Any:
        return self.browser.post(self.url(page), data)


@pytest.fixture
def invite(operator: User, sandbox: Sandbox) -> Callable[..., Visitor]:
    """Make a tenant and a browser that has not opened the link yet."""

    def _invite(name: str = "Acme", browser: Client | None = None) -> Visitor:
        tenant, token = tenant_create(name=name, contact_email="it@acme.example", actor=operator)
        link = SetupLink.objects.get(tenant=tenant)
        return Visitor(browser or Client(), tenant, link, token)

    return _invite


@pytest.fixture
def admin(invite: Callable[..., Visitor]) -> Visitor:
    """The admin of Acme, who has opened the link."""
    visitor = invite()
    visitor.enter()
    return visitor
