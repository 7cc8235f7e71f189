"""Messages that come twice, from nobody, or make no sense."""

import base64
import json
import pickle
import uuid

from celery import current_app

from tests.faults.customer import (
    Customer,
    fresh,
    items_missing,
    pages_read,
    slow_customers,
    unsuccessful,
    wait_for_rest,
)
from tests.faults.fleet import Fleet
from tests.faults.row import Seen, row

#: The list that workers take their messages from, under the prefix of all our keys.
QUEUE = "hub:scheduled"


@row(beside=True)
def doorbells_ten_times(fleet: Fleet, seen: Seen) -> None:
    """Every doorbell ten times, in any order: each page is read once."""
    customers = slow_customers(fleet, 6, pages=2)
    runs = [customer.queue() for customer in customers]

    for _ in range(10):
        for run in runs:
            _ring(str(run.pk))
    wait_for_rest(customers)

    seen.exactly("pages read", pages_read(customers), 6 * 2)
    seen.exactly("claims", sum(fresh(run).fence for run in runs), 6)
    seen.exactly("items missing or doubled", items_missing(customers), 0)
    seen.exactly("not well", unsuccessful(customers), 0)


@row(once="sqlite")
def doorbells_forged(fleet: Fleet, seen: Seen) -> None:
    """Doorbells for no run, of no sense and in no format: all are dropped, the worker goes on."""
    customer = Customer(fleet.okta)
    pids = {worker.pid for worker in fleet.workers}

    for argument in (str(uuid.uuid4()), "no id", "", None, 7, [1], {"a": 1}, "x" * 100_000):
        _ring(argument)
    current_app.send_task("run.slice", args=[], queue="scheduled")
    current_app.send_task("run.slice", args=["a", "b"], kwargs={"run_id": "c"}, queue="scheduled")
    current_app.send_task("os.system", args=["true"], queue="scheduled")
    for message in _messages():
        fleet.redis.client.lpush(QUEUE, message)
    customer.queue()
    took_s = wait_for_rest([customer])

    seen.within("a real one done", took_s, 15)
    seen.exactly(
        "workers that ended",
        len(pids - {worker.pid for worker in fleet.workers if worker.is_alive}),
        0,
    )
    seen.exactly("left in the queue", fleet.redis.client.llen(QUEUE), 0)
    seen.exactly("not well", unsuccessful([customer]), 0)


def _ring(argument: object) -> None:
    current_app.send_task("run.slice", args=[argument])


def _messages() -> list[bytes]:
    """As only somebody can write them who has Redis's password."""
    properties = {
        "delivery_tag": "t",
        "delivery_info": {"exchange": "", "routing_key": "scheduled"},
    }
    pickled = {
        "body": base64.b64encode(pickle.dumps([["x"], {}, {}])).decode(),
        "content-type": "application/x-python-serialize",
        "content-encoding": "binary",
        "headers": {"task": "run.slice", "id": "1"},
        "properties": properties | {"body_encoding": "base64"},
    }
    bare = {"body": "e30=", "headers": {}, "properties": properties | {"body_encoding": "base64"}}
    return [json.dumps(message).encode() for message in (pickled, bare)]
