"""A worker outlives its Redis, whatever it was busy with."""

import pytest
from kombu import Connection, Message, Queue
from redis import Redis

from oin_service.processes import Processes
from oin_service.redis_server import new_redis_url, redis_answers, start_redis

WAIT_S = 5


@pytest.fixture
def url() -> str:
    return new_redis_url()


@pytest.fixture
def server(tmp_path, url):
    with Processes(tmp_path) as processes:
        start_redis(processes, tmp_path / "redis", url)
        yield processes


def taken(connection: Connection) -> Message:
    """Take a message and leave it unacknowledged, as a worker does while it works."""
    doorbells = Queue("doorbells")
    connection.Producer().publish("ring", routing_key="doorbells", declare=[doorbells])
    in_hand = []
    connection.Consumer([doorbells], on_message=in_hand.append).consume()
    connection.drain_events(timeout=WAIT_S)
    return in_hand[0]


def test_a_message_in_hand_ends_nobody_when_redis_has_gone(server, url):
    connection = Connection(url)
    message = taken(connection)
    server.stop()
    channel = connection.default_channel
    channel._disconnect_pools()
    connection.transport.client = None  # how far a worker's closing has come when it gets there

    channel.close()
    message.ack()

    assert not redis_answers(url)


def test_a_message_in_hand_is_put_back_while_redis_is_there(server, url):
    with Connection(url) as connection:
        taken(connection)

    with Connection(url) as connection:
        assert connection.SimpleQueue("doorbells").get(timeout=WAIT_S).payload == "ring"


def test_what_is_in_hand_is_written_down_nowhere(server, url):
    with Connection(url) as connection, Redis.from_url(url) as redis:
        taken(connection)

        assert [key for key in redis.scan_iter() if b"_kombu.binding" not in key] == []


def test_a_redis_that_became_a_replica_is_a_connection_to_make_anew(server, url):
    with Connection(url) as connection, Redis.from_url(url) as redis:
        taken(connection)
        redis.replicaof("127.0.0.1", "1")

        with pytest.raises(connection.connection_errors):
            taken(connection)
