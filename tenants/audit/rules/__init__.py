"""All rules, by slug. A new rule is a file here and a line below."""

from collections.abc import Mapping
from types import MappingProxyType

from tenants.audit.rule import Rule
from tenants.audit.rules.app_12 import RedirectUris
from tenants.audit.rules.as_01 import PolicyOpenToAllClients
from tenants.audit.rules.as_02 import CatchAllRule
from tenants.audit.rules.as_04 import LongAccessTokens
from tenants.audit.rules.as_06 import SigningKeyRotation

_ALL: tuple[Rule, ...] = (
    PolicyOpenToAllClients(),
    CatchAllRule(),
    LongAccessTokens(),
    SigningKeyRotation(),
    RedirectUris(),
)

RULES: Mapping[str, Rule] = MappingProxyType({rule.slug: rule for rule in _ALL})
