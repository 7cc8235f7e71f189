"""A real redis-server for demos, tests and small installations."""

import json
import secrets
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

import redis

from oin_service.ports import LOOPBACK, free_port
from oin_service.processes import Processes

#: Nothing is kept on disk: Redis holds doorbells and caches, the database is the truth. And nothing
#: is evicted: a cache that silently forgets would forget doorbells too.
CONFIG = """\
bind {host}
port {port}
requirepass {password}
dir {folder}
save ""
appendonly no
maxmemory 256mb
maxmemory-policy noeviction
"""


class RedisMissing(Exception):
    """No redis-server on this machine; ``str()`` says what to do."""

    def __init__(self) -> None:
        super().__init__(
            "No redis-server was found: install Redis 6.2 or newer (for example `apt install redis`"
            " or `brew install redis`), or set REDIS_URL to one that runs."
        )


def find_redis_server() -> Path:
    """The machine's own redis-server, else the one that was installed with our packages.

    Raises:
        RedisMissing: there is neither.
    """
    ours = Path(sys.prefix) / "servers" / "redis" / "bin" / "redis-server"
    found = shutil.which("redis-server") or shutil.which(ours)
    if found is None:
        raise RedisMissing
    return Path(found)


def new_redis_url() -> str:
    """URL for a private server: a free loopback port and a password of its own."""
    return f"redis://:{secrets.token_urlsafe(24)}@{LOOPBACK}:{free_port()}/0"


def start_redis(processes: Processes, folder: Path, url: str) -> None:
    """Start a redis-server that answers at ``url``; its files go to ``folder``.

    Raises:
        RedisMissing: there is no redis-server to start.
        ChildError: it did not come up.
    """
    program, config = find_redis_server(), _write_config(folder, url)
    processes.start("redis", [program, config], ready=lambda: redis_answers(url), lasting=True)


def redis_answers(url: str) -> bool:
    """Whether a Redis that accepts the URL's password is listening there."""
    try:
        with redis.Redis.from_url(url, socket_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _write_config(folder: Path, url: str) -> Path:
    """In a file that only we can read, because everybody can read a command line."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    parts = urlsplit(url)
    config = folder / "redis.conf"
    config.touch(mode=0o600)
    config.write_text(
        CONFIG.format(
            host=LOOPBACK,
            port=parts.port,
            password=parts.password,
            folder=json.dumps(str(folder), ensure_ascii=False),  # its quoting is Redis's too
        )
    )
    return config
