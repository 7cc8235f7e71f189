"""API service integrations: installed, given a second secret, and taken away."""

from tests.conformance.guide import Guide
from tests.conformance.tour.bodies import NOBODY

INSTANCE = "ApiServiceIntegrationInstance"


def tour(guide: Guide) -> None:
    guide.ask(f"list{INSTANCE}s")
    wanted = {"type": "my_app_cie", "grantedScopes": ["okta.apps.read", "okta.users.read"]}
    made = guide.ask(f"create{INSTANCE}", body=wanted)
    guide.ask(f"get{INSTANCE}", made["id"])
    _rotate(guide, made["id"])
    guide.ask(f"delete{INSTANCE}", made["id"])
    guide.expect((404, "E0000007"), f"get{INSTANCE}", made["id"])
    guide.expect((400, "E0000001"), f"create{INSTANCE}", body={"type": "my_app_cie"})
    guide.expect((404, "E0000007"), f"list{INSTANCE}Secrets", NOBODY)


def _rotate(guide: Guide, instance_id: str) -> None:
    (old,) = guide.ask(f"list{INSTANCE}Secrets", instance_id)
    guide.ask(f"create{INSTANCE}Secret", instance_id)
    guide.expect((400, "E0000001"), f"create{INSTANCE}Secret", instance_id)
    guide.expect((400, "E0000001"), f"delete{INSTANCE}Secret", instance_id, old["id"])
    guide.ask(f"deactivate{INSTANCE}Secret", instance_id, old["id"])
    guide.ask(f"activate{INSTANCE}Secret", instance_id, old["id"])
    guide.ask(f"deactivate{INSTANCE}Secret", instance_id, old["id"])
    guide.ask(f"list{INSTANCE}Secrets", instance_id)
    guide.ask(f"delete{INSTANCE}Secret", instance_id, old["id"])
