"""What Okta made itself, and keeps."""

from tenants.sandbox.call import Call
from tenants.sandbox.replies import okta_error
from tenants.sandbox.store import Body


def keep_system(call: Call, body: Body) -> None:
    """Refuse to delete it: 403, the only refusal that the specification has for these."""
    if body.get("system"):
        summary = "You do not have permission to perform the requested action"
        raise okta_error(403, "E0000006", summary)
