"""Refusals of a change before anything is sent or stored, in sentences for the operator."""

from collections.abc import Iterable

from tenants.errors import ServiceError


class ChangeRefused(ServiceError):
    code = "change_refused"


class ScopesLacking(ServiceError):
    code = "scopes_lacking"

    def __init__(self, scopes: Iterable[str]) -> None:
        lacking = " and ".join(sorted(scopes))
        super().__init__(
            f"The integration does not hold {lacking} in this org, so it may not change this."
        )


class ChangesUnderWay(ServiceError):
    code = "changes_under_way"

    def __init__(self) -> None:
        super().__init__(
            "The run of this change is still under way. Settle it once that has ended."
        )


class AlreadySettled(ServiceError):
    code = "already_settled"

    def __init__(self) -> None:
        super().__init__("This change needs nobody any more: somebody has settled it.")
