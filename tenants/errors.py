"""Refusals of the domain. Their texts are written for people and safe to show."""


class ServiceError(Exception):
    """What was asked for cannot be done; ``code`` is stable, ``str()`` is the sentence."""

    code = "refused"
    retryable = False


class LinkNotUsable(ServiceError):
    """The setup link is unknown, expired or revoked; which of the three is never told."""

    code = "link_not_usable"

    def __init__(self) -> None:
        super().__init__("This setup link does not work any more.")


class AlreadyVerifying(ServiceError):
    code = "already_verifying"

    def __init__(self) -> None:
        super().__init__(
            "A check of this connection is already under way. Wait for it to finish: what you sent "
            "just now was not taken."
        )


class SecretBeingReplaced(ServiceError):
    code = "secret_being_replaced"

    def __init__(self) -> None:
        super().__init__(
            "We are replacing the secret of this connection ourselves at this moment, so yours was "
            "not taken. Send it again in a few minutes."
        )


class RunAlreadyLive(ServiceError):
    code = "run_already_live"

    def __init__(self) -> None:
        super().__init__("A run of this kind is already queued or running for this tenant.")


class RunStillLive(ServiceError):
    code = "run_still_live"

    def __init__(self) -> None:
        super().__init__("This run has not ended yet, so there is nothing to retry.")


class RunAlreadyEnded(ServiceError):
    code = "run_already_ended"

    def __init__(self) -> None:
        super().__init__("This run has already ended.")


class NotConnected(ServiceError):
    code = "not_connected"

    def __init__(self) -> None:
        super().__init__("This tenant has no proven connection yet.")


class TenantPaused(ServiceError):
    code = "tenant_paused"

    def __init__(self) -> None:
        super().__init__("This tenant is paused. Resume it first.")


class TenantDeleted(ServiceError):
    code = "tenant_deleted"

    def __init__(self) -> None:
        super().__init__("This tenant is deleted. Restore it first.")


class NothingToRetry(ServiceError):
    code = "nothing_to_retry"

    def __init__(self) -> None:
        super().__init__(
            "A refused secret is not kept. The customer has to send it again by the setup link."
        )


class ChangesNotRepeated(ServiceError):
    code = "changes_not_repeated"

    def __init__(self) -> None:
        super().__init__(
            "A run of changes is not repeated as a whole: ask anew for those still wanted."
        )


class KindUnknown(ServiceError):
    code = "kind_unknown"

    def __init__(self) -> None:
        super().__init__("This version of the service does not know runs of this kind.")


class TenantExists(ServiceError):
    code = "tenant_exists"

    def __init__(self) -> None:
        super().__init__(
            "This tenant exists already. If its setup link was not copied, make a new one."
        )


class NotPaused(ServiceError):
    code = "not_paused"

    def __init__(self) -> None:
        super().__init__("This tenant is not paused.")


class FleetPaused(ServiceError):
    code = "fleet_paused"

    def __init__(self) -> None:
        super().__init__("The fleet is paused already.")


class FleetNotPaused(ServiceError):
    code = "fleet_not_paused"

    def __init__(self) -> None:
        super().__init__("The fleet is not paused.")


class NoSuchJob(ServiceError):
    code = "no_such_job"

    def __init__(self) -> None:
        super().__init__("This tenant has no such standing job, or it is in this state already.")


class AlreadyLeft(ServiceError):
    code = "already_left"

    def __init__(self) -> None:
        super().__init__("This tenant is disconnected or deleted already.")


class StillLeaving(ServiceError):
    code = "still_leaving"

    def __init__(self) -> None:
        super().__init__("The earlier connection is still being taken away. Try again in a minute.")


class NotDeleted(ServiceError):
    code = "not_deleted"

    def __init__(self) -> None:
        super().__init__("This tenant is not deleted, or it is too late to restore it.")


class RotationNotGranted(ServiceError):
    code = "rotation_not_granted"

    def __init__(self) -> None:
        super().__init__(
            "The integration was not granted okta.oauthIntegrations.manage in this org, so it "
            "cannot replace its own secret."
        )
