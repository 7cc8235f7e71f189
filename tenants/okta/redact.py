"""Dropping secrets from what Okta sends, before anything is stored, compared or logged.

Okta lists client secrets in plain text at ``/credentials/secrets`` and echoes them when an app is
written, so the parser is the last place where they may exist.
"""

from collections.abc import Iterable
from typing import Any

#: Dropped whatever the value is.
_SECRETS = frozenset(
    {
        "client_secret",
        "clientSecret",
        "secret",
        "private_key",
        "privateKey",
        "client_assertion",
        "clientAssertion",
        "tokenSigningKey",
        "serviceAccountJson",
        "vaulted_secret",
    }
)

#: Dropped when the value is text and its name ends so, in any case: app settings are named by each
#: app's maker, and a policy rule keeps settings in an object called ``token``.
_ENDINGS = (
    "token",
    "password",
    "secret",
    *(f"{what}{gap}key" for what in ("secret", "private", "api") for gap in ("", "_")),
)

#: The private members of a JSON Web Key, RFC 7518 §6.
_PRIVATE_KEY_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


#: All that stands in ``capabilities.update.password`` of a feature.
_POLICY = frozenset({"status", "seed", "change"})

#: What an operation that creates a secret shows of it.
CREATED = frozenset({"client_secret", "clientSecret", "access_token"})


def drop_secrets(value: Any, *, keep: frozenset[str] = frozenset()) -> Any:
    """Take client secrets, passwords, private keys and tokens out of decoded JSON.

    In place, since a copy of a large answer would cost its size again; returns ``value``. ``keep``
    are names to leave in, for the one caller who has just had the secret made.
    """
    if isinstance(value, dict):
        in_key = "kty" in value
        secret = [name for name in value if name not in keep and _is_secret(name, value, in_key)]
        for name in secret:
            del value[name]
    for member in _members(value):
        if isinstance(member, (dict, list)):
            drop_secrets(member, keep=keep)
    return value


def _members(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _is_secret(name: str, members: dict[str, Any], in_key: bool) -> bool:
    return (
        name in _SECRETS
        or (name == "password" and not _is_policy(members[name]))
        or (isinstance(members[name], str) and name.lower().endswith(_ENDINGS))
        or (in_key and name in _PRIVATE_KEY_MEMBERS)
    )


def _is_policy(member: Any) -> bool:
    """Whether this is what a provisioning feature may do with passwords, not one of them."""
    return isinstance(member, dict) and _POLICY.issuperset(member)
