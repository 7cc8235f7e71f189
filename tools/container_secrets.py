"""Make the files that docker-compose.yml hands to the containers, once.

``.venv/bin/python -m tools.container_secrets`` (after ``make run`` or ``make check``).
"""

import os
import secrets
import sys
from pathlib import Path

from tenants.vault.ringfile import ring_create

FOLDER = Path(__file__).resolve().parent.parent / "secrets"
#: The user the containers run as; the service refuses a key file that belongs to somebody else.
CONTAINER_UID = 10001


def main() -> None:
    if FOLDER.exists():
        sys.exit(f"{FOLDER} exists already, and its keys open what is stored: nothing was changed.")
    create(FOLDER)
    print(f"Made {FOLDER}. Back it up, apart from the database.")
    if os.geteuid() != 0:
        print(f"Now give it to the containers: sudo chown -R {CONTAINER_UID} {FOLDER}")


def create(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    postgres, redis = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    for name, content in {
        "signing_key": secrets.token_urlsafe(48),
        "postgres_password": postgres,
        "redis_password": redis,
        "database_url": f"postgres://hub:{postgres}@postgres:5432/hub",
        "redis_url": f"redis://:{redis}@redis:6379/0",
    }.items():
        file = folder / name
        file.touch(mode=0o600)
        file.write_text(content)
        file.chmod(0o400)
    ring_create(folder / "keyring.json")
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, CONTAINER_UID, CONTAINER_UID)


if __name__ == "__main__":
    main()
