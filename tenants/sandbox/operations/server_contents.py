"""What an authorization server puts into its tokens: scopes and claims."""

from collections.abc import Mapping

from tenants.sandbox.call import Handler
from tenants.sandbox.operations.reads import listing, single
from tenants.sandbox.paging import Paging

HANDLERS: Mapping[str, Handler] = {
    "listOAuth2Scopes": listing("as_scope", Paging(default=200)),
    "getOAuth2Scope": single("as_scope"),
    "listOAuth2Claims": listing("as_claim"),
    "getOAuth2Claim": single("as_claim"),
}
