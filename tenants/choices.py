"""Every state, kind and severity, with the sets that other code asks about."""

from django.db.models import IntegerChoices, TextChoices


class TenantState(TextChoices):
    INVITED = "invited", "Invited"
    VERIFYING = "verifying", "Verifying"
    CONNECTED = "connected", "Connected"
    ATTENTION = "attention", "Needs attention"
    PAUSED = "paused", "Paused"
    DISCONNECTED = "disconnected", "Disconnected"
    DELETED = "deleted", "Deleted"  # and forgotten after a while, in which it can be restored


class CredentialState(TextChoices):
    CANDIDATE = "candidate", "Being proven"
    ACTIVE = "active", "Active"
    RETIRING = "retiring", "Retiring"
    REVOKED = "revoked", "Revoked"


class RunKind(TextChoices):
    VERIFY = "verify", "Verify connection"
    SYNC = "sync", "Sync"
    AUDIT = "audit", "Audit"
    APPLY = "apply", "Change in Okta"
    DISCONNECT = "disconnect", "Disconnect"
    ROTATE = "rotate", "Replace the secret"


#: Kinds that repeat on a schedule once a tenant is connected.
STANDING_KINDS = (RunKind.SYNC, RunKind.AUDIT)
#: Kinds that go on while their tenant or the fleet rests, and while the org does not answer.
RESTLESS_KINDS = frozenset({RunKind.VERIFY, RunKind.DISCONNECT})


class RunState(TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"  # Okta or the tenant said no
    ERRORED = "errored", "Errored"  # our bug
    CANCELLED = "cancelled", "Cancelled"


LIVE_RUN_STATES = frozenset({RunState.QUEUED, RunState.RUNNING})
ENDED_RUN_STATES = frozenset(RunState) - LIVE_RUN_STATES


class RotationState(TextChoices):
    """How far the exchange of a tenant's secret by ourselves has come."""

    ASKED = "asked", "Asked for"  # or about to be; what became of it has to be read
    SEALED = "sealed", "Not proven yet"
    PROMOTED = "promoted", "In use"  # and the old one still works
    DEACTIVATED = "deactivated", "Alone in use"
    DONE = "done", "Done"
    UNDONE = "undone", "Taken back"
    UNCLEAR = "unclear", "Needs attention"


LIVE_ROTATION_STATES = frozenset(
    {
        RotationState.ASKED,
        RotationState.SEALED,
        RotationState.PROMOTED,
        RotationState.DEACTIVATED,
    }
)
#: Until then nobody else may bring a new secret.
UNPROVEN_ROTATION_STATES = frozenset({RotationState.ASKED, RotationState.SEALED})


class IntentState(TextChoices):
    """How far one change to an org has come."""

    PLANNED = "planned", "Planned"
    SENT = "sent", "Sent"  # or about to be; what became of it has to be read
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"  # Okta said no
    NEEDS_ATTENTION = "needs_attention", "Needs attention"  # nobody can tell but a human
    DROPPED = "dropped", "Not sent"


OPEN_INTENT_STATES = frozenset({IntentState.PLANNED, IntentState.SENT})


class Trigger(TextChoices):
    SCHEDULE = "schedule", "Schedule"
    CONNECT = "connect", "Connection"
    FOLLOW_UP = "follow_up", "Follow-up"
    OPERATOR = "operator", "Operator"
    RETRY = "retry", "Retry"


#: What somebody sits in front of a page for.
WAITED_FOR = frozenset({Trigger.CONNECT, Trigger.OPERATOR, Trigger.RETRY})


class Urgency(IntegerChoices):
    """Whose turn it is: the lower goes first. The names are those of the queues too."""

    INTERACTIVE = 0, "interactive"
    SCHEDULED = 1, "scheduled"
    BULK = 2, "bulk"


class Completeness(TextChoices):
    """How much of one kind of resource a sync could read."""

    COMPLETE = "complete", "Complete"
    PARTIAL = "partial", "Partial"
    FAILED = "failed", "Failed"
    UNAVAILABLE = "unavailable", "Not licensed"


class ChangeKind(TextChoices):
    ADDED = "added", "Added"
    CHANGED = "changed", "Changed"
    REMOVED = "removed", "Removed"
    REVIVED = "revived", "Came back"


class Severity(TextChoices):
    CRITICAL = "critical", "Critical"
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class FindingState(TextChoices):
    OPEN = "open", "Open"
    RESOLVED = "resolved", "Resolved"


class RuleResult(TextChoices):
    PASS = "pass", "Pass"
    FAIL = "fail", "Fail"
    NOT_APPLICABLE = "not_applicable", "Not applicable"
    UNKNOWN = "unknown", "Unknown"


class EventLevel(TextChoices):
    INFO = "info", "Info"
    WARNING = "warning", "Warning"
    ERROR = "error", "Error"


class OperatorRole(TextChoices):
    VIEWER = "viewer", "Viewer"
    OPERATOR = "operator", "Operator"
    OWNER = "owner", "Owner"


class Health(TextChoices):
    """What an operator sees first about a tenant."""

    OK = "ok", "Healthy"
    WAITING = "waiting", "Waiting for the customer"
    STALE = "stale", "Stale"
    ATTENTION = "attention", "Needs attention"
    PAUSED = "paused", "Paused"
    LEFT = "left", "Left"
