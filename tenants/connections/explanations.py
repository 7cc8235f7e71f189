"""What went wrong, in words for the person who has to mend it."""

from dataclasses import dataclass, replace

from django.conf import settings

_INTEGRATION = (
    "In the Okta Admin Console open Applications and Resources > API Service Integrations "
    "(Applications > API Service Integrations in older consoles) and choose the integration."
)
_COPY_DOMAIN_AND_ID = (
    "On its General tab, copy the Okta domain and the client ID again and paste both here."
)
_RENEW = (
    "Under Client secrets choose Generate new secret, copy it at once (Okta shows it only this "
    "time) and paste it here. Okta keeps two secrets, so the old one goes on working meanwhile."
)
_INSTALL = (
    "In the Okta Admin Console open Applications and Resources > API Service Integrations > "
    "Add Integration, choose the integration and then Install & Authorize."
)
_SEND_AGAIN = "Come back to this page and send the form again."
#: Stands for ``VENDOR_EGRESS_ADDRESSES``.
_ADDRESSES = "{addresses}"
_ASK_FOR_ADDRESSES = "which our support will tell you"
_NOTHING_KEPT = "The secret was not kept."


@dataclass(frozen=True)
class Explanation:
    """``title`` and ``what`` happened, what was ``lost``, and the steps that ``fix`` it."""

    code: str
    title: str
    what: str
    lost: str
    fix: tuple[str, ...]


def explain(code: str) -> Explanation:
    """Words for a run's ``error_code`` or a tenant's ``attention_code``; never fails."""
    found = _EXPLANATIONS.get(code, _UNEXPECTED)
    addresses = " and ".join(settings.VENDOR_EGRESS_ADDRESSES) or _ASK_FOR_ADDRESSES
    return replace(found, fix=tuple(step.replace(_ADDRESSES, addresses) for step in found.fix))


def _said(
    code: str, title: str, what: str, *fix: str, lost: str = _NOTHING_KEPT
) -> tuple[str, Explanation]:
    return code, Explanation(code, title, what, lost, fix)


_UNEXPECTED = Explanation(
    "internal",
    "Something went wrong on our side",
    "This is our mistake, not yours. It is in our log and we will look into it.",
    "Nothing was changed in your Okta org.",
    ("Try again in a few minutes. If it happens again, tell us the id shown on this page.",),
)

