"""Dropping secrets from what Okta sends, before anything is stored, compared or logged.

Okta lists client secrets in plain text at ``/credentials/secrets`` and echoes them when an app is
written, so the parser is the last place where they may exist.
"""

from typing import Any

#: Dropped whatever the value is.
_SECRETS = frozenset(
    {
        "client_secret",
        "clientSecret",
        "password",
        "secret",
        "private_key",
        "privateKey",
        "client_assertion",
        "clientAssertion",
    }
)

#: Dropped when the value is text: a policy rule keeps settings in an object called ``token``.
_TOKENS = frozenset(
    {
        "token",
        "access_token",
        "accessToken",
        "refresh_token",
        "refreshToken",
        "id_token",
        "idToken",
        "apiToken",
        "api_token",
    }
)

#: The private members of a JSON Web Key, RFC 7518 §6.
_PRIVATE_KEY_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def drop_secrets(value: Any) -> Any:
    """A copy of decoded JSON without client secrets, passwords, private keys and tokens."""
    if isinstance(value, dict):
        return {
            name: drop_secrets(member)
            for name, member in value.items()
            if not _is_secret(name, member, in_key="kty" in value)
        }
    if isinstance(value, list):
        return [drop_secrets(item) for item in value]
    return value


def _is_secret(name: str, member: Any, *, in_key: bool) -> bool:
    return (
        name in _SECRETS
        or (name in _TOKENS and isinstance(member, str))
        or (in_key and name in _PRIVATE_KEY_MEMBERS)
    )
