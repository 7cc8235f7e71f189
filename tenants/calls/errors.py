"""Refusals of a single call, in sentences for the operator. Nothing has been sent."""

from tenants.errors import ServiceError


class CallRefused(ServiceError):
    """What was asked for makes no call."""

    code = "call_refused"


class NoSuchTenant(ServiceError):
    code = "no_such_tenant"


class TokenNotOnRecord(ServiceError):
    """The audit trail does not take that a token is shown, so it is not."""

    code = "token_not_on_record"

    def __init__(self) -> None:
        super().__init__("The token is not shown: that it would be could not be put on the record.")


class CallNotOnRecord(ServiceError):
    """The audit trail does not take the call, so it is not made."""

    code = "not_on_record"

    def __init__(self) -> None:
        super().__init__("The call could not be put on the record, so nothing was sent.")
