"""Every scope name that an org authorization server knows."""

#: Resources with both ``okta.<resource>.read`` and ``okta.<resource>.manage``.
#: Source: the scopes of Okta's management specification 2026.06.3.
_READ_AND_MANAGE = """
    agentPools apiTokens appGrants apps apps.interclientTrust authenticators authorizationServers
    behaviors botProtection brands captchas customTelephonyProvider deviceAssurance
    deviceIntegrations devicePostureChecks devices directories.groups domains dr emailDomains
    emailServers eventHooks features groups identitySources idps inlineHooks linkedObjects
    logStreams networkZones oauthIntegrations orgs personal.adminSettings policies
    principalRateLimits profileMappings pushProviders rateLimits realmAssignments realms roles
    schemas securityEventsProviders serviceAccounts serviceAccounts.okta sessions templates
    threatInsights trustedOrigins uischemas userRisk userTypes users clients
"""

KNOWN_SCOPES: frozenset[str] = frozenset(
    {
        f"okta.{resource}.{verb}"
        for resource in _READ_AND_MANAGE.split()
        for verb in ("read", "manage")
    }
    | {"okta.logs.read", "ssf.read", "ssf.manage"}
    | {"okta.clients.register", "okta.universalLogout.manage", "okta.workflows.invoke.manage"}
)

#: Scopes about a signed-in user, which a client acting for itself cannot have.
USER_SCOPES = frozenset({"openid", "profile", "email", "address", "phone", "offline_access"})


def satisfies(held: frozenset[str], needed: str) -> bool:
    """Whether a token may do what ``needed`` allows: a manage scope includes reading."""
    return needed in held or needed.replace(".read", ".manage") in held
