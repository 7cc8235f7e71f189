"""Looking for a tenant's id in Redis, where it should never stand: names there are keyed hashes."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

#: How everything of each type is read.
_READ: dict[bytes, Callable[[Any, bytes], Any]] = {
    b"string": lambda redis, key: redis.get(key),
    b"hash": lambda redis, key: redis.hgetall(key),
    b"set": lambda redis, key: redis.smembers(key),
    b"zset": lambda redis, key: redis.zrange(key, 0, -1),
    b"list": lambda redis, key: redis.lrange(key, 0, -1),
}


def redis_traces(tenant_id: UUID) -> tuple[int | None, int]:
    """How many keys there are, and how many have the id in their name or value.

    The first is None if Redis did not answer: nothing is known then.
    """
    ids = (str(tenant_id), tenant_id.hex)
    try:
        with Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=5
        ) as redis:
            texts = list(_texts(redis))
    except RedisError:
        return None, 0
    return len(texts), sum(any(one in text for one in ids) for text in texts)


def _texts(redis: Any) -> Iterator[str]:
    for key in redis.scan_iter(count=1000):
        read = _READ.get(redis.type(key))
        yield f"{key!r} {read(redis, key)!r}".lower() if read else f"{key!r}".lower()
