"""No process works with keys that have not been proven: workers wait or end, pages say so."""

import logging
import time
from threading import Lock

from django.db import Error as DatabaseFault
from django.db import connection

from tenants.keys.canaries import KeysUnproven, keys_prove
from tenants.keys.ring import keyring
from tenants.vault.errors import SealUnavailable
from tenants.vault.keyring import Keyring

ASK_AGAIN_S = 2.0

logger = logging.getLogger(__name__)


class _Proven:
    """The ring that was proven last; one that is read anew has to be proven anew."""

    ring: Keyring | None = None
    lock = Lock()


def proven_keyring() -> Keyring:
    """The key ring, once it is known to be the one that values were sealed with.

    Raises:
        KeyringError: it cannot be read, or is another one.
        SealUnavailable: a key service does not answer, so it is not known yet.
    """
    ring = keyring()
    with _Proven.lock:
        if _Proven.ring is not ring:
            keys_prove(ring)
            _Proven.ring = ring
    return ring


def prove_before_work() -> None:
    """For a worker: return when all keys are proven, however long the database or a key service
    is away.

    Raises:
        KeyringError: these keys cannot do the work; somebody has to put others in place.
    """
    said = ""
    while told := _trouble():
        if told != said:
            logger.warning("No work is taken before the keys are proven: %s", told)
        said = told
        time.sleep(ASK_AGAIN_S)


def _trouble() -> str:
    """What we have to wait for, or nothing."""
    try:
        ring = proven_keyring()
    except SealUnavailable as error:
        return f"a key service does not answer ({error})"
    except DatabaseFault as error:
        connection.close()
        return f"the database does not answer ({type(error).__name__})"
    if not ring.opens:
        raise KeysUnproven(
            "The key ring holds public halves only: such a process seals, and cannot work. Give "
            "workers the whole key file."
        )
    ring.derive("token-cache")
    return ""
