"""Changing the key file, each time with a trace of it and without losing a key in use."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from tenants.keys.canaries import key_prove, keys_prove
from tenants.keys.counts import counted, sealed_counts
from tenants.keys.ring import forget_keyring, keyring
from tenants.models import AuditEvent, KeyCanary
from tenants.vault.errors import KeyringError
from tenants.vault.keyfile import make_folder, read_key_file, write_key_file
from tenants.vault.keyring import Keyring
from tenants.vault.kinds import key_of, key_try
from tenants.vault.ringfile import ring_create, ring_edit
from tenants.vault.ringtext import RingText, Spec


def key_file() -> Path:
    """Raises KeyringError where keys come out of the environment, which nobody here can change."""
    if settings.KEYRING_TEXT:
        raise KeyringError(
            "The keys come from KEYRING_TEXT. Change it where it is set, restart everything, and "
            "go on with: manage.py keys rewrap"
        )
    return Path(settings.KEYRING_FILE)


def file_create(key_id: str, spec: Spec) -> None:
    """A key file where there is none. There may be no database yet.

    Raises:
        KeyringError: there is one.
        SealUnavailable: the key's service does not do what it should.
    """
    key_try(key_id, spec)
    make_folder(key_file().parent)
    ring_create(key_file(), key_id, spec)


def key_add(key_id: str, spec: Spec, *, login: str) -> None:
    """Let this key open values; it seals none before `key_lead`.

    Raises:
        KeyringError: there is or was another key with this id, or the file cannot be replaced.
        SealUnavailable: the key's service does not do what it should.
    """
    key_try(key_id, spec)

    def add(text: RingText) -> RingText:
        if key_id in text.keys:
            raise KeyringError(f"There is a key {key_id} already; it was left as it is.")
        return text.adding(key_id, spec)

    alone = Keyring(key_id, {key_id: key_of(spec)})
    _change("keys.added", add, proven_by=alone, login=login, key=key_id)


def public_write(file: Path, *, login: str) -> str:
    """Write a key file with nothing but the public half of the primary key; returns its id.

    Raises:
        KeyringError: the primary has no public half, or there is such a file already.
        SealUnavailable: a key service does not answer.
    """
    text = RingText.parse(read_key_file(key_file())).public()
    with transaction.atomic():
        keys_prove(keyring())
        AuditEvent.objects.record("keys.published", via="command", login=login, key=text.primary)
        write_key_file(file, str(text))
    return text.primary


def key_lead(key_id: str, *, login: str) -> None:
    """Make a key the primary: from now on it seals. Raises KeyringError."""

    def lead(text: RingText) -> RingText:
        if key_id not in text.keys or key_id in text.retired:
            raise KeyringError(f"There is no key {key_id} in use. Add it first: manage.py keys add")
        return text.led_by(key_id)

    _change("keys.led", lead, proven_by=keyring(), login=login, key=key_id)


def key_retire(key_id: str, *, login: str) -> None:
    """Keep a key, but let it open nothing any more.

    Raises:
        KeyringError: it is the primary, or values are sealed under it.
    """

    def retire(text: RingText) -> RingText:
        if key_id not in text.keys:
            raise KeyringError(f"There is no key {key_id} in the key ring.")
        if key_id == text.primary:
            raise KeyringError(f"{key_id} is the primary key: new values are sealed under it.")
        return text.retiring(key_id)

    _refuse_in_use(key_id)
    _change("keys.retired", retire, login=login, key=key_id)


def key_delete(key_id: str, *, login: str) -> None:
    """Drop a key that was retired before.

    Raises:
        KeyringError: it was not, or values are sealed under it.
    """

    def delete(text: RingText) -> RingText:
        if key_id not in text.retired:
            raise KeyringError(
                f"{key_id} is not retired. Retire it first, and wait a backup's age."
            )
        return text.without(key_id)

    _refuse_in_use(key_id)
    _change("keys.deleted", delete, login=login, key=key_id)
    KeyCanary.objects.filter(pk=key_id).delete()


def _refuse_in_use(key_id: str) -> None:
    if count := sealed_counts().get(key_id):
        raise KeyringError(
            f"{key_id} holds {counted(count)}. Move them first: manage.py keys rotate --to ID"
        )


def _change(
    action: str,
    change: Callable[[RingText], RingText],
    *,
    key: str,
    proven_by: Keyring | None = None,
    **detail: Any,
) -> None:
    """Change the file, with a trace before and after it: no transaction holds a file, so whoever
    is killed once it is replaced has told what was wanted. Without that trace nothing is changed.

    ``proven_by``: with this ring the key has to be the one that the database knows by its id.
    """
    told = {"via": "command", "key": key, **detail}

    def change_on_record(text: RingText) -> RingText:
        changed = change(text)
        if proven_by:
            key_prove(proven_by, key)
        AuditEvent.objects.record("keys.changing", wanted=action, **told)
        return changed

    ring_edit(key_file(), change_on_record)
    AuditEvent.objects.record(action, **told)
    forget_keyring()
