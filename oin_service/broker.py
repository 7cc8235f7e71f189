"""What Celery's Redis transport (kombu 5.7.0) is told to do otherwise, so that no worker ends.

It notes in Redis which messages a worker has in hand, and settles these notes through connections
that have just broken: what comes of that ends the worker. We need no such notes. Leases say who
works, and the tick rings again for what a worker that died had in hand.

And a Redis that takes no writes, because it is full or became a replica, is one to come back to.
"""

from typing import Any

from kombu.transport import redis, virtual
from redis.exceptions import ResponseError


class QoS(virtual.QoS):
    def restore_unacked(self) -> list[Any]:
        """Put back what is in hand, for the next worker, if Redis is there to take it.

        Returns:
            What needs to be told of or kept elsewhere, which is nothing.
        """
        super().restore_unacked()  # type: ignore[no-untyped-call]
        return []


class Channel(redis.Channel):
    ack_emulation = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)  # type: ignore[no-untyped-call]
        self.QoS = QoS  # type: ignore[assignment]  # as kombu does where nothing is noted


def be_patient() -> None:
    """For all of Celery's connections of this process, those through TLS too."""
    redis.Transport.Channel = Channel
    redis.Transport.connection_errors += (ResponseError,)
