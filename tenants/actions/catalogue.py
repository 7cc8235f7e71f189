"""For every operation that writes: how its effect is read, or why it is not offered here.

Most of it follows from the catalogue of operations: what a path ends with, and which read has the
same path. The rest is said below, once for each exception.
"""

from collections.abc import Mapping
from types import MappingProxyType

from tenants.actions.errors import ChangeRefused
from tenants.actions.lists import Members, Newcomer, Unlisted
from tenants.actions.traces import Absence, Copied, Likeness, Linked, Status, Trace
from tenants.actions.wanted import Wanted, check_shape
from tenants.okta.operations import GET_APP, LIST_APPS, OPERATIONS, Effect, Operation, Paging

_SECRET = "it makes a secret, or takes one"  # noqa: S105  (a reason)
_FILE = "it takes a file"
_OURS = "it may end the very connection that it is made with"
_UNNAMED = "nothing that Okta lists would tell what it made from what others make"

#: By operation, the reason in words that go on after "is not offered, because".
NOT_OFFERED: Mapping[str, str] = MappingProxyType(
    {
        "createOAuth2ClientSecret": _SECRET,
        "createPushProvider": _SECRET,
        "replacePushProvider": _SECRET,
        "updateDefaultProvisioningConnectionForApplication": _SECRET,
        "verifyProvisioningConnectionForApplication": "its code is good for one use only",
        "uploadApplicationLogo": _FILE,
        "publishCsrFromApplication": _FILE,
        "generateCsrForApplication": _UNNAMED,
        "generateApplicationKey": _UNNAMED,
        "updateGroupAssignmentToApplication": "a patch made twice may add twice, unseen",
        "rotateAuthorizationServerKeys": "each sending moves on by one more key",
        "createApiServiceIntegrationInstance": _SECRET,
        "createApiServiceIntegrationInstanceSecret": _SECRET,
        "deleteApiServiceIntegrationInstance": _OURS,
        "deleteApiServiceIntegrationInstanceSecret": _OURS,
        "activateApiServiceIntegrationInstanceSecret": _OURS,
        "deactivateApiServiceIntegrationInstanceSecret": _OURS,
        "token": _SECRET,
        "revoke": _SECRET,
    }
)

#: The field of what is made that Okta keeps as it was sent.
_NAMED_BY = {
    "createApplication": "label",
    "grantConsentToScope": "scopeId",
    "addJwk": "kid",
    "addOAuth2ResourceServerJsonWebKey": "kid",
}
#: An app's connection has words of its own.
_STATUS = {
    "activateDefaultProvisioningConnectionForApplication": "ENABLED",
    "deactivateDefaultProvisioningConnectionForApplication": "DISABLED",
    "activate": "ACTIVE",
    "deactivate": "INACTIVE",
}
#: Without it Okta leaves out apps that are not active.
_ALL_APPS = MappingProxyType({"includeNonDeleted": "true"})
_TRUSTED = MappingProxyType({"trusted": "true"})

_ASSOCIATED = OPERATIONS["listAssociatedServersByTrustedType"]

_STATED: Mapping[str, Trace] = {
    "createApplication": Newcomer(LIST_APPS, "label", _ALL_APPS),
    "assignApplicationPolicy": Linked(GET_APP, "accessPolicy", "policyId"),
    # A PUT that Okta documents as partial; what it takes stands under a name of its own.
    "updateFeatureForApplication": Likeness(
        OPERATIONS["getFeatureForApplication"], partial=True, within="capabilities"
    ),
    # Likewise: how a group is assigned already stays, but for what is sent.
    "assignGroupToApplication": Likeness(
        OPERATIONS["getApplicationGroupAssignment"], partial=True, may_make=True
    ),
    "cloneApplicationKey": Copied(OPERATIONS["getApplicationKey"], to="targetAid"),
    "createAssociatedServers": Members(_ASSOCIATED, "trusted", _TRUSTED),
    "deleteAssociatedServer": Unlisted(_ASSOCIATED, "associatedServerId"),
    "revokeRefreshTokensForAuthorizationServerAndClient": Unlisted(
        OPERATIONS["listRefreshTokensForAuthorizationServerAndClient"]
    ),
}

_READS = {
    (operation.path, operation.paging != Paging.NONE): operation
    for operation in OPERATIONS.values()
    if operation.method == "GET"
}


def _trace_of(operation: Operation) -> Trace:
    """Raises KeyError where the catalogue has no read for it: then it has to be stated."""
    if stated := _STATED.get(operation.name):
        return stated
    if operation.effect == Effect.LIFECYCLE:
        path, _, verb = operation.path.rpartition("/lifecycle/")
        wanted = _STATUS.get(operation.name) or _STATUS[verb]
        return Status(_READS[path, False], wanted)
    if operation.effect == Effect.CREATE:
        return Newcomer(_READS[operation.path, True], _NAMED_BY.get(operation.name, "name"))
    reader = _READS[operation.path, False]
    return Absence(reader) if operation.effect == Effect.DELETE else Likeness(reader)


#: By operation.
TRACES: Mapping[str, Trace] = MappingProxyType(
    {
        name: _trace_of(operation)
        for name, operation in OPERATIONS.items()
        if not operation.is_read and name not in NOT_OFFERED
    }
)


def trace_for(change: Wanted) -> Trace:
    """How to read what becomes of a change.

    Raises:
        ChangeRefused: it is not offered, or not in this shape; the sentence says why.
    """
    operation = change.operation
    if operation.is_read:
        raise ChangeRefused(f"{operation.name} reads and changes nothing.")
    if reason := NOT_OFFERED.get(operation.name):
        raise ChangeRefused(f"{operation.name} cannot be queued, because {reason}.")
    if operation.name == "createApplication":
        _refuse_apps_with_secrets(change.body)
    check_shape(change)
    trace = TRACES[operation.name]
    trace.check(change)
    return trace


def _refuse_apps_with_secrets(body: object) -> None:
    """Okta makes a client secret for apps that sign on with OpenID Connect."""
    told = body if isinstance(body, dict) else {}
    mode = told.get("signOnMode")
    if not isinstance(mode, str) or mode == "OPENID_CONNECT" or told.get("name") == "oidc_client":
        raise ChangeRefused(
            "Only an app whose body names a signOnMode without a client secret can be queued."
        )