_EXPLANATIONS = dict(
    (
        _said(
            "wrong_secret",
            "Okta did not accept the client secret",
            "The Okta org and the client ID are right, but the secret is not the one that belongs "
            "to them. It may have been cut off when copying, or replaced since.",
            _INTEGRATION,
            _RENEW,
            _SEND_AGAIN,
        ),
        _said(
            "unknown_client",
            "This Okta org does not know the client ID",
            "The org exists, but no integration with this client ID is installed in it. Either "
            "the domain is that of another org (a preview org, for example), the client ID was "
            "mistyped, or the integration was removed.",
            "Check that the domain is that of the org in which you installed the integration.",
            _INTEGRATION,
            _COPY_DOMAIN_AND_ID,
            _SEND_AGAIN,
        ),
        _said(
            "integration_revoked",
            "The integration was removed from this Okta org",
            "This client ID used to work here. Okta does not know it any more, which is what "
            "happens when an admin revokes the integration.",
            _INSTALL,
            "Installing again gives a new client ID and a new secret: paste both here.",
            _SEND_AGAIN,
        ),
        _said(
            "invalid_client",
            "Okta no longer accepts the client ID and secret",
            "The secret was replaced or deactivated, or the integration was revoked.",
            _INTEGRATION,
            _RENEW,
            "If the integration is not listed any more, install it again and paste its new "
            "client ID and secret.",
            lost="What was read before is kept. Until then nothing new is read.",
        ),
        _said(
            "invalid_token",
            "Okta refuses the tokens it gives us",
            "Okta granted a token and then did not accept it, twice in a row. The integration was "
            "probably revoked a moment ago.",
            _INTEGRATION,
            _RENEW,
            lost="What was read before is kept. Until then nothing new is read.",
        ),
        _said(
            "wrong_app",
            "These are the credentials of another kind of app",
            "The client ID belongs to an app that was made by hand (API Services, web or native "
            "app). Such an app cannot stand in for the integration.",
            _INSTALL,
            "Copy the client ID and secret that Okta shows after the installation.",
            _SEND_AGAIN,
        ),
        _said(
            "dpop_required",
            "These are the credentials of a custom app that demands DPoP",
            "The app proves possession of a key with each token (DPoP). API service integrations "
            "never do, so this is an app that was made by hand in your org.",
            _INSTALL,
            "Copy the client ID and secret that Okta shows after the installation. There is no "
            "need to change or delete the custom app.",
            _SEND_AGAIN,
        ),
        _said(
            "scope_missing",
            "A scope is not granted to this integration",
            "The secret is right, but the integration as installed in your org does not hold every "
            "scope it needs. An installation keeps the scopes of the day it was made.",
            _INTEGRATION,
            "Revoke it there, then add it again with Install & Authorize. Okta will list the "
            "scopes: all of them are needed.",
            "Paste the new client ID and secret here.",
        ),
        _said(
            "role_too_narrow",
            "An admin role in your org is too narrow",
            "The scope is granted, but an admin role or resource set limits what the integration "
            "may see.",
            "In the Okta Admin Console open Security > Administrators and look for a role that "
            "was assigned to the integration.",
            "Widen the role or its resource set, or remove the assignment.",
            _SEND_AGAIN,
        ),
        _said(
            "network_zone",
            "Your org lets only certain networks ask for tokens",
            "Okta refused the request because our address is not in the network zone that the "
            "integration is limited to.",
            _INTEGRATION,
            f"Add the addresses that our calls come from, {_ADDRESSES}, to its network zone.",
            _SEND_AGAIN,
        ),
        _said(
            "wrong_host",
            "No Okta org answers under this domain",
            "There is no such org, or it was deactivated.",
            "Sign in to your Okta Admin Console and open the menu at your name in the top right "
            "corner: the org's domain stands there. It looks like acme.okta.com.",
            "If the domain was right until today, ask Okta whether the org is still active.",
            _SEND_AGAIN,
        ),
        _said(
            "other_org",
            "This is a different Okta org",
            "The connection was made with another org, and its history belongs to that one.",
            "If you meant the org connected before, correct the domain.",
            "To connect a further org, ask for a setup link of its own.",
        ),
        _said(
            "org_taken",
            "This integration is already connected",
            "This installation in this org is connected under another setup link. Two would mix "
            "their data.",
            "If you are renewing the connection, use the setup link that it was made with.",
            "If you do not know of another connection, ask our support to look into it.",
        ),
        _said(
            "unavailable",
            "The Okta org could not be reached",
            "We tried several times and got no usable answer. Okta may be having trouble, or the "
            "network between us.",
            "Check the domain for a typing mistake.",
            "Look at status.okta.com, then send the form again.",
        ),
        _said(
            "unreachable",
            "The Okta org does not answer at the moment",
            "Several attempts in a row got no usable answer. The org is left alone for a while and "
            "tried again by itself, at first every minute and later every hour.",
            "Look at status.okta.com, and whether the org still exists.",
            "Nothing has to be done here: the next answer takes the org back.",
            lost="What was read before is kept.",
        ),
        _said(
            "rate_limited",
            "The Okta org was too busy for us",
            "Okta asked us to wait, again and again. Others use the same org's rate limit too.",
            "Look at Reports > Rate Limits in the Okta Admin Console: something there is busy.",
            "Try again later.",
        ),
        _said(
            "cursor_refused",
            "A long list could not be read to its end",
            "Okta lost its place in one of its lists, twice in a row.",
            "Nothing has to be done: the next sync reads the list from its beginning.",
            lost="What could not be read is shown as it was last seen. Nothing was removed.",
        ),
        _said(
            "not_found",
            "Okta knows nothing under an address we asked for",
            "A part of Okta's API that every org has did not answer to us in this one.",
            "Try again later. If it stays so, ask Okta's support whether the API is switched off.",
            lost="What was read before is kept. Nothing was removed.",
        ),
        _said(
            "not_connected",
            "There is no proven connection",
            "No secret of this tenant has been proven, so there is nothing to work with.",
            "Send the customer a setup link, and let them connect their org.",
            lost="Nothing.",
        ),
        _said(
            "protocol",
            "The org's answer made no sense",
            "Something answered under this domain, but not as Okta does.",
            "Check the domain. If it is right, try again in a few minutes.",
        ),
        _said(
            "egress_refused",
            "Our own safety rules stopped the connection",
            "The domain led to an address, a redirect or an answer that we do not accept.",
            "Check the domain. If it is right, tell our support: the rules are on our side.",
        ),
        _said(
            "seal_broken",
            "A stored secret could not be opened",
            "Our keys do not fit what is stored. No request was sent with it.",
            "Operator: run manage.py keys verify. It tells a missing key from a damaged value.",
            "Put a missing key back. For a damaged value, look who could write to the database, "
            "and ask the customer to send a new secret through a setup link.",
            lost="The stored secret cannot be used.",
        ),
        _said(
            "not_licensed",
            "The org has not licensed this feature",
            "Okta says that the feature is not part of this org's plan.",
            "Nothing has to be done: what it would have shown does not exist in this org.",
            lost="Nothing.",
        ),
        _said(
            "rejected",
            "Okta rejected a request",
            "One of our requests was refused for a reason we did not expect.",
            "Tell our support the id shown on this page.",
            lost="What was read before is kept.",
        ),
        _said(
            "incomplete",
            "Not everything could be read",
            "Some kinds of resource could not be read; which, and why, stands in the run.",
            "Look at the run's outcome: the reason is beside each kind.",
            lost="What could not be read is shown as it was last seen. Nothing was removed.",
        ),
        _said(
            "shrink_held",
            "A listing is suspiciously short",
            "Okta listed far fewer resources than before. That happens when an admin role was "
            "narrowed, and also when much was really deleted.",
            "Check in Okta whether the resources are really gone.",
            "If they are, run the sync again and accept the removals.",
            lost="Nothing was removed from the inventory yet.",
        ),
        _said(
            "rotation_unclear",
            "Secrets in Okta that are not for us to judge",
            "We were about to replace the client secret by ourselves, and Okta lists secrets of "
            "the integration of which we cannot tell whether somebody uses them. We touched none, "
            "and replace it no more by ourselves until somebody has looked.",
            _INTEGRATION,
            "Keep the secret that is in use here and delete others that nobody uses.",
            "If you are not sure which that is: generate a new one, send it to us by the setup "
            "link, and delete all others after its proof.",
            lost="Nothing. The present secret goes on working.",
        ),
        _said(
            "rotation_refused",
            "Okta did not take the secret it had made",
            "We had Okta make a new client secret, and Okta did not accept it afterwards. We went "
            "back to the earlier one, and replace it no more by ourselves until somebody has "
            "looked.",
            _INTEGRATION,
            "Look whether somebody has deactivated or deleted a secret there.",
            "Switch the replacement on again when it is clear why.",
            lost="Nothing. The earlier secret is in use.",
        ),
        _said(
            "rotation_unanswered",
            "A new client secret did not reach us",
            "We asked Okta several times for a new client secret, and no answer told us its value. "
            "What was made by that we removed again, and replace it no more by ourselves until "
            "somebody has looked.",
            "Look at status.okta.com whether Okta is in trouble.",
            "Switch the replacement on again, or replace the secret by hand.",
            lost="Nothing. The present secret goes on working.",
        ),
        _said(
            "rotation_not_granted",
            "The integration may not replace its own secret",
            "That needs the scope okta.oauthIntegrations.manage and an admin role that covers it. "
            "In this org one of them is missing. We replace the secret no more by ourselves until "
            "somebody has looked.",
            "Replace the secret by hand, or install the integration again with both of them.",
            "Then switch the replacement on again.",
            lost="Nothing. The present secret goes on working.",
        ),
        _said(
            "being_proven",
            "A secret is being proven",
            "A new secret was sent at the moment at which we were about to make one.",
            "Nothing has to be done.",
            lost="Nothing.",
        ),
        _said(
            "still_connected",
            "The tenant is connected",
            "The run that empties a tenant was repeated after the tenant had been connected anew.",
            "Nothing has to be done. To end the connection, disconnect the tenant.",
            lost="Nothing was deleted.",
        ),
        _said(
            "ambiguous",
            "Okta's answer to a request was lost",
            "Something was asked of the org that changes it. No answer says whether it was done.",
            "Look at the object in the Okta Admin Console before it is asked for again.",
            lost="Nothing of ours. In the org the change may have been made.",
        ),
        _said(
            "change_unsettled",
            "Nobody can tell whether a change was made",
            "A change was sent to the org, and neither its answer nor what it shows since says "
            "what became of it.",
            "Open the run: it says what was sent, how often, and what Okta shows.",
            "Look at the object in the Okta Admin Console.",
            "Say in the run that it was made, have it sent again, or leave it as it is.",
            lost="The changes after it in the same run were not sent.",
        ),
        _said(
            "change_refused",
            "Okta refused a change",
            "Okta said no to one of the changes of this run. Its words stand beside that change.",
            "Mend what Okta names, then ask anew for what is still wanted.",
            lost="The changes before it are made. Those after it were not sent.",
        ),
        _said(
            "list_too_long",
            "A list is too long to tell what is new in it",
            "Before something is made, all that is there is listed, to know it again if the answer "
            "gets lost. This list would take up the org's rate limit for minutes.",
            "Make this change in the Okta Admin Console, or by the command without --queue.",
            lost="Nothing was sent.",
        ),
        _said(
            "cancelled",
            "Cancelled",
            "An operator stopped this run.",
            "Run it again when you are ready.",
            lost="What it had read until then is kept.",
        ),
        _said(
            "quarantined",
            "Given up after several attempts",
            "The worker died each time it took up this run, so it was taken out of the queue.",
            "Look into the worker's log under this run's id before running it again.",
            lost="What was read before is kept.",
        ),
    )
)
