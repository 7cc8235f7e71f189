"""The rows, one module per noun."""

from tenants.models.audit_events import AuditEvent
from tenants.models.breakers import Breaker
from tenants.models.credentials import Credential, SealedSecret
from tenants.models.findings import Finding, RuleVerdict
from tenants.models.fleet import FleetPause
from tenants.models.intents import Intent
from tenants.models.inventory import Coverage, ListingPage, Resource, ResourceChange
from tenants.models.keys import KeyCanary
from tenants.models.links import SetupLink
from tenants.models.mails import Mail, Reminder
from tenants.models.rotations import Rotation
from tenants.models.runs import Job, Run, RunEvent
from tenants.models.summaries import TenantSummary
from tenants.models.tenants import Tenant
from tenants.models.token_uses import TokenUse
from tenants.models.users import User
from tenants.models.workers import FiguresOfTheGone, Worker

__all__ = [
    "AuditEvent",
    "Breaker",
    "Coverage",
    "Credential",
    "FiguresOfTheGone",
    "Finding",
    "FleetPause",
    "Intent",
    "Job",
    "KeyCanary",
    "ListingPage",
    "Mail",
    "Reminder",
    "Resource",
    "ResourceChange",
    "Rotation",
    "RuleVerdict",
    "Run",
    "RunEvent",
    "SealedSecret",
    "SetupLink",
    "Tenant",
    "TenantSummary",
    "TokenUse",
    "User",
    "Worker",
]
