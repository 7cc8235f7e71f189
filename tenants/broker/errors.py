"""The one refusal of the broker's own; all others come from Okta or from the vault."""

from tenants.okta.errors import OktaError


class BrokerBusy(OktaError):
    """Somebody else has been fetching this token for longer than we are willing to wait.

    It hangs on Okta's tree because callers ask it the same questions: wait a little, try again.
    """

    code = "token_busy"
    retryable = True
