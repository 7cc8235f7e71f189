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
        "tokenSigningKey",
        "serviceAccountJson",
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


#: What an operation that creates a secret shows of it.
CREATED = frozenset({"client_secret", "clientSecret", "access_token"})


def drop_secrets(value: Any, *, keep: frozenset[str] = frozenset()) -> Any:
    """A copy of decoded JSON without client secrets, passwords, private keys and tokens.

    ``keep`` are names to leave in, for the one caller who has just had the secret made.
    """
    if isinstance(value, dict):
        return {
            name: drop_secrets(member, keep=keep)
            for name, member in value.items()
            if name in keep or not _is_secret(name, member, in_key="kty" in value)
        }
    if isinstance(value, list):
        return [drop_secrets(item, keep=keep) for item in value]
    return value


def _is_secret(name: str, member: Any, *, in_key: bool) -> bool:
    return (
        name in _SECRETS
        or (name in _TOKENS and isinstance(member, str))
        or (in_key and name in _PRIVATE_KEY_MEMBERS)
    )
